/** The tracks that are open, each once however often it is opened, and how one is opened: from the store or the network. */

import { ClosedError } from '../errors.ts';
import { abortable, settlesWithin } from './abortable.ts';
import { BlockCache } from './block-cache.ts';
import { DEFAULT_BLOCK_BYTES, isComplete, isSameLayout, type StoredStart, type StoredTrack } from './block-store.ts';
import { versionOf } from './content-range.ts';
import type { Shelf } from './held-blocks.ts';
import type { ResolvedRequest } from './request-options.ts';
import { RequestSlots } from './request-slots.ts';
import { isOffline } from './retry.ts';
import { TrackBlocks, type TrackBlocksOptions } from './track-blocks.ts';

const OPENING_MS = 5; // a database that is there opens in 4, one that is to be made takes 15 and more

/** A track that the server was asked for, and its answer to be. */
interface Asked {
  readonly track: TrackBlocks;
  readonly answer: Promise<void>;
}

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

  /**
   * Looks into the store; asks the server beside it where nothing was stored of the track, as far as is known, or where
   * the database takes long to open, and takes what comes first.
   */
  async #open(shared: SharedTrack, request: ResolvedRequest, blockBytes: number | undefined): Promise<TrackBlocks> {
    const { signal } = shared.lifetime;
    const begin = (how: Pick<TrackBlocksOptions, 'blockBytes' | 'stored'>): TrackBlocks => {
      const onOutdated = (track: TrackBlocks): void => this.#onOutdated(request.cacheKey, shared, track);
      shared.track = new TrackBlocks({ request, shelf: this.#shelf, slots: this.#slots, onOutdated, ...how });
      return shared.track;
    };
    const ask = (): Asked => {
      const track = begin({ blockBytes: blockBytes ?? DEFAULT_BLOCK_BYTES });
      return { track, answer: track.openFromNetwork(signal) };
    };

    const { store } = this.#shelf;
    const mayAsk =
      !isOffline() && (!store.mayHold(request.cacheKey) || !(await settlesWithin(OPENING_MS, store.opened)));
    const early = mayAsk && !signal.aborted ? ask() : undefined;
    const looking = this.#find(request.cacheKey, signal);
    const stored = await Promise.race([looking, early?.answer.catch(() => looking) ?? looking]);
    if (stored && canServe(stored, blockBytes)) {
      const track = begin({ blockBytes: stored.record.blockBytes, stored });
      this.#greet(stored, track, shared, early);
      return track;
    }
    const { track, answer } = early ?? ask();
    shared.track = track;
    await answer;
    const adopting = looking.then(
      (found) => found?.record.isOutdated === false && track.adopt(found),
      () => {},
    );
    if (early === undefined) await adopting; // else the store may still be silent
    return track;
  }

  async #find(key: string, signal: AbortSignal): Promise<StoredStart | undefined> {
    const stored = await abortable(this.#shelf.store.findStart(key), signal);
    return stored !== undefined && versionOf(stored.record) === this.#outdated.get(key) ? undefined : stored;
  }

  /**
   * Notes the use of a stored track, and compares one that nothing else will be asked about with the server's. The track
   * stays open for that: a short sound may be over before the answer.
   */
  #greet(stored: StoredTrack, track: TrackBlocks, shared: SharedTrack, early: Asked | undefined): void {
    const { key } = stored.record;
    if (track.record !== undefined) void this.#shelf.writer.update(track.record);
    if (!isComplete(stored) || this.#revalidated.has(key) || isOffline()) return early?.track.dispose();
    this.#revalidated.add(key);
    shared.users += 1;
    void this.#compare(stored, track, early).then(() => this.#leave(key, shared));
  }

  /** What was asked early tells as well, where it agrees. Never rejects. */
  async #compare({ record }: StoredTrack, track: TrackBlocks, early: Asked | undefined): Promise<void> {
    await early?.answer.catch(() => {});
    const answered = early?.track.record;
    early?.track.dispose();
    if (answered === undefined || !isSameLayout(answered, record)) await track.revalidate();
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
function canServe({ record, first }: StoredStart, blockBytes = record.blockBytes): boolean {
  const hasStart = record.size === 0 || first !== undefined;
  return hasStart && !record.isOutdated && record.blockBytes === blockBytes;
}
