import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type Chromium, launchChromium, type TestPage } from '../support/chromium.ts';
import { mountHarness } from '../support/game.ts';
import { readIndexedDb, sha256Of } from '../support/idb.ts';
import { type RangeServer, startRangeServer } from '../support/range-server.ts';
import { makeWav } from '../support/wav.ts';

const BLOCK_BYTES = 256 * 2 ** 10;
const file = makeWav({ seconds: 10 });
const other = makeWav({ seconds: 10, seed: 2 });

let profile: string;
let chromium: Chromium;
let server: RangeServer;
let page: TestPage;

beforeAll(async () => {
  server = await startRangeServer();
  mountHarness(server);
});

afterAll(() => server.close());

beforeEach(async () => {
  server.mount('/file.wav', file);
  profile = mkdtempSync(path.join(tmpdir(), 'profile-'));
  await start();
  server.policy = {};
});

afterEach(async () => {
  expect(page.errors).toEqual([]);
  await chromium.close();
  rmSync(profile, { recursive: true, force: true });
});

async function start(): Promise<void> {
  chromium = await launchChromium({ profile });
  page = await chromium.open(`${server.url}/`);
  await page.until(() => window.harness);
  server.clearLog();
}

/** Reads the whole file through a cache of the default name, and gives its hash. */
function readAll(maxBytes: number = 2 ** 29): Promise<string> {
  return page.evaluate(async (budget) => {
    const { openAudioCache, openSeekableStream } = window.harness.library;
    const cache = await openAudioCache({ maxBytes: budget });
    const stream = await openSeekableStream('/file.wav', { cache });
    const bytes = await stream.read();
    stream.close();
    await cache.usage(); // what has arrived is written
    cache.close();
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
  }, maxBytes);
}

const gets = (): number =>
  server.log.filter(({ method, path: asked }) => method === 'GET' && asked === '/file.wav').length;

test('keeps exact blocks as bare ArrayBuffers, also over a restart of the browser, and then needs no request for them', async () => {
  expect(await readAll()).toBe(sha256Of(file));
  const blocks = (await readIndexedDb(page)).filter(({ bytes }) => bytes !== undefined);
  expect(blocks).toHaveLength(Math.ceil(file.length / BLOCK_BYTES));
  for (const { key, bytes } of blocks) {
    const index = Array.isArray(key) ? Number(key.at(-1)) : Number.NaN;
    const part = file.subarray(index * BLOCK_BYTES, (index + 1) * BLOCK_BYTES);
    expect(bytes).toEqual({
      kind: 'ArrayBuffer',
      byteLength: part.length,
      storedByteLength: part.length,
      sha256: sha256Of(part),
    });
  }

  await chromium.close();
  await start();
  expect(await readAll()).toBe(sha256Of(file));
  expect(gets()).toBe(0);
});

test('holds no more than its budget', async () => {
  expect(await readAll(4 * BLOCK_BYTES)).toBe(sha256Of(file));
  const blocks = (await readIndexedDb(page)).filter(({ bytes }) => bytes !== undefined);
  const held = blocks.reduce((sum, { bytes }) => sum + (bytes?.byteLength ?? 0), 0);
  expect(held).toBeGreaterThan(0);
  expect(held).toBeLessThanOrEqual(4 * BLOCK_BYTES);
});

test('never mixes a changed file with the blocks of the old one, and comes to read the new one', async () => {
  expect(await readAll()).toBe(sha256Of(file));
  server.mount('/file.wav', other);
  // A visit that ends before the server has answered reads the old blocks, and so may the next one.
  for (let hash = ''; hash !== sha256Of(other);) {
    await page.page.reload();
    await page.until(() => window.harness);
    hash = await readAll();
    expect([sha256Of(file), sha256Of(other)]).toContain(hash);
  }
});

test('reads on from the network when the database is deleted under it', async () => {
  const hash = await page.evaluate(async () => {
    const { openAudioCache, openSeekableStream } = window.harness.library;
    const cache = await openAudioCache();
    const stream = await openSeekableStream('/file.wav', { cache });
    await stream.read(600_000);
    await cache.usage();
    await new Promise((resolve, reject) => {
      const request = indexedDB.deleteDatabase('phaser-streaming-audio');
      request.addEventListener('success', resolve);
      request.addEventListener('error', reject);
    });
    await stream.seek(0);
    const bytes = await stream.read();
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    stream.close();
    cache.close();
    return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  });
  expect(hash).toBe(sha256Of(file));
});
