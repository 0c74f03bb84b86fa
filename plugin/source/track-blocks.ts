/** The blocks of one track, from memory, store or network: what all who have the track open share. */

import { type ByteRange, ClosedError, isStreamingAudioError } from '../errors.ts';
import { abortable, onAbort } from './abortable.ts';
import { isSameLayout, type StoredStart, type StoredTrack, type TrackRecord } from './block-store.ts';
import { gatherBytes } from './gather-bytes.ts';
import { HeldBlocks, type Shelf } from './held-blocks.ts';
import { RangeClient } from './range-client.ts';
import { RemoteFile } from './remote-file.ts';
import type { ResolvedRequest } from './request-options.ts';
import type { RequestSlots } from './request-slots.ts';
import { Runs, type Want } from './runs.ts';
import { Subscribers } from './subscribers.ts';
import { type SourceStats, Tally } from './tally.ts';

/** What the server, or the cache in its place, answered to the opening of a track. */
export interface OpeningResponse {
  /** After redirects. */
  readonly url: string;
  readonly status: number;
  /** The standard's phrase where the server sends none. */
  readonly statusText: string;
  readonly fromCache: boolean;
}

export interface TrackBlocksOptions {
  readonly request: ResolvedRequest;
  readonly blockBytes: number;
  readonly shelf: Shelf;
  readonly slots: RequestSlots;
  /** What the store holds of a former visit. */
  readonly stored?: StoredStart | undefined;
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
  readonly #tally = new Tally();
  readonly #subscribers = new Subscribers();
  readonly #lifetime = new AbortController();
  #response: OpeningResponse;
  #isOutdated = false;
  #error: Error | undefined;

  constructor(options: TrackBlocksOptions) {
    const { request, shelf, slots, blockBytes, stored } = options;
    this.#options = options;
    this.#tally.bytesFromCache = stored?.first?.byteLength ?? 0;
    this.#file = new RemoteFile(request.url, stored?.record);
    this.#client = new RangeClient({
      request,
      file: this.#file,
      tally: this.#tally,
      slots,
      signal: this.#lifetime.signal,
      bytesBefore: (position, length) => this.#bytesBefore(position, length),
      onChange: () => this.#onNews(),
    });
    this.#held = new HeldBlocks(shelf, blockBytes, () => this.record);
    this.#runs = new Runs(this.#client, blockBytes, {
      has: (index) => this.#held.has(index),
      keep: (index, block) => this.#keep(index, block),
      onEnd: (error) => this.#onRunEnd(error),
    });
    this.#held.onStored([...(stored?.checksums.keys() ?? [])]);
    if (stored?.first) this.#held.restore(0, stored.first);
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
    const { request, blockBytes } = this.#options;
    const known = this.#file.known;
    return (
      known && {
        ...known,
        key: request.cacheKey,
        blockBytes,
        lastUsed: Date.now(),
        isOutdated: this.#isOutdated,
      }
    );
  }

  /** Begins at the network. Resolves once the first answer has passed its checks; its body still comes. */
  async openFromNetwork(signal: AbortSignal): Promise<void> {
    const run = this.#runs.open(OPENING_BYTES);
    const unlink = onAbort(signal, () => run.abort(signal.reason));
    try {
      const { status, statusText } = await run.opened;
      this.#response = { url: this.#file.url, status, statusText, fromCache: false };
    } finally {
      unlink();
    }
  }

  /**
   * Counts in what the store holds of a former visit, unless that is of another version or cut otherwise; but not the
   * first block, which the store could not begin with: it may be damaged, and is stored anew.
   */
  adopt({ record, checksums }: StoredTrack): void {
    if (record.blockBytes !== this.#options.blockBytes || !this.#file.agrees(record)) return;
    this.#file.learn(record);
    this.onStored(
      record,
      [...checksums.keys()].filter((index) => index > 0),
    );
  }

  /** Asks whether the remote file is still the one whose blocks are here. Never rejects. */
  async revalidate(): Promise<void> {
    if (!(await this.#client.isCurrent()) && this.#error === undefined) this.#outdate();
  }

  /** A new reader takes up the opening's request. */
  welcome(reader: object): void {
    this.#runs.welcome(reader);
  }

  /**
   * Copies the bytes at hand from `position` on into `target`. Returns their number: 0 at the end of the file,
   * `undefined` where not one is at hand.
   *
   * @throws `resource-changed`, `closed`
   */
  copyTo(target: Uint8Array, position: number, reader: object): number | undefined {
    if (this.#error !== undefined) throw this.#error;
    this.#runs.allow(reader, position + this.#held.headroomBytes);
    const copied = this.#copyTo(target, position);
    return copied > 0 || position >= this.#file.latestEnd ? copied : undefined;
  }

  /**
   * Resolves when what is wanted, as far as it lies in one block, may be at hand: look then, and want again what is not.
   *
   * @throws what its request failed with, or the signal's reason
   */
  async obtain(want: Want): Promise<void> {
    const { position, until, signal } = want;
    const index = Math.floor(position / this.#options.blockBytes);
    if (this.#held.isStored(index)) return abortable(this.#load(index, until), signal);
    return this.#runs.obtain(want, this.#held.headroomBytes);
  }

  /** Asks for what `reader`, who is at `position`, will want next, unless most of the next `bytes` is at hand. */
  readAhead(position: number, bytes: number, reader: object): void {
    this.#runs.readAhead(position, bytes, reader);
  }

  /** `reader` wants nothing for now: what only it wanted ends. */
  release(reader: object): void {
    this.#runs.release(reader);
  }

  /** How far the file may be read ahead of its readers and still be held when they come, in bytes. */
  get headroomBytes(): number {
    return this.#held.headroomBytes;
  }

  /** How much of the track the store holds, in bytes; 0 while its size is unknown. */
  get storedBytes(): number {
    return this.#held.storedBytes;
  }

  /**
   * Resolves when the blocks in memory are stored, too: to false where the store does not have all of the file then.
   *
   * @param isChecked whether to read each block that is stored, so that a damaged one is missing
   */
  storeAll(isChecked = false): Promise<boolean> {
    return this.#held.storeAll(isChecked);
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

  /** Counts blocks as stored, if they are of this version and cut: what is written late may be a former opening's. */
  onStored(record: TrackRecord, indices: readonly number[]): void {
    if (this.record === undefined || !isSameLayout(this.record, record)) return;
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

  #copyTo(target: Uint8Array, position: number): number {
    return gatherBytes(target, position, (next) => this.#held.bytesAt(next) ?? this.#runs.bytesAt(next));
  }

  /** The bytes in memory that lie right before `position`, at most `length`. */
  #bytesBefore(position: number, length: number): Uint8Array {
    const bytes = new Uint8Array(Math.min(position, length));
    return this.#copyTo(bytes, position - bytes.length) === bytes.length ? bytes : new Uint8Array();
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
    if (!this.#file.isStorable) this.#held.keepInMemory();
    this.#held.record();
    this.#subscribers.announce();
  }
}
