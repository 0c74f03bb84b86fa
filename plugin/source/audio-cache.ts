/** The user's cache of tracks: opens them, tells what it holds, and forgets. */

import { CacheFullError, ClosedError, InvalidArgumentError } from '../errors.ts';
import type { BlockCache } from './block-cache.ts';
import {
  type BlockStore,
  heldBytes,
  isComplete,
  type StoredTrack,
  totalBytes,
  type TrackRecord,
} from './block-store.ts';
import { versionOf } from './content-range.ts';
import { downloadMissing, type DownloadOptions } from './download.ts';
import { type RequestOptions, resolveRequest, resolveUrl } from './request-options.ts';
import { TrackRegistry } from './track-registry.ts';
import { WriteBehind } from './write-behind.ts';

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
   * The unit of caching, in bytes, an integer from 1024 to 4194304. A track that is open or stored in other blocks keeps
   * those while it is open, and is stored anew otherwise.
   *
   * @default 262144 (256 KiB), or as the track is stored
   */
  readonly blockBytes?: number | undefined;
}

const MIN_BLOCK_BYTES = 1024; // below that, keys outweigh blocks
const MAX_BLOCK_BYTES = 4 * 2 ** 20; // 4 MiB: above, two blocks overfill what waits to be written

/** A store, open or opening, what it may hold, and how many bytes of each track's blocks are kept in memory before it. */
export interface OpenedStore {
  readonly store: BlockStore;
  readonly maxBytes: number;
  readonly recentBytes: number;
}

/** What a cache works with. */
interface Backend {
  readonly store: BlockStore;
  readonly writer: WriteBehind;
  readonly registry: TrackRegistry;
}

/** Keeps tracks, in blocks, across page loads. Made by `openAudioCache`, or by the plugin. */
export class AudioCache {
  readonly #backend: Backend;
  #isClosed = false;

  /** @internal */
  constructor(opened: OpenedStore) {
    this.#backend = connect(opened);
  }

  /** Resolves when the database is open, or known not to open. */
  async ready(): Promise<void> {
    await this.#backend.store.opened;
  }

  /**
   * Opens a track: from the store without a request, or with one that brings its first bytes.
   *
   * @internal
   * @throws `http`, `network`, `timeout`, `invalid-range-response`, `closed`, `invalid-argument`
   */
  async open(url: string, options: OpenOptions = {}): Promise<BlockCache> {
    const { signal, blockBytes = MIN_BLOCK_BYTES } = options;
    if (!Number.isSafeInteger(blockBytes) || blockBytes < MIN_BLOCK_BYTES || blockBytes > MAX_BLOCK_BYTES) {
      const expected = `an integer from ${MIN_BLOCK_BYTES} to ${MAX_BLOCK_BYTES}`;
      throw new InvalidArgumentError('blockBytes', expected, blockBytes);
    }
    const request = resolveRequest(url, options);
    signal?.throwIfAborted();
    return this.#use().registry.open(request, options.blockBytes, signal);
  }

