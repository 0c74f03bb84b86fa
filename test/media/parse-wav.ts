/** Drives the header parser over a file in memory. */
import { expect } from '@jest/globals';
import type { ByteRange } from '../../plugin/errors.ts';
import { parseWavHeader, parseWavTrailer, type WavFormat, type WavPlaces } from '../../plugin/media/wav-header.ts';
import type { Parser } from '../../plugin/media/file-window.ts';

export interface Parsed {
  readonly format: WavFormat;
  readonly asked: readonly ByteRange[];
}

interface Driven<Value> {
  readonly value: Value;
  readonly asked: readonly ByteRange[];
}

/** Feeds `file` to the parser, and checks that it asks for little, and only for what can exist. */
export function parse(file: Uint8Array, fileSize?: number): Parsed {
  const { value, asked } = drive(parseWavHeader(fileSize), file, fileSize);
  return { format: value, asked };
}

/** What the whole file marks. */
export function placesIn(file: Uint8Array, fileSize?: number): WavPlaces {
  return drive(parseWavTrailer(parse(file, fileSize).format, fileSize), file, fileSize).value;
}

function drive<Value>(parser: Parser<Value>, file: Uint8Array, fileSize?: number): Driven<Value> {
  const asked: ByteRange[] = [];
  let step = parser.next();
  while (step.done !== true) {
    const range = step.value;
    expect(range.start).toBeGreaterThanOrEqual(asked.at(-1)?.start ?? 0);
    expect(range.end).toBeGreaterThan(range.start);
    expect(range.end).toBeLessThanOrEqual(fileSize ?? Infinity);
    expect(range.end - range.start).toBeLessThanOrEqual(2 ** 16);
    asked.push(range);
    expect(asked.length).toBeLessThanOrEqual(2001);
    step = parser.next(file.subarray(range.start, range.end));
  }
  return { value: step.value, asked };
}

export function errorOf(file: Uint8Array, fileSize?: number): unknown {
  try {
    return parse(file, fileSize).format;
  } catch (error) {
    return error;
  }
}
