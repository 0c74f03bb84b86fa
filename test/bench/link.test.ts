import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startRangeServer, type RangeServer } from '../support/range-server.ts';
import { pseudoRandomBytes } from '../support/served-content.ts';
import { NO_LIMITS, openLink, type Link } from './link.ts';

const FILE = pseudoRandomBytes(100_000);

let server: RangeServer;
let link: Link;

beforeEach(async () => {
  server = await startRangeServer({ '/file.bin': FILE });
  link = await openLink(server.url);
});

afterEach(async () => {
  await link.close();
  await server.close();
});

test('carries every byte, and counts them with their headers', async () => {
  expect(await load()).toEqual(FILE);
  expect(link.bytesUntil(Date.now())).toBeGreaterThan(FILE.length);
  expect(link.bytesUntil(0)).toBe(0);
  link.clear();
  expect(link.bytesUntil(Date.now())).toBe(0);
});

test('all connections together are no faster than the line', async () => {
  link.shape = { ...NO_LIMITS, bytesPerSecond: 500_000 };
  const startedAt = performance.now();
  await Promise.all([load(), load()]);
  expect(performance.now() - startedAt).toBeGreaterThan(380); // 400 ms of the line's time, less what a late timer makes up
});

test('every request waits for the latency', async () => {
  link.shape = { ...NO_LIMITS, latencyMs: 100 };
  const startedAt = performance.now();
  await load();
  await load();
  expect(performance.now() - startedAt).toBeGreaterThan(195);
});

test('a browser that leaves ends the request at the server', async () => {
  link.shape = { ...NO_LIMITS, bytesPerSecond: 10_000 };
  const leaving = new AbortController();
  const response = await fetch(`${link.url}/file.bin`, { signal: leaving.signal });
  leaving.abort();
  await expect(response.arrayBuffer()).rejects.toThrow();
  while (server.log[0]?.endedAt === undefined) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(link.bytesUntil(Date.now())).toBeLessThan(FILE.length);
});

async function load(): Promise<Uint8Array> {
  const response = await fetch(`${link.url}/file.bin`);
  return new Uint8Array(await response.arrayBuffer());
}
