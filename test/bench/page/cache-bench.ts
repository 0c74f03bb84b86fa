/** Runs in the harness page: the block cache beside bare idb-keyval. Bundled by `bench.mjs`, since it has imports. */
import { createStore, get, keys, setMany } from 'idb-keyval';
import { openAudioCache } from '../../../plugin/core.ts';
import { BlockStore, type TrackRecord } from '../../../plugin/source/block-store.ts';
import { versionOf } from '../../../plugin/source/content-range.ts';
import { openIdbTable } from '../../../plugin/source/idb-table.ts';
import type { CacheFigures } from '../cache-session.ts';

export interface CacheBench {
  /** Fills a cache of 2,000 blocks. */
  prepare(): Promise<void>;
  /** Measures everything once, ours and bare in turn. */
  measure(round: number): Promise<CacheFigures>;
}

declare global {
  interface Window {
    cacheBench: CacheBench;
  }
}

const NAME = 'cache-bench';
const BLOCK_BYTES = 2 ** 18;
const TRACKS = 10;
const BLOCKS = 200; // of each track
const BATCH_BLOCKS = 4;
const READS = 20; // a round, of each way
const WRITES = 5;
const MAX_BYTES = 2 ** 30;
const BARE_NAME = 'bare-bench';

let store: BlockStore;
const bareCache = createStore(NAME, 'blocks');
const bareStore = createStore(BARE_NAME, 'blocks');

async function prepare(): Promise<void> {
  const table = await openIdbTable(NAME);
  if (table === undefined) throw new Error('There is no IndexedDB.');
  store = new BlockStore(table);
  for (let track = 0; track < TRACKS; track += 1) {
    for (let first = 0; first < BLOCKS; first += BATCH_BLOCKS) await write(recordOf(`track-${track}`), first);
  }
}

async function measure(round: number): Promise<CacheFigures> {
  const reads = await inTurn(READS, {
    ours: async (at) => {
      const [block] = await store.read(recordOf('track-0'), [placeOf(round, at)]);
      if (block?.byteLength !== BLOCK_BYTES) throw new Error('A block is missing.');
    },
    bare: async (at) => {
      const record = recordOf('track-1');
      await get([record.key, versionOf(record), BLOCK_BYTES, placeOf(round, at)], bareCache);
    },
  });
  const writes = await inTurn(WRITES, {
    ours: (at) => write(recordOf(`track-${at}`), placeOf(round, at)),
    bare: (at) => setMany([...batch(placeOf(round, at))], bareStore),
  });
  const opens = await inTurn(1, {
    ours: async () => {
      const cache = await openAudioCache({ name: NAME });
      if ((await cache.entries()).length !== TRACKS) throw new Error('A track is missing.');
      cache.close();
    },
    bare: async () => void (await keys(createStore(NAME, 'blocks'))),
  });
  return { reads, writes, opens };
}

/** Does both, one after the other, so many times; the medians, in ms. */
async function inTurn(times: number, ways: Record<'ours' | 'bare', (at: number) => Promise<void>>) {
  const taken: Record<'ours' | 'bare', number[]> = { ours: [], bare: [] };
  for (let at = 0; at < times; at += 1) {
    for (const way of at % 2 === 0 ? (['ours', 'bare'] as const) : (['bare', 'ours'] as const)) {
      const startedAt = performance.now();
      await ways[way](at);
      taken[way].push(performance.now() - startedAt);
    }
  }
  return { oursMs: middle(taken.ours), bareMs: middle(taken.bare) };
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

/** Somewhere else each time. */
function placeOf(round: number, at: number): number {
  return (round * 67 + at * 41) % (BLOCKS - BATCH_BLOCKS);
}

async function write(record: TrackRecord, first: number): Promise<void> {
  const outcome = await store.write(record, batch(first), MAX_BYTES);
  if (outcome !== 'written') throw new Error(`A write came out as ${outcome}.`);
}

function batch(first: number): Map<number, ArrayBuffer> {
  return new Map(Array.from({ length: BATCH_BLOCKS }, (_, at) => [first + at, noise(first + at)]));
}

/** Nothing that a database could compress; made of one piece, since making it is none of what is measured. */
function noise(seed: number): ArrayBuffer {
  return NOISE.buffer.slice(seed * 4, seed * 4 + BLOCK_BYTES);
}

const NOISE = Uint32Array.from({ length: BLOCK_BYTES / 4 + BLOCKS }, () => Math.random() * 2 ** 32);

function recordOf(key: string): TrackRecord {
  const size = BLOCKS * BLOCK_BYTES;
  const validators = { etag: `"${key}"`, lastModified: undefined, size };
  return { ...validators, key, url: key, blockBytes: BLOCK_BYTES, lastUsed: Date.now(), isOutdated: false };
}

window.cacheBench = { prepare, measure };
