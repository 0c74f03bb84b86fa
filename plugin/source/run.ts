/** One download in flight: cuts what arrives into blocks, and lets readers wait for their bytes. */

import type { ByteRange } from '../errors.ts';
import { abortable } from './abortable.ts';
import type { RangeAnswer } from './range-answer.ts';
import type { RangeClient } from './range-client.ts';

const NEAR_BYTES = 512 * 2 ** 10; // 512 KiB: at 5 MB/s, what comes within a round trip of 100 ms
const FINISHING_MS = 20; // of a line shared with the next request

/** Takes a block, which lacks its first `missing` bytes; more is read once the promise resolves. */
export type KeepBlock = (index: number, block: ArrayBuffer, missing: number) => Promise<void>;

export class Run {
  /** Those who want it to go on, and whether they wait for it now. */
  readonly claims = new Map<object, () => boolean>();
  /** Settles with the first answer that passes its checks. */
  readonly opened: Promise<RangeAnswer>;
  /** Resolves when the run is over, to the error it failed with or `undefined`. */
  readonly ended: Promise<unknown>;

  readonly #client: RangeClient;
  readonly #blockBytes: number;
  readonly #keep: KeepBlock;
  readonly #controller = new AbortController();
  readonly #arrival = new Waiters();
  readonly #allowance = new Waiters();
  /** The block that is arriving: where it begins in the file, and which of its bytes are here. */
  #block: Uint8Array<ArrayBuffer>;
  #blockStart: number;
  #missingBytes: number;
  #filledBytes: number;
  #end: number;
  #isWhole = false;
  #limit: number;
  #waiting = 0;
  #isOver = false;
  #finishing: ReturnType<typeof setTimeout> | undefined;
  #error: unknown;
  #onAnswer: (answer: RangeAnswer) => void = () => {};

  constructor(client: RangeClient, range: ByteRange, blockBytes: number, keep: KeepBlock) {
    this.#client = client;
    this.#blockBytes = blockBytes;
    this.#keep = keep;
    this.#block = new Uint8Array(blockBytes);
    this.#missingBytes = range.start % blockBytes;
    this.#filledBytes = this.#missingBytes;
    this.#blockStart = range.start - this.#missingBytes;
    this.#end = range.end;
    this.#limit = range.end;
    const download = this.#download(range);
    this.opened = new Promise((resolve, reject) => {
      this.#onAnswer = resolve;
      download.catch(reject);
    });
    this.opened.catch(() => {}); // only an opening looks at it
    this.ended = download.then(
      () => this.#finish(undefined),
      (error: unknown) => this.#finish(error),
    );
  }

  /** True while readers wait for this run, or have claimed it. */
  get isWanted(): boolean {
    return this.#waiting > 0 || this.claims.size > 0;
  }

  /** True where the server sends the whole file: what is lost of it can only be had from its start again. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** True where the byte at `position` is here or still to come. */
  covers(position: number): boolean {
    const isOver = this.#isOver || this.#controller.signal.aborted;
    return !isOver && position >= this.#blockStart + this.#missingBytes && position < this.#end;
  }

