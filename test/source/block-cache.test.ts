import { afterEach, describe, expect, test } from '@jest/globals';

import { AudioCache } from '../../plugin/source/audio-cache.ts';
import type { BlockCache, BlockReader } from '../../plugin/source/block-cache.ts';
import { BlockStore } from '../../plugin/source/block-store.ts';
import { MemoryTable } from '../../plugin/source/memory-table.ts';
import { openAudioCache } from '../../plugin/source/open-audio-cache.ts';
import { inTurn, type PolicyOf, type RangeServer, startRangeServer } from '../support/range-server.ts';
import { digest, pseudoRandomBytes } from '../support/served-content.ts';
import { until } from '../support/until.ts';

const BLOCK = 256 * 1024;
const PATH = '/track.wav';
const BYTES = pseudoRandomBytes(3_000_000);
const VERSION = { etag: '"v1"', lastModified: 'Tue, 03 Nov 2026 10:00:00 GMT' };
const FAST = { retry: { tries: 3, baseDelayMs: 1 } };
const cleanups: (() => unknown)[] = [];
const renewals: unknown[] = [];

afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).toReversed()) await cleanUp();
});

async function serve(policy: PolicyOf = {}, bytes = BYTES): Promise<RangeServer> {
  const server = await startRangeServer({}, policy);
  cleanups.push(() => server.close());
  server.mount(PATH, bytes, VERSION);
  return server;
}

function urlOf(server: RangeServer): string {
  return `${server.url}${PATH}`;
}

async function openCache(): Promise<AudioCache> {
  const cache = await openAudioCache();
  cleanups.push(() => cache.close());
  return cache;
}

async function open(server: RangeServer, cache?: AudioCache): Promise<BlockCache> {
  return (cache ?? (await openCache())).open(urlOf(server), FAST);
}

async function readAll(reader: BlockReader, start: number, end: number, goal = end): Promise<Uint8Array> {
  const bytes = new Uint8Array(end - start);
  for (let position = start; position < end;) {
    const count = await reader.read(position, bytes.subarray(position - start), { until: goal });
    if (count === 0) return bytes.subarray(0, position - start);
    position += count;
  }
  return bytes;
}

describe('opening', () => {
  test('asks for two blocks and resolves before their bytes are there', async () => {
    const server = await serve({ hold: 10_000 });
    const track = await open(server);
    expect(server.askedRanges()).toEqual(['bytes=0-524287']);
    expect(track.size).toBe(3_000_000);
    expect(track.response).toEqual({
      url: urlOf(server),
      status: 206,
      statusText: 'Partial Content',
      fromCache: false,
    });
  });

  test('serves the bytes of a block that is still arriving', async () => {
    const server = await serve({ hold: 10_000 });
    const reader = (await open(server)).openReader();
    expect(digest(await readAll(reader, 0, 10_000))).toBe(digest(BYTES.subarray(0, 10_000)));
    expect(server.askedRanges()).toHaveLength(1);
  });

  test('fetches a small file with that one request', async () => {
    const bytes = pseudoRandomBytes(300_001);
    const server = await serve({}, bytes);
    const track = await open(server);
    const reader = track.openReader();
    expect(digest(await readAll(reader, 299_990, 300_100))).toBe(digest(bytes.subarray(299_990)));
    expect(digest(await readAll(reader, 0, 300_001))).toBe(digest(bytes));
    expect(server.log).toHaveLength(1);
    expect(track.cachedRanges()).toEqual([{ start: 0, end: 300_001 }]);
  });

  test('opens an empty file, ranged or not', async () => {
    for (const ranges of [true, false]) {
      const server = await serve({ ranges }, new Uint8Array());
      const track = await open(server);
      expect(await track.openReader().read(0, new Uint8Array(100))).toBe(0);
      expect(track.size).toBe(0);
      expect(server.log).toHaveLength(1);
    }
  });

  test('is one download for two who open at once, and one may leave', async () => {
    const server = await serve();
    const cache = await openCache();
    const leaving = new AbortController();
    const opening = [cache.open(urlOf(server), { signal: leaving.signal }), cache.open(urlOf(server))] as const;
    leaving.abort('left');
    await expect(opening[0]).rejects.toBe('left');
    const reader = (await opening[1]).openReader();
    expect(digest(await readAll(reader, 0, 100))).toBe(digest(BYTES.subarray(0, 100)));
    expect(server.log).toHaveLength(1);
  });

  test('ends its request when all who wait for it have left', async () => {
    const server = await serve({ holdHead: true });
    const cache = await openCache();
    const leaving = new AbortController();
    const opening = cache.open(urlOf(server), { signal: leaving.signal });
    await until(() => server.log.length === 1);
    leaving.abort(new Error('left'));
    await expect(opening).rejects.toThrow('left');
    await until(() => server.log[0]?.closedEarly === true);
  });

  test('does not remember a failure', async () => {
    const server = await serve(inTurn({ status: 404 }));
    const cache = await openCache();
    await expect(open(server, cache)).rejects.toMatchObject({ code: 'http', status: 404, statusText: 'Not Found' });
    expect((await open(server, cache)).size).toBe(3_000_000);
  });
});

