/** Opens a cache: in IndexedDB where there is one, else in memory. */

import { InvalidArgumentError } from '../errors.ts';
import { AudioCache } from './audio-cache.ts';
import { BlockStore, type Table } from './block-store.ts';
import { hasDatabases, openIdbTable } from './idb-table.ts';
import { MemoryTable } from './memory-table.ts';

/** How a cache keeps tracks. */
export interface AudioCacheOptions {
  /** The name of its IndexedDB database; caches of one name share their blocks. @default 'phaser-streaming-audio' */
  readonly name?: string | undefined;
  /** The most it stores, in bytes, at least 0; beyond it the tracks used longest ago go. @default 536870912 (512 MiB); in memory 67108864 (64 MiB) */
  readonly maxBytes?: number | undefined;
  /** Asks the browser never to clear the site's storage by itself; some ask the user in turn. @default false */
  readonly persist?: boolean | undefined;
}

const DEFAULT_NAME = 'phaser-streaming-audio';
const DEFAULT_MAX_BYTES = 512 * 2 ** 20; // 512 MiB: 50 min of CD audio
const RECENT_BYTES = 16 * 2 ** 20; // 16 MiB of blocks in memory before a store: two full write queues
const MEMORY_ONLY_BYTES = 64 * 2 ** 20; // 64 MiB without one, all tracks together: 6 min of CD audio to seek back in

/**
 * A cache in IndexedDB, opening. Where that does not open (some private windows) it keeps at most 64 MiB, in memory, for
 * as long as it is open; where there is no such thing (Node), `maxBytes` of memory.
 *
 * @throws `invalid-argument`
 */
export function startAudioCache(options: AudioCacheOptions = {}): AudioCache {
  const { name = DEFAULT_NAME, persist = false } = options;
  const { maxBytes = isInPage() ? DEFAULT_MAX_BYTES : MEMORY_ONLY_BYTES } = options;
  if (name === '') throw new InvalidArgumentError('name', 'a name', name);
  if (!(maxBytes >= 0)) throw new InvalidArgumentError('maxBytes', 'a number of bytes, at least 0', maxBytes);
  return new AudioCache({ store: new BlockStore(openTable(name, persist)), maxBytes, recentBytes: RECENT_BYTES });
}

/**
 * As `startAudioCache`, and waits until the cache is open.
 *
 * @throws `invalid-argument`
 */
export async function openAudioCache(options: AudioCacheOptions = {}): Promise<AudioCache> {
  const cache = startAudioCache(options);
  await cache.ready();
  return cache;
}

/**
 * A cache that keeps nothing but the blocks used last, in memory.
 *
 * @internal
 */
export function openTransientCache(): AudioCache {
  return new AudioCache({
    store: new BlockStore(new MemoryTable()),
    maxBytes: 0,
    recentBytes: MEMORY_ONLY_BYTES,
  });
}

/** A game means its disk; what has no database at all, as Node, means its memory. */
async function openTable(name: string, persist: boolean): Promise<Table> {
  const table = await openIdbTable(name);
  if (table === undefined) return new MemoryTable(isInPage() ? MEMORY_ONLY_BYTES : Infinity);
  // Not waited for: the user may be asked in turn, and take long to answer. An insecure page has no such storage.
  if (persist) void navigator.storage?.persist().catch(() => {});
  return table;
}

/** A page without IndexedDB is a page nevertheless. */
function isInPage(): boolean {
  return hasDatabases() || globalThis.document !== undefined;
}
