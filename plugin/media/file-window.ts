/** How parsers without I/O come by a file's bytes: they yield byte ranges, and whoever drives them hands the bytes in. */

import type { ByteRange } from '../errors.ts';

/**
 * A generator that asks for byte ranges and ends with a `Value`. Each `next(bytes)` hands in the bytes of the range
 * yielded last, fewer only where the file ends.
 */
export type Parser<Value> = Generator<ByteRange, Value, Uint8Array>;

/** The common header, `fmt ` and all, has 44 bytes: mostly one request, answered from the file's first block. */
const ASK_BYTES = 64;

/** The bytes at hand, and how to ask for others. */
export class FileWindow {
  #start = 0;
  #bytes: Uint8Array = new Uint8Array(0);

  /** @param fileSize in bytes; `Infinity` where it is not known. No range reaches past it. */
  constructor(readonly fileSize: number) {}

  /** The bytes `[start, start + length)`, fewer where the file ends; yields only if they are not at hand. */
  *view(start: number, length: number): Parser<DataView> {
    if (start < this.#start || start + length > this.#start + this.#bytes.byteLength) {
      const end = Math.min(start + Math.max(length, ASK_BYTES), this.fileSize);
      this.#bytes = start < end ? yield { start, end } : new Uint8Array(0);
      this.#start = start;
    }
    const from = start - this.#start;
    const available = Math.min(length, this.#bytes.byteLength - from);
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset + from, available);
  }
}