describe('a stored track', () => {
  test('opens and plays without a GET, and is compared by one HEAD a page load', async () => {
    const bytes = pseudoRandomBytes(700_000);
    const server = await serve({}, bytes);
    const cache = await openCache();
    const first = await open(server, cache);
    await readAll(first.openReader(), 0, bytes.length);
    first.close();
    expect(await cache.entries()).toMatchObject([{ complete: true, cachedBytes: 700_000, version: '"v1"' }]);

    const before = server.askedRanges().length;
    for (let visit = 0; visit < 2; visit += 1) {
      const track = await open(server, cache);
      expect(track.response).toEqual({ url: urlOf(server), status: 200, statusText: 'OK', fromCache: true });
      expect(digest(await readAll(track.openReader(), 0, bytes.length))).toBe(digest(bytes));
      expect(track.stats.bytesFromCache).toBe(700_000);
      track.close();
    }
    await until(() => server.log.some(({ method }) => method === 'HEAD'));
    expect(server.askedRanges()).toHaveLength(before);
    expect(server.log.filter(({ method }) => method === 'HEAD')).toHaveLength(1);
  });

  test('that is complete and has changed plays to its end, and is new at the next opening', async () => {
    const bytes = pseudoRandomBytes(700_000);
    const server = await serve({}, bytes);
    const cache = await openCache();
    const first = await open(server, cache);
    await readAll(first.openReader(), 0, bytes.length);
    first.close();
    await cache.entries();

    const changed = pseudoRandomBytes(700_000, 2);
    server.mount(PATH, changed, { ...VERSION, etag: '"v2"' });
    const old = await open(server, cache);
    await until(() => old.isOutdated);
    expect(digest(await readAll(old.openReader(), 0, bytes.length))).toBe(digest(bytes));
    const renewed = await open(server, cache);
    expect(renewed.response.fromCache).toBe(false);
    expect(digest(await readAll(renewed.openReader(), 0, 700_000))).toBe(digest(changed));
    renewed.close();
    expect(await cache.entries()).toMatchObject([{ complete: true, version: '"v2"' }]);
  });

  test.each<[string, PolicyOf]>([
    ['has validators of its own in every answer', ({ headers }) => ({ etag: `"${String(renewals.push(headers))}"` })],
    [
      'tells the length of nothing by HEAD',
      ({ method }) => (method === 'HEAD' ? { headers: { 'content-length': '0' } } : {}),
    ],
  ])('that is complete has not changed where its server %s', async (_, policy) => {
    const server = await serve(policy, pseudoRandomBytes(300_000));
    const cache = await openCache();
    const first = await open(server, cache);
    await readAll(first.openReader(), 0, 300_000);
    first.close();
    await cache.entries();

    server.clearLog();
    const track = await open(server, cache);
    await until(() => server.log.length === 2 && server.log[1]?.endedAt !== undefined);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(track.isOutdated).toBe(false);
    expect(server.log.map(({ method, headers }) => [method, headers.range])).toEqual([
      ['HEAD', 'bytes=0-'],
      ['GET', 'bytes=0-0'],
    ]);
  });

  test('that was found to be outdated is no part of the new version, though nothing tells the two apart', async () => {
    const store = new BlockStore(new MemoryTable());
    const visit = (): AudioCache => new AudioCache({ store, maxBytes: 2 ** 26, recentBytes: 2 ** 24 });
    const server = await serve({}, pseudoRandomBytes(1_000_000));
    const former = visit();
    const first = await open(server, former);
    await readAll(first.openReader(), 0, 1_000_000);
    first.close();
    await former.entries();
    const changed = pseudoRandomBytes(1_000_000, 2);
    server.mount(PATH, changed, { ...VERSION, etag: '"v2"' });
    const old = await open(server, former);
    await until(() => old.isOutdated);
    await former.entries();

    server.policy = ({ method }) =>
      method === 'HEAD'
        ? { status: 405 }
        : { etag: null, lastModified: null, noLength: true, headers: { 'content-range': null } };
    const renewed = await open(server, visit());
    cleanups.push(() => renewed.close());
    expect(digest(await readAll(renewed.openReader(), 0, 1_000_000))).toBe(digest(changed));
  });

  test('that is incomplete and has changed rejects with resource-changed, and is new at the next opening', async () => {
    const server = await serve();
    const cache = await openCache();
    const first = await open(server, cache);
    await readAll(first.openReader(), 0, BLOCK);
    first.close();
    await cache.entries();

    const changed = pseudoRandomBytes(3_000_000, 2);
    server.mount(PATH, changed, { ...VERSION, etag: '"v2"' });
    const stale = await open(server, cache);
    expect(stale.response.fromCache).toBe(true);
    const reader = stale.openReader();
    await expect(readAll(reader, 1_000_000, 1_000_100)).rejects.toMatchObject({
      code: 'resource-changed',
      expectedVersion: '"v1"',
      receivedVersion: '"v2"',
    });
    await expect(reader.read(0, new Uint8Array(1))).rejects.toMatchObject({ code: 'resource-changed' });
    const renewed = await open(server, cache);
    expect(digest(await readAll(renewed.openReader(), 0, 100))).toBe(digest(changed.subarray(0, 100)));
  });
});

