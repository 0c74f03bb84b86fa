/** The user's cache of tracks: opens them, tells what it holds, and forgets. */

import { ClosedError, InvalidArgumentError } from '../errors.ts';
import { abortable } from './abortable.ts';
import type { BlockCache } from './block-cache.ts';
import { type BlockStore, countBlocks, heldBytes, MemoryBlockStore, type StoredTrack } from './block-store.ts';
import { versionOf } from './content-range.ts';
import { totalBytes } from './eviction.ts';
import { hasDatabases, openIdbBlockStore } from './idb-block-store.ts';
import { type RequestOptions, resolveRequest, resolveUrl } from './request-options.ts';
import { TrackRegistry } from './track-registry.ts';
import { WriteBehind } from './write-behind.ts';

/** How a cache keeps tracks. */
export interface AudioCacheOptions {
  /** The name of its IndexedDB database; caches of one name share their blocks. @default 'phaser-streaming-audio' */
  readonly name?: string | undefined;
  /** The most it stores, in bytes, at least 0; beyond it the tracks used longest ago go. @default 536870912 (512 MiB); in memory 67108864 (64 MiB) */
  readonly maxBytes?: number | undefined;
  /** Asks the browser never to clear the site's storage by itself; some ask the user in turn. @default false */
  readonly persist?: boolean | undefined;
}

/** A track that the cache holds, wholly or in part. */
export interface AudioCacheEntry {
  /** The final URL, after redirects. */
  readonly url: string;
  /** The length of the file, in bytes. */
  readonly size: number;
  readonly cachedBytes: number;
  /** True where every byte of the file is held. */
  readonly complete: boolean;
  /** When it was last opened or written, in ms since 1970. */
  readonly lastUsed: number;
  /** The file's ETag, or what stands in for it. */
  readonly version: string;
  readonly pinned: boolean;
}

/** What a cache takes up. */
export interface AudioCacheUsage {
  /** What it holds. */
  readonly bytes: number;
  /** Its budget, in bytes. */
  readonly maxBytes: number;
  /** What the browser grants the whole site, in bytes; `undefined` where it does not say. */
  readonly quotaBytes: number | undefined;
}

/** How a track is opened. */
export interface OpenOptions extends RequestOptions {
  /** Ends the wait for the opening, and the opening where nobody else waits for it. */
  readonly signal?: AbortSignal | undefined;
  /**
   * The unit of caching, in bytes, an integer of at least 1024. A track that is open or stored in other blocks keeps
   * those while it is open, and is stored anew otherwise.
   *
   * @default 262144 (256 KiB), or as the track is stored
   */
  readonly blockBytes?: number | undefined;
}

const DEFAULT_NAME = 'phaser-streaming-audio';
const DEFAULT_MAX_BYTES = 512 * 2 ** 20; // 512 MiB: 50 min of CD audio
const RECENT_BYTES = 16 * 2 ** 20; // 16 MiB of blocks in memory before a store: two full write queues
const MEMORY_ONLY_BYTES = 64 * 2 ** 20; // 64 MiB without one, all tracks together: 6 min of CD audio to seek back in
const MIN_BLOCK_BYTES = 1024; // below that, keys outweigh blocks

/** A store, what it may hold, and how many bytes of each track's blocks are kept in memory before it. */
interface OpenedStore {
  readonly store: BlockStore;
  readonly maxBytes: number;
  readonly recentBytes: number;
}

/** What a cache works with, once its database is open. */
interface Backend {
  readonly store: BlockStore;
  readonly maxBytes: number;
  readonly writer: WriteBehind;
  readonly registry: TrackRegistry;
}

/** Keeps tracks, in blocks, across page loads. Made by `openAudioCache`, or by the plugin. */
export class AudioCache {
  readonly #opening: Promise<Backend>;
  #isClosed = false;

  /**
   * Begins to open; every method waits for that.
   *
   * @internal
   */
  constructor(opening: Promise<OpenedStore>) {
    this.#opening = opening.then(connect);
  }

  /** Resolves when the database is open, or known not to open. */
  async ready(): Promise<void> {
    await this.#opening;
  }