  /** True where waiting for the byte at `position`, which the run covers, is better than asking for it anew. */
  isNear(position: number): boolean {
    const near = Math.max(this.#nextPosition + NEAR_BYTES, this.#blockStart + this.#blockBytes);
    return this.#isWhole || position < near;
  }

  /** What has arrived of the block in progress, from `position` on; a view that lasts until the next turn. */
  bytesAt(position: number): Uint8Array<ArrayBuffer> | undefined {
    const offset = position - this.#blockStart;
    return offset >= this.#missingBytes && offset < this.#filledBytes
      ? this.#block.subarray(offset, this.#filledBytes)
      : undefined;
  }

  /**
   * Resolves when the bytes `[start, end)` of one block are here, or the run is over, or ends before, without them.
   *
   * @throws what the run failed with, or the signal's reason
   */
  async arrivalOf({ start, end }: ByteRange, signal: AbortSignal): Promise<void> {
    this.#waiting += 1;
    try {
      const isOver = (): boolean => !this.covers(start) || this.#nextPosition >= Math.min(end, this.#end);
      await abortable(this.#arrival.until(isOver), signal);
    } finally {
      this.#waiting -= 1;
    }
    if (this.#error !== undefined && start >= this.#blockStart) throw this.#error;
  }

  /** `reader` wants it to go on. @param isWaiting whether it waits for it, rather than reading ahead */
  claim(reader: object, isWaiting: () => boolean): void {
    this.claims.set(reader, isWaiting);
    this.#client.reviewTurns();
  }

  /** Lets a whole file be read up to `limit`, exclusive; it waits there with the connection open. */
  allow(limit: number): void {
    this.#limit = Math.max(this.#limit, limit);
    this.#allowance.review();
  }

  /** Lets no more of a whole file be read. */
  pause(): void {
    this.#limit = 0;
  }

  /** Ends before the byte at `position`, at the latest: others bring the rest. */
  curtail(position: number): void {
    if (this.#isWhole) return;
    this.#end = Math.min(this.#end, position);
    this.#arrival.review();
  }

  /** Ends, with the block that is arriving where the rest of it comes at once: else it would have to come again. */
  finish(): void {
    if (this.#isWhole || this.#filledBytes === this.#missingBytes) return this.abort();
    this.curtail(this.#blockStart + this.#blockBytes);
    clearTimeout(this.#finishing);
    this.#finishing = setTimeout(() => {
      if (!this.isWanted) this.abort();
    }, FINISHING_MS);
  }

  abort(reason?: unknown): void {
    this.#controller.abort(reason);
    this.#allowance.review();
  }

  get #nextPosition(): number {
    return this.#blockStart + this.#filledBytes;
  }

  /** True for a full block, and for the last one of a file whose size is known. */
  get #isBlockComplete(): boolean {
    const isLast = this.#filledBytes > this.#missingBytes && this.#nextPosition === this.#client.file.size;
    return isLast || this.#filledBytes === this.#blockBytes;
  }

  async #download(range: ByteRange): Promise<void> {
    const { signal } = this.#controller;
    const onAnswer = (answer: RangeAnswer): void => this.#follow(answer);
    const isUrgent = (): boolean => [...this.claims.values()].some((isWaiting) => isWaiting());
    for await (const { position, bytes } of this.#client.download(range, { signal, onAnswer, isUrgent })) {
      if (position === 0) this.#beginAt(0); // a whole file, whatever was asked for
      await this.#take(bytes);
      if (this.#blockStart >= this.#end && this.#end < range.end) break;
      await this.#allowance.until(() => !this.#isWhole || this.#nextPosition < this.#limit || signal.aborted);
      signal.throwIfAborted();
    }
    if (this.#isBlockComplete) await this.#complete();
  }

  #follow(answer: RangeAnswer): void {
    this.#isWhole ||= answer.isWhole;
    if (this.#isWhole) this.#end = Infinity;
    this.#onAnswer(answer);
  }

  async #take(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    for (let rest = bytes; rest.length > 0;) {
      const part = rest.subarray(0, this.#blockBytes - this.#filledBytes);
      this.#block.set(part, this.#filledBytes);
      this.#filledBytes += part.length;
      const kept = this.#isBlockComplete ? this.#complete() : undefined;
      this.#arrival.review();
      await kept;
      rest = rest.subarray(part.length);
    }
  }

  /** Hands the block on. `keep` holds it before it first waits, so that no byte is out of sight in between. */
  #complete(): Promise<void> {
    const { buffer } = this.#block;
    const block = this.#filledBytes === this.#blockBytes ? buffer : buffer.slice(0, this.#filledBytes);
    const index = this.#blockStart / this.#blockBytes;
    const missing = this.#missingBytes;
    this.#block = new Uint8Array(this.#blockBytes);
    this.#beginAt(this.#blockStart + this.#blockBytes);
    return this.#keep(index, block, missing);
  }

  #beginAt(blockStart: number): void {
    this.#blockStart = blockStart;
    this.#missingBytes = 0;
    this.#filledBytes = 0;
  }

  #finish(error: unknown): unknown {
    this.#isOver = true;
    this.#error = error;
    clearTimeout(this.#finishing);
    this.#arrival.review();
    return error;
  }
}

/** Those who wait for something to become true. */
class Waiters {
  readonly #waiters = new Set<{ readonly isOver: () => boolean; readonly resolve: () => void }>();

  async until(isOver: () => boolean): Promise<void> {
    if (!isOver()) await new Promise<void>((resolve) => this.#waiters.add({ isOver, resolve }));
  }

  /** Something has changed. */
  review(): void {
    for (const waiter of this.#waiters) {
      if (!waiter.isOver()) continue;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  }
}
