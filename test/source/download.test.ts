import { afterEach, describe, expect, test } from '@jest/globals';

import { openAudioCache, openSeekableStream } from '../../plugin/core.ts';
import { type RangeServer, startRangeServer } from '../support/range-server.ts';
import { digest, pseudoRandomBytes } from '../support/served-content.ts';

const MIB = 2 ** 20;
const SIZE = 5 * MIB + 7;
const BYTES = pseudoRandomBytes(SIZE);
const OTHER = pseudoRandomBytes(3 * MIB, 2);
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).toReversed()) await cleanUp();
});

async function setUp(maxBytes = 64 * MIB) {
  const server = await startRangeServer({ '/track.wav': BYTES, '/other.wav': OTHER });
  const cache = await openAudioCache({ maxBytes });
  cleanups.push(
    () => server.close(),
    () => cache.close(),
  );
  return { server, cache, url: `${server.url}/track.wav`, other: `${server.url}/other.wav` };
}

/** Reads all of a track through the cache, and gives its digest and the GETs that it took. */
async function readAll(server: RangeServer, cache: Awaited<ReturnType<typeof openAudioCache>>, url: string) {
  server.clearLog();
  const stream = await openSeekableStream(url, { cache });
  const bytes = digest(await stream.read());
  stream.close();
  return { bytes, gets: server.askedRanges().length };
}

describe('a download', () => {
  test('keeps a whole track, pinned, and tells how far it is', async () => {
    const { server, cache, url } = await setUp();
    const seen: number[] = [];
    await cache.download(url, { onProgress: ({ loadedBytes }) => seen.push(loadedBytes) });
    expect(await cache.entries()).toMatchObject([{ url, size: SIZE, cachedBytes: SIZE, complete: true, pinned: true }]);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect([seen[0], seen.at(-1)]).toEqual([0, SIZE]);
    expect(await readAll(server, cache, url)).toEqual({ bytes: digest(BYTES), gets: 0 });
  });

  test('asks only for what is missing, also after an abort', async () => {
    const { server, cache, url } = await setUp();
    server.policy = { bytesPerSecond: 20 * MIB };
    const leaving = new AbortController();
    const onProgress = ({ loadedBytes }: { loadedBytes: number }): void => {
      if (loadedBytes >= 2 * MIB) leaving.abort('enough');
    };
    await expect(cache.download(url, { signal: leaving.signal, onProgress })).rejects.toBe('enough');
    const [entry] = await cache.entries();
    expect(entry).toMatchObject({ complete: false, pinned: false });
    expect(entry?.cachedBytes).toBeGreaterThanOrEqual(2 * MIB);

    server.clearLog();
    await cache.download(url);
    expect(server.bytesWritten('/track.wav')).toBe(SIZE - (entry?.cachedBytes ?? 0));
    expect(await cache.entries()).toMatchObject([{ complete: true, pinned: true }]);
  });

  test('of a server without Range, or without lengths, is whole too', async () => {
    for (const policy of [
      { ranges: false },
      { ranges: false, noLength: true },
      { headers: { 'content-range': null } },
    ]) {
      const { server, cache, url } = await setUp();
      server.policy = policy;
      await cache.download(url);
      expect(await cache.entries()).toMatchObject([{ complete: true, cachedBytes: SIZE, pinned: true }]);
      expect(await readAll(server, cache, url)).toEqual({ bytes: digest(BYTES), gets: 0 });
    }
  });

  test('of more than may wait to be written comes once, though only its end tells that it can be stored', async () => {
    const { server, cache, url } = await setUp();
    const bytes = pseudoRandomBytes(12 * MIB + 1, 3);
    server.mount('/track.wav', bytes, { ranges: false, noLength: true });
    await cache.download(url);
    expect(await cache.entries()).toMatchObject([{ complete: true, cachedBytes: bytes.length, pinned: true }]);
    expect(server.askedRanges()).toHaveLength(1);
  });

  test('that does not fit beside what is pinned is refused, and nothing goes for it', async () => {
    const { server, cache, url, other } = await setUp(7 * MIB);
    await cache.download(other);
    const refusal = { code: 'cache-full', url, neededBytes: SIZE, availableBytes: 4 * MIB };
    await expect(cache.download(url)).rejects.toMatchObject(refusal);
    await expect(cache.pin(url)).rejects.toMatchObject(refusal);
    expect(await readAll(server, cache, other)).toEqual({ bytes: digest(OTHER), gets: 0 });
    await cache.unpin(other);
    await cache.download(url);
    expect((await cache.entries()).find((entry) => entry.url === url)).toMatchObject({ complete: true, pinned: true });
    expect((await cache.usage()).bytes).toBeLessThanOrEqual(7 * MIB);
  });

  test('of a file that may not be stored is refused', async () => {
    const { server, cache, url } = await setUp();
    server.policy = { headers: { 'cache-control': 'no-store' } };
    await expect(cache.download(url)).rejects.toMatchObject({ code: 'cache-full' });
    expect(await cache.entries()).toEqual([]);
  });

  test('that the network ends keeps what it has, and its reason is told', async () => {
    const { server, cache, url } = await setUp();
    server.policy = ({ range }) => (range !== undefined && range.start > 0 ? { status: 404 } : {});
    await expect(cache.download(url)).rejects.toMatchObject({ code: 'http', status: 404 });
    expect(await cache.entries()).toMatchObject([{ complete: false, pinned: false, cachedBytes: 2 ** 19 }]);
  });
});

describe('a pin', () => {
  test('keeps a track through the eviction that others cause', async () => {
    const { server, cache, url, other } = await setUp(7 * MIB);
    await cache.pin(other);
    expect(await cache.entries()).toMatchObject([{ url: other, pinned: true, complete: false }]);
    expect((await readAll(server, cache, other)).bytes).toBe(digest(OTHER));
    expect((await readAll(server, cache, url)).bytes).toBe(digest(BYTES));
    expect(await readAll(server, cache, other)).toEqual({ bytes: digest(OTHER), gets: 0 });
    expect((await cache.usage()).bytes).toBeLessThanOrEqual(7 * MIB);
  });

  test('is found under the URL that a redirect led to, and under a key', async () => {
    const { cache, url } = await setUp();
    await cache.download(`${url}?signed=1`, { cacheKey: url });
    expect(await cache.entries()).toMatchObject([{ url: `${url}?signed=1`, pinned: true }]);
    await cache.unpin(url);
    expect(await cache.entries()).toMatchObject([{ pinned: false }]);
    await cache.pin(`${url}?signed=1`);
    expect(await cache.entries()).toMatchObject([{ pinned: true, complete: true }]);
    await cache.unpin('http://nowhere.example/');
  });
});
