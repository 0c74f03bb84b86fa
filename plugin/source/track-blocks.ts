/** The blocks of one track, from memory, store or network: what all who have the track open share. */

import { type ByteRange, ClosedError, isStreamingAudioError } from '../errors.ts';
import { abortable, onAbort } from './abortable.ts';
import type { StoredTrack, TrackRecord } from './block-store.ts';
import { agree } from './content-range.ts';
import { HeldBlocks, type Shelf } from './held-blocks.ts';
import { joinBytes } from './join-bytes.ts';
import { RangeClient, type SourceStats, type Tally } from './range-client.ts';
import { planRun } from './read-ahead.ts';
import type { ResolvedRequest } from './request-options.ts';
import { Run } from './run.ts';

/** What the server, or the cache in its place, answered to the opening of a track. */
export interface OpeningResponse {
  /** After redirects. */
  readonly url: string;
  readonly status: number;
  /** The standard's phrase where the server sends none. */
  readonly statusText: string;
  readonly fromCache: boolean;
}

/** What a reader waits for. */
export interface Want {
  readonly position: number;
  /** How far it will go on, exclusive. */
  readonly until: number;
  readonly reader: object;
  readonly signal: AbortSignal;
}

export interface TrackBlocksOptions {
  readonly request: ResolvedRequest;
  readonly blockBytes: number;
  readonly shelf: Shelf;
  readonly isPinned: boolean;
  /** What the store holds of a former visit. */
  readonly stored?: StoredTrack | undefined;
  /** Called once the remote file has turned out to be another one. */
  readonly onOutdated: (track: TrackBlocks) => void;
}

const OPENING_BYTES = 512 * 2 ** 10; // 512 KiB: header and 3 s of CD audio, or all of a short sound

export class TrackBlocks {
  readonly #options: TrackBlocksOptions;
  readonly #client: RangeClient;
  readonly #held: HeldBlocks;
  readonly #tally: Tally = { requests: 0, bytesReceived: 0, bytesFromCache: 0 };
  readonly #runs = new Set<Run>();
  readonly #listeners = new Set<() => void>();
  readonly #lifetime = new AbortController();
  #response: OpeningResponse;
  #isOutdated = false;
  #isNotifying = false;
  #error: Error | undefined;

  constructor(options: TrackBlocksOptions) {
    const { request, shelf, blockBytes, stored } = options;
    this.#options = options;
    this.#client = new RangeClient(request, this.#tally, () => this.#onNews(), stored?.record);
    this.#held = new HeldBlocks(shelf, blockBytes, () => this.record);
    this.#held.onStored(stored?.indices ?? []);
    this.#response = { url: this.#client.url, status: 200, statusText: 'OK', fromCache: true };
  }

  get size(): number | undefined {
    return this.#client.validators.size;
  }

  get response(): OpeningResponse {
    return this.#response;
  }

  get stats(): SourceStats {
    return this.#tally;
  }

  get isOutdated(): boolean {
    return this.#isOutdated;
  }

  /** True where nothing more can be read, for lack of a lifetime or of a file that stays the same. */
  get hasFailed(): boolean {
    return this.#error !== undefined;
  }

  /** What the store keeps of the track beside its blocks; `undefined` while the size is unknown. */
  get record(): TrackRecord | undefined {
    const { request, blockBytes, isPinned } = this.#options;
    const { etag, lastModified, size } = this.#client.validators;
    if (size === undefined) return undefined;
    return {
      key: request.cacheKey,
      url: this.#client.url,
      etag,
      lastModified,
      size,
      blockBytes,
      lastUsed: Date.now(),
      isPinned,
      isOutdated: this.#isOutdated,
    };
  }

  /** Begins at the network. Resolves once the first answer has passed its checks; its body still comes. */
  async openFromNetwork(signal: AbortSignal): Promise<void> {
    const { blockBytes } = this.#options;
    const run = this.#start({ start: 0, end: Math.ceil(OPENING_BYTES / blockBytes) * blockBytes });
    const unlink = onAbort(signal, () => run.abort(signal.reason));
    try {
      const { status, statusText } = await run.opened;
      this.#response = { url: this.#client.url, status, statusText, fromCache: false };
    } finally {
      unlink();
    }
  }

  /** Begins with the first block out of the store. Resolves to false where the store does not have it after all. */
  async openFromStore(): Promise<boolean> {
    if (this.size === 0) return true;
    await this.#load(0, 1);
    return this.#held.has(0);
  }

