import { afterEach, describe, expect, test } from '@jest/globals';

import type { ByteRange } from '../../plugin/errors.ts';
import { RangeClient } from '../../plugin/source/range-client.ts';
import { type KnownFile, RemoteFile } from '../../plugin/source/remote-file.ts';
import { type RequestOptions, resolveRequest } from '../../plugin/source/request-options.ts';
import { RequestSlots } from '../../plugin/source/request-slots.ts';
import { Tally } from '../../plugin/source/tally.ts';
import { inTurn, type Policy, type PolicyOf, type RangeServer, startRangeServer } from '../support/range-server.ts';
import { digest, pseudoRandomBytes } from '../support/served-content.ts';
import { until } from '../support/until.ts';

const PATH = '/track.wav';
const BYTES = pseudoRandomBytes(100_000);
const VERSION = { etag: '"v1"', lastModified: 'Tue, 03 Nov 2026 10:00:00 GMT' };
const UNTAGGED = { ...VERSION, etag: null };
const QUICK: RequestOptions = { retry: { tries: 3, baseDelayMs: 1 } };
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).toReversed()) await cleanUp();
});

async function serve(policy: PolicyOf = {}): Promise<RangeServer> {
  const server = await startRangeServer({}, policy);
  cleanups.push(() => server.close());
  server.mount(PATH, BYTES, VERSION);
  return server;
}

function urlOf(server: RangeServer): string {
  return `${server.url}${PATH}`;
}

function connect(server: RangeServer, options: RequestOptions = QUICK, known?: KnownFile): RangeClient {
  const tally = new Tally();
  const lifetime = new AbortController();
  cleanups.push(() => lifetime.abort());
  const file = new RemoteFile(urlOf(server), known);
  return new RangeClient({
    request: resolveRequest(urlOf(server), options),
    file,
    tally,
    slots: new RequestSlots(),
    signal: lifetime.signal,
    bytesBefore: () => new Uint8Array(),
    onChange: () => {},
  });
}

/** What a download brings, and where its first byte belongs. */
async function download(client: RangeClient, range: ByteRange, signal = new AbortController().signal) {
  const chunks = [];
  const options = { signal, isUrgent: () => true, onAnswer: () => {} };
  for await (const chunk of client.download(range, options)) chunks.push(chunk);
  return { start: chunks[0]?.position, bytes: digest(Buffer.concat(chunks.map(({ bytes }) => bytes))) };
}

function part(start: number, end = BYTES.length) {
  return { start, bytes: digest(BYTES.subarray(start, end)) };
}

describe('a range', () => {
  test('is asked for in one request that needs no preflight', async () => {
    const headers: Headers[] = [];
    const fetch: typeof globalThis.fetch = (url, init) => {
      headers.push(new Headers(init?.headers));
      return globalThis.fetch(url, init);
    };
    const client = connect(await serve(), { fetch });
    expect(await download(client, { start: 10, end: 20 })).toEqual(part(10, 20));
    expect(headers.map((sent) => Object.fromEntries(sent))).toEqual([{ range: 'bytes=10-19' }]);
  });

  test('that the server cuts short is asked on for', async () => {
    const server = await serve({ mostBytes: 40 });
    expect(await download(connect(server), { start: 0, end: 100 })).toEqual(part(0, 100));
    expect(server.askedRanges()).toEqual(['bytes=0-99', 'bytes=40-99', 'bytes=80-99']);
  });

  test('that breaks off is asked on for', async () => {
    const server = await serve(inTurn({ cut: 30_000 }));
    expect(await download(connect(server), { start: 5, end: 50_000 })).toEqual(part(5, 50_000));
    expect(server.askedRanges()).toEqual(['bytes=5-49999', 'bytes=30005-49999']);
  });

  test('ends with the file where its length is hidden', async () => {
    const hidden: Policy = { headers: { 'content-range': null } };
    const headless: PolicyOf = ({ method }) => (method === 'HEAD' ? { status: 405 } : hidden);
    for (const policy of [hidden, headless]) {
      const client = connect(await serve(policy));
      expect(await download(client, { start: 99_990, end: 100_090 })).toEqual(part(99_990));
      expect(client.file.size).toBe(100_000);
    }
  });

  test('is the whole file, from byte 0, on a server without Range, even where it breaks off', async () => {
    const server = await serve(({ index }) => ({ ranges: false, ...(index === 0 ? { cut: 30_000 } : {}) }));
    expect(await download(connect(server), { start: 50_000, end: 50_010 })).toEqual(part(0));
    expect(server.log).toHaveLength(2);
  });

  test('learns the final URL after redirects', async () => {
    const target = await serve();
    const server = await serve(inTurn({ status: 302, headers: { location: urlOf(target) } }));
    const client = connect(server);
    expect(await download(client, { start: 0, end: 10 })).toEqual(part(0, 10));
    expect(client.file.url).toBe(urlOf(target));
  });
});

