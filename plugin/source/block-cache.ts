/** One opening of a track: its blocks, shared with all other openings of it, and readers of its own. */

import { type ByteRange, ClosedError } from '../errors.ts';
import type { TrackRecord } from './block-store.ts';
import type { SourceStats } from './tally.ts';
import type { OpeningResponse, TrackBlocks } from './track-blocks.ts';
import { type BlockReader, TrackReader } from './track-reader.ts';

export type { SourceStats } from './tally.ts';
export type { OpeningResponse } from './track-blocks.ts';
export type { BlockReader, ReadOptions } from './track-reader.ts';

/** How a reader goes about reading. */
export interface ReaderOptions {
  /** The most that is asked for ahead of reads that name no goal of their own, in bytes. @default 8388608 (8 MiB) */
  readonly readAheadBytes?: number | undefined;
}

/** The two ways in which an opening ends. */
export interface OpeningEnds {
  /** Called once, by the first `close`. */
  readonly leave: () => void;
  /** Called by `discard`, after it. */
  readonly discard: () => void;
}

/** The blocks of one track, from memory, store or network. */
export class BlockCache {
  readonly #track: TrackBlocks;
  readonly #ends: OpeningEnds;
  readonly #readers: BlockReader[] = [];
  readonly #unsubscribes: (() => void)[] = [];
  #isClosed = false;

  constructor(track: TrackBlocks, ends: OpeningEnds) {
    this.#track = track;
    this.#ends = ends;
  }

  /** The final URL, after redirects. */
  get url(): string {
    return this.response.url;
  }

  /** The file's length in bytes; `undefined` as long as the server has not told it. */
  get size(): number | undefined {
    return this.#track.size;
  }

  /** What the server answered to the opening; from the cache, a 200 with `fromCache`. */
  get response(): OpeningResponse {
    return this.#track.response;
  }

  /** What the track has cost so far, for all who have it open; counts on. */
  get stats(): SourceStats {
    return this.#track.stats;
  }

  /** True where the remote file has turned out to be another one by now. */
  get isOutdated(): boolean {
    return this.#track.isOutdated;
  }

  /** @throws `closed` */
  openReader({ readAheadBytes }: ReaderOptions = {}): BlockReader {
    if (this.#isClosed) throw new ClosedError(this.url);
    const reader = new TrackReader(this.#track, readAheadBytes);
    this.#readers.push(reader);
    return reader;
  }

  /** The bytes held in whole blocks, by memory or store: merged and in order. */
  cachedRanges(): ByteRange[] {
    return this.#track.cachedRanges();
  }

  /**
   * Calls `listener`, at most once a turn, after `cachedRanges`, `size`, `stats` or `isOutdated` has changed.
   *
   * @returns the way to stop it; `close` does so too
   */
  subscribe(listener: () => void): () => void {
    const unsubscribe = this.#track.subscribe(listener);
    this.#unsubscribes.push(unsubscribe);
    return unsubscribe;
  }

  /** What the store keeps of the track beside its blocks; `undefined` while the size is unknown. */
  get record(): TrackRecord | undefined {
    return this.#track.record;
  }

  /** How far the file may be read ahead of its readers and still be held when they come, in bytes. */
  get headroomBytes(): number {
    return this.#track.headroomBytes;
  }

  /** How much of the track the store holds, in bytes; 0 while its size is unknown. */
  get storedBytes(): number {
    return this.#track.storedBytes;
  }

  /**
   * Resolves when the blocks in memory are stored, too: to false where the store does not have all of the file then.
   *
   * @param isChecked whether to read each block that is stored, so that a damaged one is missing
   */
  storeAll(isChecked = false): Promise<boolean> {
    return this.#track.storeAll(isChecked);
  }

  /** Resolves when the blocks that have arrived are stored, or given up. */
  flush(): Promise<void> {
    return this.#track.flush();
  }

  /** Closes the readers, and aborts what no other opening of the track wants. Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const reader of this.#readers) reader.close();
    for (const unsubscribe of this.#unsubscribes) unsubscribe();
    this.#ends.leave();
  }

  /** Ends the track for all who have it open, and forgets what is held of it: it is not what it was taken for. */
  discard(): void {
    this.close();
    this.#ends.discard();
  }
}