test('what a former opening stores late is not counted on while nothing shows that it is of the same version', async () => {
  let writeOn = (): void => {};
  const written = new Promise<void>((resolve) => (writeOn = resolve));
  class SlowStore extends BlockStore {
    override async write(...block: Parameters<BlockStore['write']>) {
      await written;
      return super.write(...block);
    }
  }
  const server = await serve({ ranges: false, noLength: true });
  const cache = new AudioCache({ store: new SlowStore(new MemoryTable()), maxBytes: 2 ** 26, recentBytes: 2 ** 24 });
  const former = await open(server, cache);
  await readAll(former.openReader(), 0, 4_000_000); // only now the size is known, and blocks can be stored
  former.close();

  server.policy = { ranges: false, noLength: true, hold: 300_000 };
  const track = await open(server, cache);
  cleanups.push(() => track.close());
  const reading = readAll(track.openReader(), 0, 600_000);
  await until(() => track.cachedRanges().length > 0);
  writeOn();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(track.cachedRanges()).toEqual([{ start: 0, end: BLOCK }]);
  server.release();
  expect(digest(await reading)).toBe(digest(BYTES.subarray(0, 600_000)));
});

describe('runs', () => {
  test('a seek is one request, from the block at the position to the goal', async () => {
    const server = await serve();
    const reader = (await open(server)).openReader();
    const start = 5 * BLOCK + 10;
    const bytes = await readAll(reader, start, start + 4 * BLOCK, start + 4 * BLOCK);
    expect(digest(bytes)).toBe(digest(BYTES.subarray(start, start + 4 * BLOCK)));
    expect(server.askedRanges().slice(1)).toEqual([`bytes=${5 * BLOCK}-${10 * BLOCK - 1}`]);
  });

  test('reads inside held and arriving blocks cost no request', async () => {
    const server = await serve();
    const reader = (await open(server)).openReader();
    await readAll(reader, 0, 2 * BLOCK);
    await Promise.all([readAll(reader, 100, 500), readAll(reader, 2 * BLOCK - 5, 2 * BLOCK), readAll(reader, 7, 8)]);
    expect(server.log).toHaveLength(1);
  });

  test('never ask for bytes past the end, and end before a block that is held', async () => {
    const server = await serve();
    const reader = (await open(server)).openReader();
    await readAll(reader, 2_999_000, 3_000_000, Infinity);
    await readAll(reader, 10 * BLOCK, 10 * BLOCK + 1, Infinity);
    expect(server.askedRanges().slice(1)).toEqual([
      `bytes=${11 * BLOCK}-2999999`,
      `bytes=${10 * BLOCK}-${11 * BLOCK - 1}`,
    ]);
  });

  test('a jump ends the run that is left, and keeps its whole blocks', async () => {
    const server = await serve({ hold: BLOCK + 1000 });
    const track = await open(server);
    const reader = track.openReader();
    await readAll(reader, 0, BLOCK + 1000);
    server.policy = {};
    await readAll(reader, 8 * BLOCK, 8 * BLOCK + 10);
    await until(() => server.log[0]?.closedEarly === true);
    expect(track.cachedRanges()[0]).toEqual({ start: 0, end: BLOCK });
  });

  test('two readers far apart in one large block share its request', async () => {
    const server = await serve({ latencyMs: 20 });
    const cache = await openCache();
    const options = { ...FAST, blockBytes: 2 ** 20 };
    const tracks = await Promise.all([cache.open(urlOf(server), options), cache.open(urlOf(server), options)]);
    const [near, far] = tracks.map((track) => track.openReader()) as [BlockReader, BlockReader];
    const [first, last] = [2 ** 20 + 10, 2 * 2 ** 20 - 10];
    const bytes = await Promise.all([readAll(near, first, first + 10), readAll(far, last, last + 10)]);
    expect(bytes).toEqual([BYTES.slice(first, first + 10), BYTES.slice(last, last + 10)]);
    expect(server.askedRanges().slice(1)).toEqual([`bytes=${2 ** 20}-${2 * 2 ** 20 - 1}`]);
  });

  test('a run goes on while another reader wants it', async () => {
    const server = await serve({ hold: 1000 });
    const cache = await openCache();
    const [one, other] = [await open(server, cache), await open(server, cache)];
    const [leaving, staying] = [one.openReader(), other.openReader()];
    const pending = readAll(staying, 0, 2 * BLOCK);
    await readAll(leaving, 0, 1000);
    leaving.release();
    one.close();
    server.release();
    expect(digest(await pending)).toBe(digest(BYTES.subarray(0, 2 * BLOCK)));
    expect(server.log).toHaveLength(1);
  });

  test('release ends a request that only this reader wanted', async () => {
    const server = await serve({ hold: 1000 });
    const reader = (await open(server)).openReader();
    await readAll(reader, 0, 1000);
    reader.release();
    await until(() => server.log[0]?.closedEarly === true);
  });

  test('a reader that closes while its read ends asks for nothing more', async () => {
    const server = await serve();
    for (let turns = 0; turns < 8; turns += 1) {
      server.clearLog();
      const cache = await openCache();
      const track = await open(server, cache);
      const reader = track.openReader();
      await readAll(reader, 0, 250_000);
      await until(() => track.cachedRanges()[0]?.end === 2 * BLOCK);
      const reading = reader.read(250_000, new Uint8Array(250_000)).catch(() => {});
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      reader.close();
      await reading;
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(server.log.slice(1).filter(({ closedEarly }) => !closedEarly)).toEqual([]);
    }
  });

  test("one read's abort passes its reason through and fails no other", async () => {
    const server = await serve({ hold: 1000 });
    const reader = (await open(server)).openReader();
    const leaving = new AbortController();
    const bytes = new Uint8Array(10);
    const aborted = reader.read(5000, new Uint8Array(10), { signal: leaving.signal });
    const other = reader.read(5000, bytes);
    leaving.abort('enough');
    await expect(aborted).rejects.toBe('enough');
    server.release();
    expect(await other).toBe(10);
    expect(bytes).toEqual(BYTES.subarray(5000, 5010));
  });

  test('an error is not remembered', async () => {
    const server = await serve();
    const reader = (await open(server)).openReader();
    server.policy = inTurn({ status: 403 });
    await expect(reader.read(2_000_000, new Uint8Array(10))).rejects.toMatchObject({ code: 'http', status: 403 });
    expect(digest(await readAll(reader, 2_000_000, 2_000_010))).toBe(digest(BYTES.subarray(2_000_000, 2_000_010)));
  });

  test('close rejects reads that wait, and ends every request', async () => {
    const server = await serve({ hold: 1000 });
    const track = await open(server);
    const reader = track.openReader();
    const pending = reader.read(5000, new Uint8Array(10));
    track.close();
    track.close();
    await expect(pending).rejects.toMatchObject({ code: 'closed' });
    await expect(reader.read(0, new Uint8Array(1))).rejects.toMatchObject({ code: 'closed' });
    await until(() => server.log[0]?.closedEarly === true);
  });
});

