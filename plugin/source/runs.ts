/** The downloads of one track that are in flight, who wants which, and which to begin. */

import type { ByteRange } from '../errors.ts';
import type { RangeClient } from './range-client.ts';
import { planRun } from './read-ahead.ts';
import { Run } from './run.ts';

/** What a reader waits for. */
export interface Want {
  readonly position: number;
  /** How many bytes from there on it can do nothing without; at least 1. */
  readonly atLeast: number;
  /** How far it will go on, exclusive. */
  readonly until: number;
  /** False while the reader has enough for now. */
  readonly isUrgent: () => boolean;
  /** Whether a request may begin inside a block, whose head follows once the reader has enough. */
  readonly headLater: boolean;
  readonly reader: object;
  readonly signal: AbortSignal;
}

/** Where blocks go, and which are there. */
export interface BlockSink {
  has(index: number): boolean;
  /** Takes a whole block; more is read once the promise resolves. */
  readonly keep: (index: number, block: ArrayBuffer) => Promise<void>;
  /** Called when a run is over, with the error it failed with or `undefined`. */
  readonly onEnd: (error: unknown) => void;
}

const HEAD_BYTES = 16 * 2 ** 10; // 16 KiB: a shorter head of a block is not worth a request of its own
const MOST_TAILS = 2; // of blocks whose heads are still to come: what two listeners of a track sought last

/** A block of which the head is missing. */
interface Tail {
  readonly block: Uint8Array<ArrayBuffer>;
  readonly missing: number;
}

export class Runs {
  readonly #client: RangeClient;
  readonly #blockBytes: number;
  readonly #sink: BlockSink;
  readonly #runs = new Set<Run>();
  /** By the index of their blocks. */
  readonly #tails = new Map<number, Tail>();
  #opening: Run | undefined;

  constructor(client: RangeClient, blockBytes: number, sink: BlockSink) {
    this.#client = client;
    this.#blockBytes = blockBytes;
    this.#sink = sink;
  }

  /** Begins at the start of the file, for all who open it. */
  open(bytes: number): Run {
    this.#opening = this.#start({ start: 0, end: Math.ceil(bytes / this.#blockBytes) * this.#blockBytes });
    this.#opening.claim(this, () => true); // readers come once the first answer is here
    return this.#opening;
  }