describe('an answer is refused', () => {
  const asked = { start: 10, end: 20 };
  const lies: [string, Policy][] = [
    ['that starts at another byte', { headers: { 'content-range': 'bytes 0-9/100000' } }],
    ['that ends after the file', { headers: { 'content-range': 'bytes 10-19/15' } }],
    ['whose range and length differ', { headers: { 'content-range': 'bytes 10-18/100000' } }],
    ['that is compressed', { headers: { 'content-encoding': 'gzip' } }],
    ['of several parts', { headers: { 'content-type': 'multipart/byteranges; boundary=x' } }],
    ['longer than asked, its range hidden', { headers: { 'content-range': null, 'content-length': '11' } }],
  ];
  test.each(lies)('%s', async (_, policy) => {
    const error = { code: 'invalid-range-response', requested: asked };
    const client = connect(await serve(policy));
    await expect(download(client, asked)).rejects.toMatchObject(error);
  });

  test.each<[string, Policy, Policy, Uint8Array]>([
    ['another ETag', VERSION, { ...VERSION, etag: '"v2"' }, BYTES],
    ['another length', VERSION, VERSION, BYTES.subarray(1)],
    ['another date, without ETags', UNTAGGED, { ...UNTAGGED, lastModified: 'Wed, 04 Nov 2026 10:00:00 GMT' }, BYTES],
  ])('of %s than before', async (_, before, after, bytes) => {
    const server = await serve(before);
    const client = connect(server);
    await download(client, asked);
    server.mount(PATH, bytes);
    server.policy = after;
    await expect(download(client, asked)).rejects.toMatchObject({ code: 'resource-changed' });
  });

  test("of a captive portal in a ranged file's place", async () => {
    const server = await serve();
    const client = connect(server);
    await download(client, asked);
    server.policy = { ranges: false, etag: null, lastModified: null, noLength: true };
    await expect(download(client, asked)).rejects.toMatchObject({ code: 'invalid-range-response' });
  });

  test.each([403, 404, 410])('with status %d, which is not tried again', async (status) => {
    const server = await serve(inTurn({ status }));
    await expect(download(connect(server), asked)).rejects.toMatchObject({ code: 'http', status });
    expect(server.log).toHaveLength(1);
  });

  test('of another version than the cache recorded', async () => {
    const known = { url: '', etag: '"v0"', lastModified: undefined, size: 100_000 };
    const client = connect(await serve(), QUICK, known);
    await expect(download(client, asked)).rejects.toMatchObject({ expectedVersion: '"v0"', receivedVersion: '"v1"' });
  });
});

describe('a failure for the moment', () => {
  test.each([408, 429, 500, 503])('like status %d is tried again', async (status) => {
    const server = await serve(inTurn({ status }, { status }));
    expect(await download(connect(server), { start: 0, end: 10 })).toEqual(part(0, 10));
    expect(server.log).toHaveLength(3);
  });

  test('is tried no more than allowed', async () => {
    const server = await serve(inTurn({ status: 500 }, { status: 501 }, { status: 502 }, { status: 503 }));
    await expect(download(connect(server), { start: 0, end: 10 })).rejects.toMatchObject({ status: 502 });
  });

  test('is given up where the server asks for too long a wait', async () => {
    const server = await serve(inTurn({ status: 503, headers: { 'retry-after': '3600' } }));
    await expect(download(connect(server), { start: 0, end: 10 })).rejects.toMatchObject({ status: 503 });
    expect(server.log).toHaveLength(1);
  });
});

describe('a silent server', () => {
  test('is a timeout before the head of its answer', async () => {
    const server = await serve({ holdHead: true });
    const client = connect(server, { retry: { tries: 1 }, timeouts: { firstByteMs: 20 } });
    const error = { code: 'timeout', waitedFor: 'the first byte', timeoutMs: 20 };
    await expect(download(client, { start: 0, end: 10 })).rejects.toMatchObject(error);
    await until(() => server.log[0]?.closedEarly === true);
  });

  test('is a timeout in the middle of a body', async () => {
    const server = await serve({ hold: 10 });
    const client = connect(server, { retry: { tries: 1 }, timeouts: { stallMs: 20 } });
    const error = { code: 'timeout', waitedFor: 'more of the body' };
    await expect(download(client, { start: 0, end: 20 })).rejects.toMatchObject(error);
  });
});

test('an abort passes its reason through, between tries too', async () => {
  const server = await serve(inTurn({ status: 503 }, { status: 503 }, { status: 503 }));
  const leaving = new AbortController();
  const client = connect(server, { retry: { baseDelayMs: 10_000 } });
  const pending = download(client, { start: 0, end: 10 }, leaving.signal);
  await until(() => server.log.length === 1);
  leaving.abort('enough');
  await expect(pending).rejects.toBe('enough');
});