  /**
   * Opens a track: from the store without a request, or with one that brings its first bytes.
   *
   * @internal
   * @throws `http`, `network`, `timeout`, `invalid-range-response`, `closed`, `invalid-argument`
   */
  async open(url: string, options: OpenOptions = {}): Promise<BlockCache> {
    const { signal, blockBytes = MIN_BLOCK_BYTES } = options;
    if (!Number.isSafeInteger(blockBytes) || blockBytes < MIN_BLOCK_BYTES) {
      throw new InvalidArgumentError('blockBytes', `an integer of at least ${MIN_BLOCK_BYTES}`, blockBytes);
    }
    const request = resolveRequest(url, options);
    const { registry } = await abortable(this.#use(), signal);
    signal?.throwIfAborted();
    this.#requireOpen(); // nothing would end what is opened behind `close`
    return registry.open(request, options.blockBytes, signal);
  }

  /** Every track of which the cache holds anything. @throws `closed` */
  async entries(): Promise<AudioCacheEntry[]> {
    return listTracks(await this.#use()).then((tracks) => tracks.map(describe));
  }

  /** What the cache takes up. @throws `closed` */
  async usage(): Promise<AudioCacheUsage> {
    const backend = await this.#use();
    const [tracks, quotaBytes] = await Promise.all([listTracks(backend), backend.store.quotaBytes()]);
    return { bytes: totalBytes(tracks), maxBytes: backend.maxBytes, quotaBytes };
  }

  /** Forgets a track. One that is open goes on, and is stored again as it does. @throws `closed`, `invalid-argument` */
  async remove(url: string): Promise<void> {
    const absolute = resolveUrl(url);
    const backend = await this.#use();
    for (const { record } of await listTracks(backend)) {
      if (record.key !== absolute && record.url !== absolute) continue;
      await backend.writer.remove(record.key);
      backend.registry.find(record.key)?.onDropped();
    }
  }

  /** Forgets every track. @throws `closed` */
  async clear(): Promise<void> {
    const { writer, registry } = await this.#use();
    await writer.clear();
    registry.onCleared();
  }

  /** Ends every request; what has arrived is still written. Tracks that are open reject with `closed`. Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    void this.#shutDown();
  }

  async #shutDown(): Promise<void> {
    const { store, writer, registry } = await this.#opening;
    registry.close();
    await writer.flush();
    store.close();
  }

  async #use(): Promise<Backend> {
    this.#requireOpen();
    const backend = await this.#opening;
    this.#requireOpen();
    return backend;
  }

  #requireOpen(): void {
    if (this.#isClosed) throw new ClosedError('The audio cache');
  }
}

/**
 * A cache in IndexedDB, opening. Where that does not open (some private windows) it keeps at most 64 MiB, in memory, for
 * as long as it is open; where there is no such thing (Node), `maxBytes` of memory.
 *
 * @throws `invalid-argument`
 */
export function startAudioCache(options: AudioCacheOptions = {}): AudioCache {
  const { name = DEFAULT_NAME, persist = false } = options;
  const { maxBytes = hasDatabases() ? DEFAULT_MAX_BYTES : MEMORY_ONLY_BYTES } = options;
  if (name === '') throw new InvalidArgumentError('name', 'a name', name);
  if (!(maxBytes >= 0)) throw new InvalidArgumentError('maxBytes', 'a number of bytes, at least 0', maxBytes);
  return new AudioCache(openStore(name, maxBytes, persist));
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
  return new AudioCache(
    Promise.resolve({ store: new MemoryBlockStore(), maxBytes: 0, recentBytes: MEMORY_ONLY_BYTES }),
  );
}

async function openStore(name: string, maxBytes: number, persist: boolean): Promise<OpenedStore> {
  const store = await openIdbBlockStore(name);
  if (store === undefined) {
    // A game means its disk; what has no database at all, as Node, means its memory.
    const budget = hasDatabases() ? Math.min(maxBytes, MEMORY_ONLY_BYTES) : maxBytes;
    return { store: new MemoryBlockStore(), maxBytes: budget, recentBytes: RECENT_BYTES };
  }
  if (persist) await navigator.storage?.persist().catch(() => false);
  return { store, maxBytes, recentBytes: RECENT_BYTES };
}

function connect({ store, maxBytes, recentBytes }: OpenedStore): Backend {
  const writer = new WriteBehind(store, maxBytes, {
    onStored: (written) => registry.find(written.record.key)?.onStored(written),
    onDropped: (key, indices) => registry.find(key)?.onDropped(indices),
  });
  const registry = new TrackRegistry({ store, writer, recentBytes });
  return { store, maxBytes, writer, registry };
}

async function listTracks({ writer, store }: Backend): Promise<StoredTrack[]> {
  await writer.flush();
  return store.list();
}

function describe(track: StoredTrack): AudioCacheEntry {
  const { record, indices } = track;
  return {
    url: record.url,
    size: record.size,
    cachedBytes: heldBytes(track),
    complete: indices.length === countBlocks(record),
    lastUsed: record.lastUsed,
    version: versionOf(record),
    pinned: record.isPinned,
  };
}