  /**
   * Waits for what is wanted, as far as it lies in one block, by a run that brings it soon or a new one.
   *
   * @param headroomBytes how far a whole file may be read ahead
   * @throws what its request failed with, or the signal's reason
   */
  async obtain(want: Want, headroomBytes: number): Promise<void> {
    const { position, atLeast, reader, signal } = want;
    if (!want.isUrgent()) this.#fetchHeads();
    const inFlight = this.find(position);
    const run = inFlight?.isNear(position) ? inFlight : this.#jump(want);
    run.claim(reader, want.isUrgent);
    const blockEnd = (Math.floor(position / this.#blockBytes) + 1) * this.#blockBytes;
    const end = Math.min(position + atLeast, blockEnd);
    run.allow(Math.max(position + headroomBytes, end));
    try {
      await run.arrivalOf({ start: position, end }, signal);
    } finally {
      this.settle(run);
    }
  }

  /** Asks for what `reader`, who is at `position`, will want next, unless most of the next `bytes` is at hand. */
  readAhead(position: number, bytes: number, reader: object): void {
    const { latestEnd } = this.#client.file;
    const end = Math.min(position + bytes, latestEnd);
    let next = Math.floor(position / this.#blockBytes);
    while (next * this.#blockBytes < end && this.#isAtHand(next)) next += 1;
    const start = next * this.#blockBytes;
    const isWorthIt = end - start >= bytes / 2 || (end === latestEnd && start < end);
    if (isWorthIt) this.#plan(start, start + bytes).claim(reader, () => false);
  }

  /** The run that brings the byte at `position`. */
  find(position: number): Run | undefined {
    for (const run of this.#runs) if (run.covers(position)) return run;
    return undefined;
  }

  /** What has arrived of the block at `position`, from there on: a view that lasts until the next turn. */
  bytesAt(position: number): Uint8Array<ArrayBuffer> | undefined {
    const tail = this.#tails.get(Math.floor(position / this.#blockBytes));
    const offset = position % this.#blockBytes;
    if (tail && offset >= tail.missing && offset < tail.block.length) return tail.block.subarray(offset);
    return this.find(position)?.bytesAt(position);
  }

  /** A new reader takes up the opening's run. */
  welcome(reader: object): void {
    this.#opening?.claim(reader, () => true);
    this.#opening?.claims.delete(this);
  }

  /** Lets the whole files that `reader` is reading come up to `limit`, exclusive. */
  allow(reader: object, limit: number): void {
    for (const run of this.#runs) if (run.claims.has(reader)) run.allow(limit);
  }

  /** `reader` goes elsewhere: what nobody else wants of its runs ends. */
  leave(reader: object): void {
    for (const run of this.#runs) if (run.claims.delete(reader) && !run.isWanted) run.finish();
  }

  /** `reader` wants nothing for now, but may go on later. */
  release(reader: object): void {
    for (const run of this.#runs) if (run.claims.delete(reader)) this.settle(run);
  }

  /** Ends a run that nobody wants. A whole file merely pauses: begun anew, all of it would have to come again. */
  settle(run: Run): void {
    if (run.isWanted) return;
    if (run.isWhole) run.pause();
    else run.abort();
  }

  abort(reason: unknown): void {
    for (const run of this.#runs) run.abort(reason);
  }

  /** A run for a reader whom none in flight serves soon; what it leaves behind ends, unless others want it. */
  #jump({ position, until, isUrgent, headLater, reader }: Want): Run {
    this.leave(reader);
    if (isUrgent()) this.leave(this.#tails);
    const head = position % this.#blockBytes;
    const start = position - head;
    for (const run of this.#runs) if (run.covers(start)) run.curtail(start);
    return this.#plan(position, until, headLater && head >= HEAD_BYTES ? position : start);
  }

  #plan(position: number, until: number, start = Math.floor(position / this.#blockBytes) * this.#blockBytes): Run {
    const isAtHand = (index: number): boolean => this.#isAtHand(index);
    const fileEnd = this.#client.file.latestEnd;
    const { end } = planRun({ position, until, blockBytes: this.#blockBytes, fileEnd, isAtHand });
    return this.#start({ start, end });
  }

  #start(range: ByteRange): Run {
    const run = new Run(this.#client, range, this.#blockBytes, (...block) => this.#take(...block));
    this.#runs.add(run);
    void this.#watch(run);
    return run;
  }

  #take(index: number, block: ArrayBuffer, missing: number): Promise<void> {
    this.#tails.delete(index);
    if (missing === 0) return this.#sink.keep(index, block);
    this.#tails.set(index, { block: new Uint8Array(block), missing });
    for (const oldest of this.#tails.keys()) if (this.#tails.size > MOST_TAILS) this.#tails.delete(oldest);
    return Promise.resolve();
  }

  /** Makes the tails whole blocks, while nobody waits for anything. */
  #fetchHeads(): void {
    for (const [index, tail] of this.#tails) if (!this.#isAtHand(index)) void this.#fetchHead(index, tail);
  }

  async #fetchHead(index: number, { block, missing }: Tail): Promise<void> {
    const start = index * this.#blockBytes;
    const run = this.#start({ start, end: start + missing });
    run.claim(this.#tails, () => false);
    await run.ended;
    const head = run.bytesAt(start);
    if (head?.length !== missing || this.#sink.has(index)) return;
    block.set(head);
    await this.#take(index, block.buffer, 0);
  }

  #isAtHand(index: number): boolean {
    return this.#sink.has(index) || this.find(index * this.#blockBytes) !== undefined;
  }

  async #watch(run: Run): Promise<void> {
    const error = await run.ended;
    this.#runs.delete(run);
    if (this.#opening === run) this.#opening = undefined;
    this.#sink.onEnd(error);
  }
}