  /** Every track of which the cache holds anything. @throws `closed` */
  async entries(): Promise<AudioCacheEntry[]> {
    return listTracks(this.#use()).then((tracks) => tracks.map(describe));
  }

  /** What the cache takes up. @throws `closed` */
  async usage(): Promise<AudioCacheUsage> {
    const backend = this.#use();
    const [tracks, quotaBytes] = await Promise.all([listTracks(backend), backend.store.quotaBytes()]);
    return { bytes: totalBytes(tracks), maxBytes: backend.writer.maxBytes, quotaBytes };
  }

  /**
   * Keeps a whole track for offline: fetches what is missing, as far as it is, and pins the track. Where it fails, what
   * has arrived stays, and so does the pin that was there before.
   *
   * @throws `cache-full` where it does not fit beside what is pinned, or its server forbids to store it; what opening and
   *   reading throw, or the signal's reason
   */
  async download(url: string, options: DownloadOptions = {}): Promise<void> {
    const blocks = await this.#openKnown(url, options);
    try {
      const wasPinned = await this.#pin(blocks);
      try {
        await downloadMissing(blocks, options);
        if (blocks.size !== undefined) await this.#pin(blocks);
      } catch (error) {
        if (!wasPinned && blocks.record !== undefined) await this.#unpin(blocks.record);
        throw error;
      }
    } finally {
      blocks.close();
    }
  }

  /**
   * Lets eviction pass a track over. Where nothing of it is held yet, its first bytes are fetched.
   *
   * @throws `cache-full` where it would not fit, whole, beside what is pinned; what opening throws
   */
  async pin(url: string, options: RequestOptions = {}): Promise<void> {
    const blocks = await this.#openKnown(url, options);
    try {
      await this.#pin(blocks);
    } finally {
      blocks.close();
    }
  }

  /** Lets eviction take a track again. @throws `closed`, `invalid-argument` */
  async unpin(url: string): Promise<void> {
    for (const { record } of await this.#find(url)) await this.#unpin(record);
  }

  /** Forgets a track. One that is open goes on, and is stored again as it does. @throws `closed`, `invalid-argument` */
  async remove(url: string): Promise<void> {
    const { writer, registry } = this.#use();
    for (const { record } of await this.#find(url)) {
      await writer.remove(record.key);
      registry.find(record.key)?.onDropped();
    }
  }

  /** Forgets every track. @throws `closed` */
  async clear(): Promise<void> {
    const { writer, registry } = this.#use();
    await writer.clear();
    registry.onCleared();
  }

  /** Ends every request; what has arrived is still written. Tracks that are open reject with `closed`. Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    void this.#shutDown();
  }

  /** Opens a track by any URL that `entries` tells: under the key that it is stored under. */
  async #openKnown(url: string, options: OpenOptions): Promise<BlockCache> {
    const [known] = await this.#find(url);
    return this.open(url, known === undefined ? options : { cacheKey: known.record.key, ...options });
  }

  /** The tracks under a URL, whatever their keys. */
  async #find(url: string): Promise<StoredTrack[]> {
    const absolute = resolveUrl(url);
    const tracks = await listTracks(this.#use());
    return tracks.filter(({ record }) => record.key === absolute || record.url === absolute);
  }

  /** Pins a track that fits; returns whether it was pinned. One whose size is unknown is passed over. */
  async #pin({ record }: BlockCache): Promise<boolean> {
    if (record === undefined) return false;
    const backend = this.#use();
    const pinned = (await listTracks(backend)).filter(({ isPinned }) => isPinned);
    const others = pinned.filter((track) => track.record.key !== record.key);
    const availableBytes = backend.writer.maxBytes - others.reduce((total, track) => total + track.record.size, 0);
    if (record.size > availableBytes) throw new CacheFullError(record.url, record.size, availableBytes);
    await backend.writer.pin(record);
    return others.length < pinned.length;
  }

  async #unpin({ key }: TrackRecord): Promise<void> {
    const { writer } = this.#use();
    await writer.unpin(key);
  }

  async #shutDown(): Promise<void> {
    const { store, writer, registry } = this.#backend;
    registry.close();
    await writer.flush();
    store.close();
  }

  #use(): Backend {
    if (this.#isClosed) throw new ClosedError('The audio cache');
    return this.#backend;
  }
}

function connect({ store, maxBytes, recentBytes }: OpenedStore): Backend {
  const writer = new WriteBehind(store, maxBytes, {
    isInUse: (key) => registry.isOpen(key),
    onStored: (record, indices) => registry.find(record.key)?.onStored(record, indices),
    onDropped: (key, indices) => registry.find(key)?.onDropped(indices),
  });
  const registry = new TrackRegistry({ store, writer, recentBytes });
  return { store, writer, registry };
}

async function listTracks({ writer, store }: Backend): Promise<StoredTrack[]> {
  await writer.flush();
  return store.list();
}

function describe(track: StoredTrack): AudioCacheEntry {
  const { record, isPinned } = track;
  return {
    url: record.url,
    size: record.size,
    cachedBytes: heldBytes(track),
    complete: isComplete(track),
    lastUsed: record.lastUsed,
    version: versionOf(record),
    pinned: isPinned,
  };
}
