/** A remote file, read like a local one: a position, `read`, `seek`, `tell`. */

import { ClosedError, InvalidArgumentError } from '../errors.ts';
import { abortable } from './abortable.ts';
import type { AudioCache, OpenOptions } from './audio-cache.ts';
import type { BlockCache, BlockReader } from './block-cache.ts';
import { openTransientCache } from './open-audio-cache.ts';
import { requireCount } from './track-reader.ts';

const STEP_BYTES = 2 ** 20; // 1 MiB at a time on the way to an end that no header tells

/** How a remote file is opened. */
export interface SeekableStreamOptions extends OpenOptions {
  /** Where blocks are kept. @default the 64 MiB read last, in memory, until `close` */
  readonly cache?: AudioCache | undefined;
  /**
   * The most that is asked for ahead of what is read, in bytes, an integer of at least 0. It counts once as much has
   * been read in sequence.
   *
   * @default 8388608 (8 MiB)
   */
  readonly readAheadBytes?: number | undefined;
}

/** How one call on a stream goes about it. */
export interface CallOptions {
  /** Ends the call, not what others wait for; the position stays. */
  readonly signal?: AbortSignal | undefined;
}

/** What an offset counts from. */
export type Whence = 'start' | 'current' | 'end';

/**
 * Opens a remote file with one request, or none where `cache` holds its beginning.
 *
 * @throws `http`, `network`, `timeout`, `invalid-range-response`, `range-not-supported`, `closed`, `invalid-argument`, or
 *   the signal's reason
 */
export async function openSeekableStream(url: string, options: SeekableStreamOptions = {}): Promise<SeekableStream> {
  const { cache = openTransientCache(), readAheadBytes, ...openOptions } = options;
  if (readAheadBytes !== undefined) requireCount('readAheadBytes', readAheadBytes);
  return new SeekableStream(await cache.open(url, openOptions), readAheadBytes);
}

/** A remote file that is read like a local one. Calls take effect in the order they are made, awaited or not. */
export class SeekableStream {
  readonly #blocks: BlockCache;
  readonly #reader: BlockReader;
  #position = 0;
  #isClosed = false;
  #lastCall: Promise<unknown> = Promise.resolve();

  /** @internal */
  constructor(blocks: BlockCache, readAheadBytes: number | undefined) {
    this.#blocks = blocks;
    this.#reader = blocks.openReader({ readAheadBytes });
  }

  /** The final URL, after redirects. */
  get url(): string {
    return this.#blocks.url;
  }

  /** The file's length in bytes; `undefined` as long as the server has not told it. */
  get size(): number | undefined {
    return this.#blocks.size;
  }

  get closed(): boolean {
    return this.#isClosed;
  }

  /** The byte that the next read begins with. @throws `closed` */
  tell(): number {
    this.#requireOpen();
    return this.#position;
  }

  /**
   * Moves to a byte; beyond the end is allowed, and there is nothing to read there. From the end of a file whose length
   * is unknown, it is read to its end first.
   *
   * @param offset in bytes, an integer
   * @returns the new position
   * @throws `closed`, `invalid-argument` before the start, the signal's reason; from the end, what `read` throws
   */
  seek(offset: number, whence: Whence = 'start', { signal }: CallOptions = {}): Promise<number> {
    return this.#call(signal, async () => {
      if (!Number.isSafeInteger(offset)) throw new InvalidArgumentError('offset', 'an integer', offset);
      const position = (await this.#origin(whence, signal)) + offset;
      if (position < 0) throw new InvalidArgumentError('offset', `a position after the start from '${whence}'`, offset);
      this.#position = position;
      return position;
    });
  }

  /**
   * Reads on from the position: `length` bytes, fewer only at the end of the file; all the rest without `length`. Where
   * it fails the position stays.
   *
   * @throws `http`, `network`, `timeout`, `invalid-range-response`, `range-not-supported`, `resource-changed`, `closed`,
   *   `invalid-argument`, or the signal's reason
   */
  read(length = Infinity, { signal }: CallOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    return this.#call(signal, async () => {
      if (length !== Infinity) requireCount('length', length);
      const bytes = await this.#read(this.#position, length, signal);
      this.#position += bytes.length;
      return bytes;
    });
  }

  /**
   * Reads on from the position until `buffer` is full or the file ends, as `read` does.
   *
   * @returns the number of bytes written
   */
  readInto(buffer: ArrayBufferView<ArrayBuffer> | ArrayBuffer, { signal }: CallOptions = {}): Promise<number> {
    return this.#call(signal, async () => {
      const isView = ArrayBuffer.isView(buffer);
      const target = isView
        ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
        : new Uint8Array(buffer);
      const filled = await this.#fill(target, this.#position, signal);
      this.#position += filled;
      return filled;
    });
  }

  /** Ends the stream and its requests; every other call then rejects with `closed`. Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#blocks.close();
  }

  #call<Value>(signal: AbortSignal | undefined, operation: () => Promise<Value>): Promise<Value> {
    const call = this.#lastCall.then(() => {
      this.#requireOpen();
      signal?.throwIfAborted();
      return operation();
    });
    this.#lastCall = call.catch(() => {});
    return abortable(call, signal);
  }

  /** All at once where the size is known, else in steps. */
  async #read(start: number, length: number, signal: AbortSignal | undefined): Promise<Uint8Array<ArrayBuffer>> {
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    let end = start;
    for (let filled = -1; filled !== 0; end += filled) {
      const rest = Math.min(start + length, this.size ?? end + STEP_BYTES) - end;
      const piece = new Uint8Array(Math.max(0, rest));
      filled = await this.#fill(piece, end, signal);
      if (filled > 0) pieces.push(piece.subarray(0, filled));
    }
    return joinBytes(pieces);
  }

  /** Fills `target` with the bytes from `position` on; resolves to their number, smaller only at the end of the file. */
  #fill(target: Uint8Array, position: number, signal: AbortSignal | undefined): Promise<number> {
    return this.#reader.read(position, target, { atLeast: target.length, signal });
  }

  async #origin(whence: Whence, signal: AbortSignal | undefined): Promise<number> {
    switch (whence) {
      case 'start':
        return 0;
      case 'current':
        return this.#position;
      case 'end':
        return this.size ?? this.#findEnd(this.#position, signal);
      default:
        throw new InvalidArgumentError('whence', "'start', 'current' or 'end'", whence);
    }
  }

  async #findEnd(from: number, signal: AbortSignal | undefined): Promise<number> {
    const step = new Uint8Array(STEP_BYTES);
    let end = from;
    for (let filled = -1; filled !== 0 && this.size === undefined; end += filled) {
      filled = await this.#reader.read(end, step, { signal });
    }
    // Nothing at all may mean that the position itself lies behind the end.
    return this.size ?? (end > from || from === 0 ? end : this.#findEnd(0, signal));
  }

  #requireOpen(): void {
    if (this.#isClosed) throw new ClosedError(this.url);
  }
}

function joinBytes(pieces: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const [first] = pieces;
  if (first !== undefined && pieces.length === 1) return first;
  const joined = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    joined.set(piece, offset);
    offset += piece.length;
  }
  return joined;
}