  /** Counts in what the store holds of a former visit; false where that is of another version or cut otherwise. */
  adopt({ record, indices }: StoredTrack): boolean {
    if (record.blockBytes !== this.#options.blockBytes || !agree(record, this.#client.validators)) return false;
    this.#client.expect(record);
    this.onStored(indices);
    return true;
  }

  /** Asks whether the remote file is still the one whose blocks are here. Never rejects. */
  async revalidate(): Promise<void> {
    const received = await this.#client.head(this.#lifetime.signal);
    if (received !== undefined && this.#error === undefined && !agree(this.#client.validators, received)) {
      this.#outdate();
    }
  }

  /** `reader` takes up the requests that nobody has claimed: the opening's. */
  welcome(reader: object): void {
    for (const run of this.#runs) if (run.claims.size === 0) run.claims.add(reader);
  }

  /**
   * A copy of the bytes at hand from `position` on, at most `maxBytes`: empty at the end of the file, `undefined` where
   * not one is at hand.
   *
   * @throws `resource-changed`, `closed`
   */
  bytesAt(position: number, maxBytes: number, reader: object): Uint8Array<ArrayBuffer> | undefined {
    if (this.#error !== undefined) throw this.#error;
    for (const run of this.#runs) if (run.claims.has(reader)) this.#pull(run, position);
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let length = 0;
    while (length < maxBytes) {
      const part = this.#partAt(position + length)?.subarray(0, maxBytes - length);
      if (part === undefined) break;
      parts.push(part);
      length += part.length;
    }
    return length > 0 || position >= (this.size ?? Infinity) ? joinBytes(parts) : undefined;
  }

  /**
   * Resolves when the byte at `position` may be at hand: look then, and want it again where it is not.
   *
   * @throws what its request failed with, or the signal's reason
   */
  async obtain({ position, until, reader, signal }: Want): Promise<void> {
    const index = Math.floor(position / this.#options.blockBytes);
    if (this.#held.isStored(index)) return abortable(this.#load(index, until), signal);
    const run = this.#runTo(position) ?? this.#jump(position, until, reader);
    run.claims.add(reader);
    this.#pull(run, position);
    try {
      await run.arrivalOf(position, signal);
    } finally {
      if (!run.isWanted && !run.isWhole) run.abort();
    }
  }

  /** Ends what only `reader` wanted. A whole file merely pauses: begun anew, all of it would have to come again. */
  release(reader: object): void {
    for (const run of this.#runs) {
      if (!run.claims.delete(reader) || run.isWanted) continue;
      if (run.isWhole) run.pause();
      else run.abort();
    }
  }

  cachedRanges(): ByteRange[] {
    return this.#held.ranges();
  }

  /** Calls `listener`, at most once a turn, after the ranges, the size or the stats have changed. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onStored(indices: readonly number[]): void {
    this.#held.onStored(indices);
    this.#onNews();
  }

  onDropped(indices?: readonly number[]): void {
    this.#held.onDropped(indices);
    this.#onNews();
  }

  /** Ends every request; reads that wait reject with `closed`. */
  dispose(): void {
    this.#fail(new ClosedError(this.#client.url));
    this.#listeners.clear();
  }

  async #load(index: number, until: number): Promise<void> {
    this.#tally.bytesFromCache += await this.#held.load(index, until);
    this.#onNews();
  }

  #partAt(position: number): Uint8Array<ArrayBuffer> | undefined {
    const part = this.#held.bytesAt(position);
    if (part !== undefined) return part;
    for (const run of this.#runs) {
      const arrived = run.bytesAt(position);
      if (arrived !== undefined) return arrived;
    }
    return undefined;
  }

  #runTo(position: number): Run | undefined {
    for (const run of this.#runs) if (run.covers(position)) return run;
    return undefined;
  }

  /** A run for a reader who has left those in flight; what nobody else wants of these ends. */
  #jump(position: number, until: number, reader: object): Run {
    for (const run of this.#runs) if (run.claims.delete(reader) && !run.isWanted) run.abort();
    const { blockBytes } = this.#options;
    const isAtHand = (index: number): boolean => this.#held.has(index) || this.#runTo(index * blockBytes) !== undefined;
    return this.#start(planRun({ position, until, blockBytes, size: this.size, isAtHand }));
  }

  #start(range: ByteRange): Run {
    const keep = (index: number, block: ArrayBuffer): Promise<void> => {
      const kept = this.#held.keep(index, block);
      this.#onNews();
      return kept;
    };
    const run = new Run(this.#client, range, this.#options.blockBytes, keep);
    this.#runs.add(run);
    void run.ended.then((error) => this.#end(run, error));
    return run;
  }

  #end(run: Run, error: unknown): void {
    this.#runs.delete(run);
    void this.#options.shelf.writer.flush();
    if (!isStreamingAudioError(error, 'resource-changed')) return;
    this.#fail(error);
    this.#outdate();
  }

  /** Lets the body of a whole file come as far ahead of its reader as can be held until it gets there. */
  #pull(run: Run, position: number): void {
    if (run.isWhole) run.allow(position + this.#held.headroomBytes);
  }

  #outdate(): void {
    this.#isOutdated = true;
    this.#options.onOutdated(this);
    this.#onNews();
  }

  #fail(error: Error): void {
    this.#error ??= error;
    this.#lifetime.abort(error);
    for (const run of this.#runs) run.abort(error);
    this.#held.clear();
  }

  #onNews(): void {
    this.#held.record();
    if (this.#isNotifying) return;
    this.#isNotifying = true;
    queueMicrotask(() => {
      this.#isNotifying = false;
      for (const listener of this.#listeners) listener();
    });
  }
}
