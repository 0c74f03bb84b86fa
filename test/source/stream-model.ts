/** A stream as it should be, over bytes in memory; and what is done to it and to a real one alike. */
import * as fc from 'fast-check';

import { isStreamingAudioError, type SeekableStream, type Whence } from '../../plugin/core.ts';
import { digest } from '../support/served-content.ts';

export type Operation =
  | { readonly kind: 'read' | 'readInto'; readonly length: number }
  | { readonly kind: 'readAll' }
  | { readonly kind: 'seek'; readonly offset: number; readonly whence: Whence };

/** What an operation gives: a digest of bytes, a position, or the code of an error. */
export type Result = string | number;

export class StreamModel {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  apply(operation: Operation): Result {
    if (operation.kind === 'seek') return this.#seek(operation.offset, operation.whence);
    const end = operation.kind === 'readAll' ? Infinity : this.#position + operation.length;
    const bytes = this.#bytes.subarray(this.#position, end);
    this.#position += bytes.length;
    return digest(bytes);
  }

  #seek(offset: number, whence: Whence): Result {
    const origin = { start: 0, current: this.#position, end: this.#bytes.length }[whence];
    if (origin + offset < 0) return 'invalid-argument';
    this.#position = origin + offset;
    return this.#position;
  }
}

/** Rejects only with what is no error of the plugin. */
export async function apply(stream: SeekableStream, operation: Operation): Promise<Result> {
  try {
    if (operation.kind === 'seek') return await stream.seek(operation.offset, operation.whence);
    if (operation.kind === 'readAll') return digest(await stream.read());
    if (operation.kind === 'read') return digest(await stream.read(operation.length));
    const buffer = new Uint8Array(operation.length + 2).subarray(1, -1);
    return digest(buffer.subarray(0, await stream.readInto(buffer)));
  } catch (error) {
    if (isStreamingAudioError(error)) return error.code;
    throw error;
  }
}

/** Operations that reach a little beyond a file of `size` bytes. */
export function operationOn(size: number): fc.Arbitrary<Operation> {
  return fc.oneof(
    fc.record({ kind: fc.constantFrom('read' as const, 'readInto' as const), length: fc.nat(300_000) }),
    fc.record({ kind: fc.constantFrom('read' as const, 'readInto' as const), length: fc.nat(100) }),
    fc.constant({ kind: 'readAll' as const }),
    fc.record({
      kind: fc.constant('seek' as const),
      offset: fc.integer({ min: -size - 10, max: size + 10 }),
      whence: fc.constantFrom<Whence>('start', 'current', 'end'),
    }),
  );
}
