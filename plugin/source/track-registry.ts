/** The tracks that are open, each once however often it is opened, and how one is opened: from the store or the network. */

import { ClosedError } from '../errors.ts';
import { abortable } from './abortable.ts';
import { BlockCache } from './block-cache.ts';
import { DEFAULT_BLOCK_BYTES, isComplete, type StoredTrack } from './block-store.ts';
import { versionOf } from './content-range.ts';
import type { Shelf } from './held-blocks.ts';
import type { ResolvedRequest } from './request-options.ts';
import { RequestSlots } from './request-slots.ts';
import { isOffline } from './retry.ts';
import { TrackBlocks } from './track-blocks.ts';

export class TrackRegistry {
  readonly #shelf: Shelf;
  readonly #slots = new RequestSlots();
  readonly #tracks = new Map<string, SharedTrack>();
  /** The complete tracks that have been compared with the server's; once a page load is enough. */
  readonly #revalidated = new Set<string>();
  /** The versions that the server no longer has: what the store still holds of them serves no new opening. */
  readonly #outdated = new Map<string, string>();

  constructor(shelf: Shelf) {
    this.#shelf = shelf;
  }

  /**
   * Opens a track, or joins those who have it open; then their request options and block size hold.
   *
   * @throws `http`, `network`, `timeout`, `invalid-range-response`, or the signal's reason
   */
  async open(
    request: ResolvedRequest,
    blockBytes: number | undefined,
    signal: AbortSignal | undefined,
  ): Promise<BlockCache> {
    const shared = this.#tracks.get(request.cacheKey) ?? this.#share(request, blockBytes);
    shared.users += 1;
    try {
      const track = await abortable(shared.opening, signal);
      return new BlockCache(track, {
        leave: () => this.#leave(request.cacheKey, shared),
        discard: () => this.#discard(request.cacheKey, shared),
      });
    } catch (error) {
      this.#leave(request.cacheKey, shared);
      throw error;
    }
  }

  /** The open track under `key`. */
  find(key: string): TrackBlocks | undefined {
    return this.#tracks.get(key)?.track;
  }

  /** True for a track that is open, or being opened. */
  isOpen(key: string): boolean {
    return this.#tracks.has(key);
  }

  /** Counts nothing as stored any more. */
  onCleared(): void {
    for (const { track } of this.#tracks.values()) track?.onDropped();
  }

  /** Ends every track that is open or opening. */
  close(): void {
    for (const shared of this.#tracks.values()) shared.end();
    this.#tracks.clear();
  }

  #share(request: ResolvedRequest, blockBytes: number | undefined): SharedTrack {
    const shared = new SharedTrack((itself) => this.#open(itself, request, blockBytes));
    this.#tracks.set(request.cacheKey, shared);
    // A failed opening is not kept: the next one tries again.
    shared.opening.catch(() => this.#forget(request.cacheKey, shared));
    return shared;
  }

  #leave(key: string, shared: SharedTrack): void {
    shared.users -= 1;
    if (shared.users > 0) return;
    this.#forget(key, shared);
    shared.end();
  }

  #discard(key: string, shared: SharedTrack): void {
    this.#forget(key, shared);
    shared.end();
    void this.#shelf.writer.remove(key);
  }

  #forget(key: string, shared: SharedTrack): void {
    if (this.#tracks.get(key) === shared) this.#tracks.delete(key);
  }

  async #open(shared: SharedTrack, request: ResolvedRequest, blockBytes: number | undefined): Promise<TrackBlocks> {
    const { signal } = shared.lifetime;
    const stored = await this.#find(request.cacheKey, signal);
    const onOutdated = (track: TrackBlocks): void => this.#onOutdated(request.cacheKey, shared, track);
    const options = { request, shelf: this.#shelf, slots: this.#slots, onOutdated };

    if (stored !== undefined && canServe(stored, blockBytes)) {
      const track = new TrackBlocks({ ...options, blockBytes: stored.record.blockBytes, stored });
      shared.track = track;
      if (await abortable(track.openFromStore(), signal)) {
        this.#greet(stored, track, shared);
        return track;
      }
    }
    const track = new TrackBlocks({ ...options, blockBytes: blockBytes ?? DEFAULT_BLOCK_BYTES });
    shared.track = track;
    await track.openFromNetwork(signal);
    if (stored?.record.isOutdated === false) track.adopt(stored);
    return track;
  }

  async #find(key: string, signal: AbortSignal): Promise<StoredTrack | undefined> {
    const stored = await abortable(this.#shelf.store.find(key), signal);
    return stored !== undefined && versionOf(stored.record) === this.#outdated.get(key) ? undefined : stored;
  }

  /**
   * Notes the use of a stored track, and compares one that nothing else will be asked about with the server's. The track
   * stays open for that: a short sound may be over before the answer.
   */
  #greet(stored: StoredTrack, track: TrackBlocks, shared: SharedTrack): void {
    const { key } = stored.record;
    if (track.record !== undefined) void this.#shelf.writer.update(track.record);
    if (!isComplete(stored) || this.#revalidated.has(key) || isOffline()) return;
    this.#revalidated.add(key);
    shared.users += 1;
    void track.revalidate().then(() => this.#leave(key, shared));
  }

  /** The next opening begins anew, while those who play the old blocks to the end may do so. */
  #onOutdated(key: string, shared: SharedTrack, track: TrackBlocks): void {
    this.#forget(key, shared);
    if (track.record !== undefined) this.#outdated.set(key, versionOf(track.record));
    if (track.hasFailed) void this.#shelf.writer.remove(key);
    else if (track.record !== undefined) void this.#shelf.writer.update(track.record);
  }
}

/** A track and those who have it open. */
class SharedTrack {
  readonly lifetime = new AbortController();
  readonly opening: Promise<TrackBlocks>;
  /** There before the opening is done, so that it learns what becomes of its first blocks. */
  track: TrackBlocks | undefined;
  users = 0;

  constructor(open: (shared: SharedTrack) => Promise<TrackBlocks>) {
    this.opening = open(this);
  }

  end(): void {
    this.lifetime.abort(new ClosedError('The audio cache'));
    this.track?.dispose();
  }
}

/** True where a track can begin with its stored blocks, cut as the caller wants them. */
function canServe({ record, checksums }: StoredTrack, blockBytes = record.blockBytes): boolean {
  const hasStart = record.size === 0 || checksums.has(0);
  return hasStart && !record.isOutdated && record.blockBytes === blockBytes;
}
