/** The downloads of one track that are in flight, and who wants which. */

import type { ByteRange } from '../errors.ts';
import type { RangeClient } from './range-client.ts';
import { type KeepBlock, Run } from './run.ts';

export class Runs {
  readonly #client: RangeClient;
  readonly #blockBytes: number;
  readonly #keep: KeepBlock;
  /** Called when a run is over, with the error it failed with or `undefined`. */
  readonly #onEnd: (error: unknown) => void;
  readonly #runs = new Set<Run>();

  constructor(client: RangeClient, blockBytes: number, keep: KeepBlock, onEnd: (error: unknown) => void) {
    this.#client = client;
    this.#blockBytes = blockBytes;
    this.#keep = keep;
    this.#onEnd = onEnd;
  }

  /** @param isUrgent whether somebody waits for it */
  start(range: ByteRange, isUrgent: boolean): Run {
    const run = new Run(this.#client, range, this.#blockBytes, this.#keep, isUrgent);
    this.#runs.add(run);
    void this.#watch(run);
    return run;
  }

  /** The run that brings the byte at `position`. */
  find(position: number): Run | undefined {
    for (const run of this.#runs) if (run.covers(position)) return run;
    return undefined;
  }

  /** Whatever is in flight ends before the byte at `position`. */
  curtail(position: number): void {
    for (const run of this.#runs) if (run.covers(position)) run.curtail(position);
  }

  /** What has arrived of the block at `position`, from there on: a view that lasts until the next turn. */
  bytesAt(position: number): Uint8Array<ArrayBuffer> | undefined {
    return this.find(position)?.bytesAt(position);
  }

  /** `reader` takes up the runs that nobody has claimed: the opening's. */
  welcome(reader: object): void {
    for (const run of this.#runs) if (run.claims.size === 0) run.claims.add(reader);
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

  async #watch(run: Run): Promise<void> {
    const error = await run.ended;
    this.#runs.delete(run);
    this.#onEnd(error);
  }
}
