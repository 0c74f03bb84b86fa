import { afterEach, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { AudioCache } from '../../plugin/source/audio-cache.ts';
import type { BlockCache } from '../../plugin/source/block-cache.ts';
import { BlockStore, type Table } from '../../plugin/source/block-store.ts';
import { MemoryTable } from '../../plugin/source/memory-table.ts';
import { type RangeServer, startRangeServer } from '../support/range-server.ts';
import { digest, pseudoRandomBytes } from '../support/served-content.ts';
import { until } from '../support/until.ts';

const BYTES = pseudoRandomBytes(600_000);
const VERSION = { etag: '"v1"' };
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).toReversed()) await cleanUp();
});

async function serve(): Promise<RangeServer> {
  const server = await startRangeServer();
  cleanups.push(() => server.close());
  server.mount('/track.wav', BYTES, VERSION);
  return server;
}

function visit(table: Table | Promise<Table>): AudioCache {
  const cache = new AudioCache({ store: new BlockStore(table), maxBytes: 2 ** 26, recentBytes: 2 ** 24 });
  cleanups.push(() => cache.close());
  return cache;
}

async function openIn(cache: AudioCache, server: RangeServer, fetch?: typeof globalThis.fetch): Promise<BlockCache> {
  const track = await cache.open(`${server.url}/track.wav`, { retry: { tries: 1 }, fetch });
  cleanups.push(() => track.close());
  return track;
}

async function readAll(track: BlockCache): Promise<string> {
  const bytes = new Uint8Array(BYTES.length);
  await track.openReader().read(0, bytes, { atLeast: bytes.length });
  return digest(bytes);
}

/** A table that holds all of the track, or its first block. */
async function filled(server: RangeServer, isWhole: boolean): Promise<MemoryTable> {
  const table = new MemoryTable();
  const cache = visit(table);
  const track = await openIn(cache, server);
  if (isWhole) await readAll(track);
  else await track.openReader().read(0, new Uint8Array(2 ** 18), { atLeast: 2 ** 18, until: 2 ** 18 });
  track.close();
  await cache.entries();
  server.clearLog();
  return table;
}

describe('a database that takes long to open', () => {
  test('holds up no start, and holds afterwards what came meanwhile', async () => {
    const server = await serve();
    let open: (table: Table) => void = () => {};
    const cache = visit(new Promise((resolve) => (open = resolve)));
    const track = await openIn(cache, server);
    expect(track.response.fromCache).toBe(false);
    expect(await readAll(track)).toBe(digest(BYTES));
    open(new MemoryTable());
    expect(await cache.entries()).toMatchObject([{ cachedBytes: BYTES.length, complete: true }]);
  });

  test('serves what it holds of a track where it opens before the server answers', async () => {
    const server = await serve();
    const table = filled(server, true);
    await table;
    server.policy = { latencyMs: 100 };
    const track = await openIn(visit(sleep(20).then(() => table)), server);
    expect(track.response.fromCache).toBe(true);
    expect(await readAll(track)).toBe(digest(BYTES));
    await until(() => server.log.every(({ endedAt }) => endedAt !== undefined));
    expect(server.askedRanges()).toEqual(['bytes=0-524287']); // which tells that the track is still the same
  });

  test('tells what it holds of a track that the server has begun to send', async () => {
    const server = await serve();
    const table = await filled(server, true);
    let open: () => void = () => {};
    const track = await openIn(visit(new Promise((resolve) => (open = () => resolve(table)))), server);
    open();
    await until(() => track.cachedRanges().some(({ end }) => end === BYTES.length));
    expect(track.response.fromCache).toBe(false);
  });

  test('serves where the server cannot be reached, and lets its failure be known where it holds nothing', async () => {
    const server = await serve();
    const table = await filled(server, false);
    server.policy = { dropHead: true };
    const track = await openIn(visit(sleep(50).then(() => table)), server);
    expect(track.response.fromCache).toBe(true);
    await expect(openIn(visit(sleep(50).then(() => new MemoryTable())), server)).rejects.toMatchObject({
      code: 'network',
    });
  });
});

describe('a database that is open, and slow', () => {
  /** Holds up each transaction once `hold` has been called. */
  class SlowTable extends MemoryTable {
    #isHeld: Promise<unknown> = Promise.resolve();

    hold(isOver: Promise<unknown>): void {
      this.#isHeld = isOver;
    }

    override async transact<Value>(...[mode, work]: Parameters<Table['transact']>): Promise<Value> {
      await this.#isHeld;
      return super.transact(mode, work) as Promise<Value>;
    }
  }

  test('holds up no start of a track of which it held nothing', async () => {
    const server = await serve();
    const table = new SlowTable();
    const cache = visit(table);
    await cache.entries();
    let release: () => void = () => {};
    table.hold(new Promise<void>((resolve) => (release = resolve)));
    cleanups.push(release);
    const track = await openIn(cache, server);
    expect(track.response.fromCache).toBe(false);
  });

  test('is asked first for a track of which it held something, or holds it since', async () => {
    const server = await serve();
    const table = await filled(server, true);
    for (const cache of [visit(table), visit(new MemoryTable())]) {
      await cache.entries();
      const track = await openIn(cache, server);
      await readAll(track);
      track.close();
      await cache.entries();
      const methods: (string | undefined)[] = []; // the server need not hear of what is ended at once
      const again = await openIn(cache, server, (url, init) => {
        methods.push(init?.method);
        return fetch(url, init);
      });
      expect(again.response.fromCache).toBe(true);
      expect(methods).not.toContain('GET'); // by HEAD a complete track is compared
    }
  });
});
