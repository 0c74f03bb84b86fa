import { afterEach, describe, expect, test } from '@jest/globals';

import type { ByteRange } from '../../plugin/errors.ts';
import { RangeClient } from '../../plugin/source/range-client.ts';
import { type KnownFile, RemoteFile } from '../../plugin/source/remote-file.ts';
import { type RequestOptions, resolveRequest } from '../../plugin/source/request-options.ts';
import { type Behaviour, digest, pseudoRandomBytes, SupportServer, until } from './support-server.ts';

const BYTES = pseudoRandomBytes(100_000);
const QUICK: RequestOptions = { retry: { tries: 3, baseDelayMs: 1 } };
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).toReversed()) await cleanUp();
});

async function serve(behaviour: Partial<Behaviour> = {}): Promise<SupportServer> {
  const server = await SupportServer.start({ bytes: BYTES, ...behaviour });
  cleanups.push(() => server.stop());
  return server;
}

function connect(server: SupportServer, options: RequestOptions = QUICK, known?: KnownFile): RangeClient {
  const tally = { requests: 0, bytesReceived: 0, bytesFromCache: 0 };
  const lifetime = new AbortController();
  cleanups.push(() => lifetime.abort());
  const file = new RemoteFile(server.url, known);
  return new RangeClient(resolveRequest(server.url, options), file, tally, lifetime.signal, () => {});
}

/** What a download brings, and where its first byte belongs. */
async function download(client: RangeClient, range: ByteRange, signal = new AbortController().signal) {
  const chunks = [];
  for await (const chunk of client.download(range, signal, () => {})) chunks.push(chunk);
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
    expect(server.ranges).toEqual(['bytes=0-99', 'bytes=40-99', 'bytes=80-99']);
  });

  test('that breaks off is asked on for', async () => {
    const server = await serve({ breakAfter: 30_000 });
    expect(await download(connect(server), { start: 5, end: 50_000 })).toEqual(part(5, 50_000));
    expect(server.ranges).toEqual(['bytes=5-49999', 'bytes=30005-49999']);
  });

  test('ends with the file where its length is hidden', async () => {
    for (const headStatus of [200, 405]) {
      const client = connect(await serve({ contentRange: false, headStatus }));
      expect(await download(client, { start: 99_990, end: 100_090 })).toEqual(part(99_990));
      expect(client.file.size).toBe(100_000);
    }
  });

  test('is the whole file, from byte 0, on a server without Range, even where it breaks off', async () => {
    const server = await serve({ ranges: false, breakAfter: 30_000 });
    expect(await download(connect(server), { start: 50_000, end: 50_010 })).toEqual(part(0));
    expect(server.requests).toHaveLength(2);
  });

  test('learns the final URL after redirects', async () => {
    const target = await serve();
    const server = await serve({ failures: [302], headers: { location: target.url } });
    const client = connect(server);
    expect(await download(client, { start: 0, end: 10 })).toEqual(part(0, 10));
    expect(client.file.url).toBe(target.url);
  });
});

describe('an answer is refused', () => {
  const asked = { start: 10, end: 20 };
  const lies: [string, Partial<Behaviour>][] = [
    ['that starts at another byte', { headers: { 'content-range': 'bytes 0-9/100000' } }],
    ['that ends after the file', { headers: { 'content-range': 'bytes 10-19/15' } }],
    ['whose range and length differ', { headers: { 'content-range': 'bytes 10-18/100000' } }],
    ['that is compressed', { headers: { 'content-encoding': 'gzip' } }],
    ['of several parts', { headers: { 'content-type': 'multipart/byteranges; boundary=x' } }],
    ['longer than asked, its range hidden', { contentRange: false, headers: { 'content-length': '11' } }],
  ];
  test.each(lies)('%s', async (_, behaviour) => {
    const error = { code: 'invalid-range-response', requested: asked };
    const client = connect(await serve(behaviour));
    await expect(download(client, asked)).rejects.toMatchObject(error);
  });

  test.each([
    ['another ETag', { etag: '"v2"' }],
    ['another length', { bytes: BYTES.subarray(1) }],
    ['another date, without ETags', { etag: undefined, lastModified: 'Wed, 04 Nov 2026 10:00:00 GMT' }],
  ])('of %s than before', async (_, change) => {
    const server = await serve('etag' in change && change.etag === undefined ? { etag: undefined } : {});
    const client = connect(server);
    await download(client, asked);
    Object.assign(server.behaviour, change);
    await expect(download(client, asked)).rejects.toMatchObject({ code: 'resource-changed' });
  });

  test("of a captive portal in a ranged file's place", async () => {
    const server = await serve();
    const client = connect(server);
    await download(client, asked);
    Object.assign(server.behaviour, { ranges: false, etag: undefined, lastModified: undefined, length: false });
    await expect(download(client, asked)).rejects.toMatchObject({ code: 'invalid-range-response' });
  });

  test.each([403, 404, 410])('with status %d, which is not tried again', async (status) => {
    const server = await serve({ failures: [status] });
    await expect(download(connect(server), asked)).rejects.toMatchObject({ code: 'http', status });
    expect(server.requests).toHaveLength(1);
  });

  test('of another version than the cache recorded', async () => {
    const known = { url: '', etag: '"v0"', lastModified: undefined, size: 100_000 };
    const client = connect(await serve(), QUICK, known);
    await expect(download(client, asked)).rejects.toMatchObject({ expectedVersion: '"v0"', receivedVersion: '"v1"' });
  });
});

describe('a failure for the moment', () => {
  test.each([408, 429, 500, 503])('like status %d is tried again', async (status) => {
    const server = await serve({ failures: [status, status] });
    expect(await download(connect(server), { start: 0, end: 10 })).toEqual(part(0, 10));
    expect(server.requests).toHaveLength(3);
  });

  test('is tried no more than allowed', async () => {
    const server = await serve({ failures: [500, 501, 502, 503] });
    await expect(download(connect(server), { start: 0, end: 10 })).rejects.toMatchObject({ status: 502 });
  });

  test('is given up where the server asks for too long a wait', async () => {
    const server = await serve({ failures: [503], headers: { 'retry-after': '3600' } });
    await expect(download(connect(server), { start: 0, end: 10 })).rejects.toMatchObject({ status: 503 });
    expect(server.requests).toHaveLength(1);
  });
});

describe('a silent server', () => {
  test('is a timeout before the head of its answer', async () => {
    const server = await serve({ holdsHead: true });
    const client = connect(server, { retry: { tries: 1 }, timeouts: { firstByteMs: 20 } });
    const error = { code: 'timeout', waitedFor: 'the first byte', timeoutMs: 20 };
    await expect(download(client, { start: 0, end: 10 })).rejects.toMatchObject(error);
    await until(() => server.requests[0]?.isAborted === true);
  });

  test('is a timeout in the middle of a body', async () => {
    const server = await serve({ holdAfter: 10 });
    const client = connect(server, { retry: { tries: 1 }, timeouts: { stallMs: 20 } });
    const error = { code: 'timeout', waitedFor: 'more of the body' };
    await expect(download(client, { start: 0, end: 20 })).rejects.toMatchObject(error);
  });
});

test('an abort passes its reason through, between tries too', async () => {
  const server = await serve({ failures: [503, 503, 503] });
  const leaving = new AbortController();
  const client = connect(server, { retry: { baseDelayMs: 10_000 } });
  const pending = download(client, { start: 0, end: 10 }, leaving.signal);
  await until(() => server.requests.length === 1);
  leaving.abort('enough');
  await expect(pending).rejects.toBe('enough');
});
