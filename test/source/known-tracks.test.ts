import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { AudioCache } from '../../plugin/source/audio-cache.ts';
import { BlockStore, type Table, type TrackRecord } from '../../plugin/source/block-store.ts';
import { MemoryTable } from '../../plugin/source/memory-table.ts';
import { type RangeServer, startRangeServer } from '../support/range-server.ts';
import { digest, pseudoRandomBytes } from '../support/served-content.ts';
import { recordOf } from '../support/track-record.ts';

const BLOCK = 2 ** 19; // two of them are all that is read ahead

const first = pseudoRandomBytes(BLOCK).buffer as ArrayBuffer;

/** Counts its transactions, and holds them up while told to. */
class WatchedTable extends MemoryTable {
  transactions = 0;
  hold: Promise<void> = Promise.resolve();

  override async transact<Value>(...[mode, work]: Parameters<Table['transact']>): Promise<Value> {
    this.transactions += 1;
    await this.hold;
    return super.transact(mode, work) as Promise<Value>;
  }
}

function recordAt(lastUsed: number): TrackRecord {
  return recordOf(`used at ${lastUsed}`, { lastUsed, blockBytes: BLOCK, size: 10 * BLOCK });
}

/** A table of three tracks, with the first block of each, as another visit has left it. */
async function filled(): Promise<WatchedTable> {
  const table = new WatchedTable();
  const store = new BlockStore(table);
  for (const lastUsed of [3, 1, 2]) await store.write(recordAt(lastUsed), new Map([[0, first]]), Infinity);
  return table;
}

/** A store that has read what it reads when it is opened. */
async function open(table: WatchedTable): Promise<BlockStore> {
  const store = new BlockStore(table);
  await store.list(); // behind it
  table.transactions = 0;
  return store;
}

describe('the beginnings of the tracks used last', () => {
  test('are read when the store is opened, as many as 1 MiB holds, and handed out once', async () => {
    const table = await filled();
    const store = await open(table);
    for (const [lastUsed, transactions] of [
      [3, 0],
      [2, 0],
      [1, 1],
      [3, 2],
    ] as const) {
      const start = await store.findStart(`used at ${lastUsed}`);
      expect(start).toMatchObject({ record: recordAt(lastUsed), first });
      expect(table.transactions).toBe(transactions);
    }
  });

  test('are found without a block that is damaged', async () => {
    const table = await filled();
    const { key, etag } = recordAt(3);
    await table.transact('readwrite', async (rows) =>
      rows.putBlock([key, etag ?? '', BLOCK, 0], new ArrayBuffer(BLOCK)),
    );
    const store = await open(table);
    expect(await store.findStart(key)).toMatchObject({ record: recordAt(3), first: undefined });
    expect(table.transactions).toBe(0);
  });

  const changes: Record<string, (store: BlockStore) => Promise<unknown>> = {
    writes: (store) => store.write(recordAt(3), new Map([[1, first]]), Infinity),
    pins: (store) => store.pin('used at 3', true),
    removes: (store) => store.remove('used at 3'),
    clears: (store) => store.clear(),
  };

  test.each(Object.keys(changes))('are not those from before the page %s', async (name) => {
    for (const isLate of [true, false]) {
      const table = await filled();
      let release = (): void => {};
      if (!isLate) table.hold = new Promise((resolve) => (release = resolve));
      const store = isLate ? await open(table) : new BlockStore(table);
      const changed = changes[name]?.(store);
      release();
      await changed;
      await store.list();
      expect(await store.findStart('used at 3')).toEqual(await new BlockStore(table).findStart('used at 3'));
    }
  });

  test('of other tracks stay as they were where one changes', async () => {
    const table = await filled();
    const store = await open(table);
    await store.pin('used at 3', true);
    table.transactions = 0;
    expect(await store.findStart('used at 2')).toMatchObject({ first });
    expect(table.transactions).toBe(0);
  });
});

describe('a track that another tab changes after this one has opened its cache', () => {
  const [former, present] = [pseudoRandomBytes(600_000, 1), pseudoRandomBytes(600_000, 2)];
  let server: RangeServer;
  let caches: AudioCache[];

  beforeEach(async () => {
    server = await startRangeServer();
    server.mount('/track.wav', former, { etag: '"v1"' });
    const table = new MemoryTable();
    caches = [];
    for (let tab = 0; tab < 2; tab += 1) {
      const cache = new AudioCache({ store: new BlockStore(table), maxBytes: 2 ** 26, recentBytes: 2 ** 24 });
      caches.push(cache);
      await cache.entries();
      if (tab === 0) await cache.download(`${server.url}/track.wav`);
    }
  });

  afterEach(async () => {
    for (const cache of caches) cache.close();
    await server.close();
  });

  async function readAll(cache: AudioCache | undefined): Promise<string> {
    const track = await cache?.open(`${server.url}/track.wav`, { retry: { tries: 1 } });
    const bytes = new Uint8Array(former.length);
    try {
      await track?.openReader().read(0, bytes, { atLeast: bytes.length });
    } finally {
      track?.close();
    }
    return digest(bytes);
  }

  test('is fetched again where it was removed', async () => {
    await caches[0]?.remove(`${server.url}/track.wav`);
    server.clearLog();
    expect(await readAll(caches[1])).toBe(digest(former));
    expect(server.askedRanges()).not.toContain('bytes=0-524287'); // the beginning is that of before
  });

  test('is never mixed with its new version', async () => {
    server.mount('/track.wav', present, { etag: '"v2"' });
    await caches[0]?.remove(`${server.url}/track.wav`);
    expect(await readAll(caches[0])).toBe(digest(present));
    await expect(readAll(caches[1])).rejects.toMatchObject({ code: 'resource-changed' });
    expect(await readAll(caches[1])).toBe(digest(present));
  });
});