describe('a server without Range', () => {
  test('sends its file once, for readers anywhere in it', async () => {
    const server = await serve({ ranges: false });
    const cache = await openCache();
    const [one, other] = [await open(server, cache), await open(server, cache)];
    const [ahead, behind] = await Promise.all([
      readAll(one.openReader(), 2_500_000, 2_500_010),
      readAll(other.openReader(), 0, 100),
    ]);
    expect(ahead).toEqual(BYTES.subarray(2_500_000, 2_500_010));
    expect(behind).toEqual(BYTES.subarray(0, 100));
    expect(one.response).toMatchObject({ status: 200, statusText: 'OK' });
    expect(server.log).toHaveLength(1);
  });

  test('waits for its readers where no more can be held', async () => {
    const bytes = pseudoRandomBytes(12 * 2 ** 20);
    const server = await serve({ ranges: false }, bytes);
    const track = await open(
      server,
      new AudioCache({ store: new BlockStore(new MemoryTable()), maxBytes: 0, recentBytes: 8 * 2 ** 20 }),
    );
    cleanups.push(() => track.close());
    const reader = track.openReader();
    await reader.read(0, new Uint8Array(100));
    await until(() => track.stats.bytesReceived >= 4 * 2 ** 20);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(track.stats.bytesReceived).toBeLessThan(5 * 2 ** 20);
    expect(await readAll(reader, bytes.length - 10, bytes.length)).toEqual(bytes.subarray(-10));
    expect(await readAll(reader, 0, 10)).toEqual(bytes.subarray(0, 10));
    expect(server.log).toHaveLength(2);
  });

  test('reads on as far as one read needs, though blocks are larger than what may be held', async () => {
    const server = await serve({ ranges: false });
    const backend = { store: new BlockStore(new MemoryTable()), maxBytes: 0, recentBytes: 2 ** 20 };
    const cache = new AudioCache(backend);
    const track = await cache.open(urlOf(server), { ...FAST, blockBytes: 2 ** 20 });
    cleanups.push(() => track.close());
    const bytes = new Uint8Array(2 ** 20);
    expect(await track.openReader().read(2 ** 20, bytes, { atLeast: bytes.length })).toBe(bytes.length);
    expect(digest(bytes)).toBe(digest(BYTES.subarray(2 ** 20, 2 * 2 ** 20)));
  });

  test('tells its size at the end where no header does', async () => {
    const server = await serve({ ranges: false, noLength: true });
    const track = await open(server);
    expect(track.size).toBeUndefined();
    expect(digest(await readAll(track.openReader(), 0, 4_000_000))).toBe(digest(BYTES));
    expect(track.size).toBe(3_000_000);
    expect(server.log).toHaveLength(1);
  });
});

test('listeners hear of what has changed, once a turn', async () => {
  const server = await serve({}, pseudoRandomBytes(1_000_000));
  const track = await open(server);
  const heard: number[] = [];
  track.subscribe(() => heard.push(track.cachedRanges().length));
  await readAll(track.openReader(), 0, 2 * BLOCK);
  await until(() => heard.at(-1) === 1);
  track.close();
  const calls = heard.length;
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(heard).toHaveLength(calls);
});
