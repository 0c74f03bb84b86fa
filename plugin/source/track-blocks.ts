/** The blocks of one track, from memory, store or network: what all who have the track open share. */

import { type ByteRange, ClosedError, isStreamingAudioError } from '../errors.ts';
import { abortable, onAbort } from './abortable.ts';
import type { StoredTrack, TrackRecord } from './block-store.ts';
import { agree } from './content-range.ts';
import { HeldBlocks, type Shelf } from './held-blocks.ts';
import { joinBytes } from './join-bytes.ts';
import { RangeClient, type SourceStats, type Tally } from './range-client.ts';
import { planRun } from './read-ahead.ts';
import { RemoteFile } from './remote-file.ts';
import type { ResolvedRequest } from './request-options.ts';
import type { Run } from './run.ts';
import { Runs } from './runs.ts';
import { Subscribers } from './subscribers.ts';

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
  readonly #file: RemoteFile;
  readonly #client: RangeClient;
  readonly #held: HeldBlocks;
  readonly #runs: Runs;
  readonly #tally: Tally = { requests: 0, bytesReceived: 0, bytesFromCache: 0 };
  readonly #subscribers = new Subscribers();
  readonly #lifetime = new AbortController();
  #response: OpeningResponse;
  #isOutdated = false;
  #error: Error | undefined;

  constructor(options: TrackBlocksOptions) {
    const { request, shelf, blockBytes, stored } = options;
    const { signal } = this.#lifetime;
    this.#options = options;
    this.#file = new RemoteFile(request.url, stored?.record);
    this.#client = new RangeClient(request, this.#file, this.#tally, signal, () => this.#onNews());
    this.#held = new HeldBlocks(shelf, blockBytes, () => this.record);
    this.#runs = new Runs(
      this.#client,
      blockBytes,
      (index, block) => this.#keep(index, block),
      (error) => this.#onRunEnd(error),
    );
    this.#held.onStored(stored?.indices ?? []);
    this.#response = { url: this.#file.url, status: 200, statusText: 'OK', fromCache: true };
  }

  get size(): number | undefined {
    return this.#file.size;
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
    const { etag, lastModified, size } = this.#file.validators;
    if (size === undefined) return undefined;
    return {
      key: request.cacheKey,
      url: this.#file.url,
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
    const run = this.#runs.start({ start: 0, end: Math.ceil(OPENING_BYTES / blockBytes) * blockBytes });
    const unlink = onAbort(signal, () => run.abort(signal.reason));
    try {
      const { status, statusText } = await run.opened;
      this.#response = { url: this.#file.url, status, statusText, fromCache: false };
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

  /** Counts in what the store holds of a former visit, unless that is of another version or cut otherwise. */
  adopt({ record, indices }: StoredTrack): void {
    if (record.blockBytes !== this.#options.blockBytes || !agree(record, this.#file.validators)) return;
    this.#file.learn(record);
    this.onStored(indices);
  }

  /** Asks whether the remote file is still the one whose blocks are here. Never rejects. */
  async revalidate(): Promise<void> {
    const received = await this.#client.head();
    if (received !== undefined && this.#error === undefined && !agree(this.#file.validators, received)) {
      this.#outdate();
    }
  }

  /** A new reader takes up the opening's request. */
  welcome(reader: object): void {
    this.#runs.welcome(reader);
  }

  /**
   * A copy of the bytes at hand from `position` on, at most `maxBytes`: empty at the end of the file, `undefined` where
   * not one is at hand.
   *
   * @throws `resource-changed`, `closed`
   */
  bytesAt(position: number, maxBytes: number, reader: object): Uint8Array<ArrayBuffer> | undefined {
    if (this.#error !== undefined) throw this.#error;
    this.#runs.allow(reader, position + this.#held.headroomBytes);
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let length = 0;
    while (length < maxBytes) {
      const next = position + length;
      const part = (this.#held.bytesAt(next) ?? this.#runs.bytesAt(next))?.subarray(0, maxBytes - length);
      if (part === undefined) break;
      parts.push(part);
      length += part.length;
    }
    return length > 0 || position >= this.#file.latestEnd ? joinBytes(parts) : undefined;
  }

  /**
   * Resolves when the byte at `position` may be at hand: look then, and want it again where it is not.
   *
   * @throws what its request failed with, or the signal's reason
   */
  async obtain({ position, until, reader, signal }: Want): Promise<void> {
    const index = Math.floor(position / this.#options.blockBytes);
    if (this.#held.isStored(index)) return abortable(this.#load(index, until), signal);
    const run = this.#runs.find(position) ?? this.#jump(position, until, reader);
    run.claims.add(reader);
    run.allow(position + this.#held.headroomBytes);
    try {
      await run.arrivalOf(position, signal);
    } finally {
      this.#runs.settle(run);
    }
  }

  /** `reader` wants nothing for now: what only it wanted ends. */
  release(reader: object): void {
    this.#runs.release(reader);
  }

  /** Resolves when the blocks that have arrived are stored, or given up. */
  flush(): Promise<void> {
    return this.#options.shelf.writer.flush();
  }

  cachedRanges(): ByteRange[] {
    return this.#held.ranges();
  }

  /** Calls `listener`, at most once a turn, after the ranges, the size or the stats have changed. */
  subscribe(listener: () => void): () => void {
    return this.#subscribers.subscribe(listener);
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
    this.#fail(new ClosedError(this.#file.url));
    this.#subscribers.clear();
  }

  async #load(index: number, until: number): Promise<void> {
    this.#tally.bytesFromCache += await this.#held.load(index, until);
    this.#onNews();
  }

  /** A run for a reader whom none in flight serves; what it leaves behind ends, unless others want it. */
  #jump(position: number, until: number, reader: object): Run {
    this.#runs.leave(reader);
    const { blockBytes } = this.#options;
    const isAtHand = (index: number): boolean =>
      this.#held.has(index) || this.#runs.find(index * blockBytes) !== undefined;
    return this.#runs.start(planRun({ position, until, blockBytes, fileEnd: this.#file.latestEnd, isAtHand }));
  }

  #keep(index: number, block: ArrayBuffer): Promise<void> {
    const kept = this.#held.keep(index, block);
    this.#onNews();
    return kept;
  }

  #onRunEnd(error: unknown): void {
    void this.#options.shelf.writer.flush();
    if (!isStreamingAudioError(error, 'resource-changed')) return;
    this.#fail(error);
    this.#outdate();
  }

  #outdate(): void {
    this.#isOutdated = true;
    this.#options.onOutdated(this);
    this.#onNews();
  }

  #fail(error: Error): void {
    this.#error ??= error;
    this.#lifetime.abort(error);
    this.#runs.abort(error);
    this.#held.clear();
  }

  #onNews(): void {
    this.#held.record();
    this.#subscribers.announce();
  }
}
