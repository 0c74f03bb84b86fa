/** A remote file, read like a local one: a position, `read`, `seek`, `tell`. */

import { ClosedError, InvalidArgumentError } from '../errors.ts';
import { type AudioCache, type OpenOptions, openTransientCache } from './audio-cache.ts';
import type { BlockCache, BlockReader } from './block-cache.ts';
import { joinBytes } from './join-bytes.ts';
import { requireCount } from './track-reader.ts';

const PROBE_BYTES = 2 ** 20; // 1 MiB a step on the way to an end that no header tells

/** How a remote file is opened. */
export interface SeekableStreamOptions extends OpenOptions {
  /** Where blocks are kept. @default the 64 MiB read last, in memory, until `close` */
  readonly cache?: AudioCache | undefined;
  /**
   * The most that is asked for ahead of what is read, in bytes, an integer of at least 0. It counts once as much has
   * been read in sequence.
   *
   * @default 2097152 (2 MiB)
   */
  readonly readAheadBytes?: number | undefined;
}

/** What an offset counts from. */
export type Whence = 'start' | 'current' | 'end';

/**
 * Opens a remote file with one request, or none where `cache` holds its beginning.
 *
 * @throws `http`, `network`, `timeout`, `invalid-range-response`, `closed`, `invalid-argument`, or the signal's reason
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
   * @throws `closed`, `invalid-argument` before the start; from the end, what `read` throws
   */
  seek(offset: number, whence: Whence = 'start'): Promise<number> {
    return this.#call(async () => {
      if (!Number.isSafeInteger(offset)) throw new InvalidArgumentError('offset', 'an integer', offset);
      const position = (await this.#origin(whence)) + offset;
      if (position < 0) throw new InvalidArgumentError('offset', `a position after the start from '${whence}'`, offset);
      this.#position = position;
      return position;
    });
  }

  /**
   * Reads on from the position: `length` bytes, fewer only at the end of the file; all the rest without `length`. Where
   * it fails the position stays.
   *
   * @throws `http`, `network`, `timeout`, `invalid-range-response`, `resource-changed`, `closed`, `invalid-argument`
   */
  read(length = Infinity): Promise<Uint8Array<ArrayBuffer>> {
    return this.#call(async () => {
      if (length !== Infinity) requireCount('length', length);
      const pieces: Uint8Array<ArrayBuffer>[] = [];
      await this.#advance(length, (piece) => pieces.push(piece));
      return joinBytes(pieces);
    });
  }

  /**
   * Reads on from the position until `buffer` is full or the file ends, as `read` does.
   *
   * @returns the number of bytes written
   */
  readInto(buffer: ArrayBufferView<ArrayBuffer> | ArrayBuffer): Promise<number> {
    return this.#call(() => {
      const isView = ArrayBuffer.isView(buffer);
      const target = isView
        ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
        : new Uint8Array(buffer);
      return this.#advance(target.length, (piece, offset) => target.set(piece, offset));
    });
  }

  /** Ends the stream and its requests; every other call then rejects with `closed`. Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#blocks.close();
  }

  #call<Value>(operation: () => Promise<Value>): Promise<Value> {
    const call = this.#lastCall.then(() => {
      this.#requireOpen();
      return operation();
    });
    this.#lastCall = call.catch(() => {});
    return call;
  }

  /** Hands on the next `length` bytes, fewer at the end, and moves behind them. */
  async #advance(length: number, take: (piece: Uint8Array<ArrayBuffer>, offset: number) => void): Promise<number> {
    let offset = 0;
    while (offset < length) {
      const piece = await this.#reader.read(this.#position + offset, length - offset);
      if (piece.length === 0) break;
      take(piece, offset);
      offset += piece.length;
    }
    this.#position += offset;
    return offset;
  }

  async #origin(whence: Whence): Promise<number> {
    switch (whence) {
      case 'start':
        return 0;
      case 'current':
        return this.#position;
      case 'end':
        return this.size ?? this.#findEnd();
      default:
        throw new InvalidArgumentError('whence', "'start', 'current' or 'end'", whence);
    }
  }

  async #findEnd(from = this.#position): Promise<number> {
    let end = from;
    for (let isMore = true; isMore && this.size === undefined;) {
      const piece = await this.#reader.read(end, PROBE_BYTES);
      end += piece.length;
      isMore = piece.length > 0;
    }
    // Nothing at all may mean that the position itself lies behind the end.
    return this.size ?? (end > from || from === 0 ? end : this.#findEnd(0));
  }

  #requireOpen(): void {
    if (this.#isClosed) throw new ClosedError(this.url);
  }
}
