/** One reader's way through a track: asks for bytes, waits for them, and lets go of what it no longer wants. */

import { ClosedError, InvalidArgumentError } from '../errors.ts';
import { bothOf } from './abortable.ts';
import { MAX_RUN_BYTES, planWindow } from './read-ahead.ts';
import type { TrackBlocks } from './track-blocks.ts';

/** How one read goes about it. */
export interface ReadOptions {
  /**
   * How far the caller will read on in sequence: a byte of the file, exclusive. Requests reach it, rounded up to a
   * block, and no further.
   *
   * @default a window that grows with every byte read in sequence
   */
  readonly until?: number | undefined;
  /** How many bytes to wait for, unless the file ends before them; 1 to the length of the target. @default 1 */
  readonly atLeast?: number | undefined;
  /**
   * Asked while the request for the bytes waits for its turn: false while the caller has enough for now.
   *
   * @default always true
   */
  readonly isUrgent?: (() => boolean) | undefined;
  /**
   * Whether a request may begin at the position itself, inside a block: the block's head follows once the caller has
   * enough.
   *
   * @default false: it begins with the block
   */
  readonly headLater?: boolean | undefined;
  /** Ends the wait, not the request, which goes on until `release` or a read elsewhere. */
  readonly signal?: AbortSignal | undefined;
}

/** Reads one track. */
export interface BlockReader {
  /**
   * Copies `atLeast` bytes from `position` on into `target`, and as many as are at hand without waiting further.
   *
   * @returns how many; fewer than `atLeast` only at the end of the file
   * @throws `http`, `network`, `timeout`, `invalid-range-response`, `resource-changed`, `closed`, `invalid-argument`
   */
  read(position: number, target: Uint8Array, options?: ReadOptions): Promise<number>;
  /** Wants nothing for now: a request that only this reader wanted is aborted. */
  release(): void;
  /** Ends the reader; reads that wait reject with `closed`. Idempotent. */
  close(): void;
}

const ALWAYS = (): boolean => true;

export class TrackReader implements BlockReader {
  readonly #track: TrackBlocks;
  readonly #maxWindowBytes: number;
  readonly #lifetime = new AbortController();
  /** Where the reads in sequence began, and where the next one would go on. */
  #sequenceStart = 0;
  #nextPosition = 0;

  constructor(track: TrackBlocks, maxWindowBytes = MAX_RUN_BYTES) {
    this.#track = track;
    this.#maxWindowBytes = maxWindowBytes;
    track.welcome(this);
  }

  async read(position: number, target: Uint8Array, options: ReadOptions = {}): Promise<number> {
    requireCount('position', position);
    options.signal?.throwIfAborted();
    this.#lifetime.signal.throwIfAborted();
    if (position !== this.#nextPosition) this.#sequenceStart = position;
    this.#nextPosition = position;
    const ahead = planWindow(position - this.#sequenceStart, this.#maxWindowBytes);
    const { until = position + Math.max(target.length, ahead) } = options;
    const count = target.length === 0 ? 0 : await this.#wait(target, position, { ...options, until });
    if (this.#nextPosition !== position || this.#lifetime.signal.aborted) return count;
    this.#nextPosition += count;
    if (options.until === undefined && count > 0 && ahead > 0) this.#track.readAhead(this.#nextPosition, ahead, this);
    return count;
  }

  release(): void {
    this.#track.release(this);
  }

  close(): void {
    if (this.#lifetime.signal.aborted) return;
    this.#lifetime.abort(new ClosedError('The reader'));
    this.#track.release(this);
  }

  async #wait(
    target: Uint8Array,
    position: number,
    { until, atLeast = 1, isUrgent = ALWAYS, headLater = false, signal }: ReadOptions & { readonly until: number },
  ): Promise<number> {
    const both = bothOf(this.#lifetime.signal, signal);
    const want = { until, isUrgent, headLater, reader: this, signal: both.signal };
    try {
      for (let copied = 0; ;) {
        const count = this.#track.copyTo(target.subarray(copied), position + copied, this);
        copied += count ?? 0;
        if (count === 0 || copied >= atLeast) return copied;
        if (count !== undefined) continue; // the file may end here
        await this.#track.obtain({ ...want, position: position + copied, atLeast: atLeast - copied });
      }
    } finally {
      both.unlink();
    }
  }
}

/** @throws `invalid-argument` where `value` counts no bytes */
export function requireCount(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError(name, 'an integer of at least 0', value);
}
