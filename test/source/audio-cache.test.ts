import { afterEach, describe, expect, test } from '@jest/globals';

import { type AudioCache, openAudioCache, openSeekableStream } from '../../plugin/core.ts';
import { type RangeServer, startRangeServer } from '../support/range-server.ts';
import { pseudoRandomBytes } from '../support/served-content.ts';
import { until } from '../support/until.ts';

const VERSION = { etag: '"v1"', lastModified: 'Tue, 03 Nov 2026 10:00:00 GMT' };
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).toReversed()) await cleanUp();
});

async function serve(length: number): Promise<{ server: RangeServer; url: string }> {
  const server = await startRangeServer();
  cleanups.push(() => server.close());
  server.mount('/track.wav', pseudoRandomBytes(length), VERSION);
  return { server, url: `${server.url}/track.wav` };
}

async function open(maxBytes?: number): Promise<AudioCache> {
  const cache = await openAudioCache({ maxBytes });
  cleanups.push(() => cache.close());
  return cache;
}

async function play(url: string, cache: AudioCache, cacheKey?: string): Promise<void> {
  const stream = await openSeekableStream(url, { cache, cacheKey });
  await stream.read();
  stream.close();
}

describe('an audio cache', () => {
  test('tells what it holds', async () => {
    const [one, other] = [await serve(700_000), await serve(300_000)];
    const cache = await open();
    await play(one.url, cache);
    await play(other.url, cache, 'other');
    const [first, second] = await cache.entries();
    expect(first).toMatchObject({ url: one.url, size: 700_000, cachedBytes: 700_000, complete: true, pinned: false });
    expect(second).toMatchObject({ url: other.url, size: 300_000, version: '"v1"' });
    expect(await cache.usage()).toEqual({ bytes: 1_000_000, maxBytes: 64 * 2 ** 20, quotaBytes: undefined });
  });

  test('forgets one track, by its URL whatever its key, or all', async () => {
    const [one, other, third] = [await serve(1000), await serve(2000), await serve(3000)];
    const cache = await open();
    await play(one.url, cache);
    await play(other.url, cache, 'other');
    await play(third.url, cache);
    await cache.remove(other.url);
    expect((await cache.entries()).map(({ size }) => size)).toEqual([1000, 3000]);
    await cache.clear();
    expect(await cache.entries()).toEqual([]);
  });

  test('finds a track under its key when the URL has changed', async () => {
    const [yesterday, today] = [await serve(1000), await serve(1000)];
    const cache = await open();
    await play(`${yesterday.url}?signature=1`, cache, 'theme');
    await play(`${today.url}?signature=2`, cache, 'theme');
    expect(today.server.askedRanges()).toEqual([]);
  });

  test('keeps to its budget, the track used last before others', async () => {
    const [one, other] = [await serve(600_000), await serve(600_000)];
    const cache = await open(1_000_000);
    await play(one.url, cache);
    await cache.entries();
    await play(other.url, cache);
    const entries = await cache.entries();
    expect(entries.find(({ url }) => url === other.url)?.complete).toBe(true);
    expect((await cache.usage()).bytes).toBeLessThanOrEqual(1_000_000);
    expect(entries.find(({ url }) => url === one.url)?.cachedBytes).toBe(262_144);
  });

  test('goes on reading a track that has been removed', async () => {
    const { url } = await serve(700_000);
    const cache = await open();
    const stream = await openSeekableStream(url, { cache });
    await stream.read(600_000);
    await cache.remove(url);
    await stream.seek(0);
    expect(await stream.read()).toHaveLength(700_000);
    stream.close();
  });

  test('rejects with closed after close, and so do its tracks', async () => {
    const { url } = await serve(700_000);
    const cache = await open();
    const stream = await openSeekableStream(url, { cache });
    cache.close();
    cache.close();
    for (const call of [cache.entries(), cache.usage(), cache.clear(), cache.remove(url), stream.read()]) {
      await expect(call).rejects.toMatchObject({ code: 'closed' });
    }
    await expect(openSeekableStream(url, { cache })).rejects.toMatchObject({ code: 'closed' });
    stream.close();
  });

  test('opens no track that was asked for before it closed', async () => {
    const { server, url } = await serve(700_000);
    for (let turns = 0; turns < 8; turns += 1) {
      const cache = await open();
      const { signal } = new AbortController();
      const reading = openSeekableStream(url, { cache, signal }).then((stream) => stream.read());
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      cache.close();
      await expect(reading).rejects.toMatchObject({ code: 'closed' });
    }
    await until(() => server.log.every(({ endedAt }) => endedAt !== undefined));
  });

  test.each([{ name: '' }, { maxBytes: -1 }, { maxBytes: Number.NaN }])('rejects %j', async (options) => {
    await expect(openAudioCache(options)).rejects.toMatchObject({ code: 'invalid-argument' });
  });
});
