/** WAVs of any length that are never held, with places in them that a tap recognises by their sound. */
import { makeWav, samplesOf } from '../support/wav.ts';
import type { ServedContent } from '../support/range-server.ts';

/** A stretch of a track, in seconds. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface TrackOptions {
  readonly name: string;
  readonly seconds: number;
  /** Where every sample of both channels is above half of full scale; elsewhere all stay within a quarter of it. */
  readonly marks: readonly Span[];
}

export const SAMPLE_RATE = 44_100;
export const BYTES_PER_SECOND = SAMPLE_RATE * 4; // 16 bit, stereo
const TILE_SECONDS = 10;
const QUIET = 0.25;
const RAISED = Math.round(0.75 * 2 ** 15); // with the noise about it, between a half of full scale and all of it

/** CD audio that is never silent: ten seconds of noise again and again, raised where it is marked. */
export function makeTrack({ name, seconds, marks }: TrackOptions): ServedContent {
  const tile = makeWav({ seconds: TILE_SECONDS, sampleRate: SAMPLE_RATE, amplitude: QUIET });
  const { dataStart } = samplesOf(tile);
  const quiet = tile.subarray(dataStart);
  const loud = raise(quiet);
  const header = longerHeader(tile.subarray(0, dataStart), seconds * BYTES_PER_SECOND);
  const size = dataStart + seconds * BYTES_PER_SECOND;
  const isMarked = (second: number): boolean => marks.some(({ start, end }) => start <= second && second < end);
  const read = (start: number, end: number): Buffer => {
    const bytes = Buffer.alloc(end - start);
    for (let from = start, to = 0; from < end; from = to) {
      if (from < dataStart) {
        to = Math.min(dataStart, end);
        header.copy(bytes, from - start, from, to);
        continue;
      }
      const second = Math.floor((from - dataStart) / BYTES_PER_SECOND);
      to = Math.min(dataStart + (second + 1) * BYTES_PER_SECOND, end);
      const place = (from - dataStart) % quiet.length;
      (isMarked(second) ? loud : quiet).copy(bytes, from - start, place, place + to - from);
    }
    return bytes;
  };
  return { size, type: 'audio/wav', etag: `"${name}"`, lastModified: new Date(0), read };
}

function raise(quiet: Buffer): Buffer {
  const loud = Buffer.alloc(quiet.length);
  for (let at = 0; at < quiet.length; at += 2) loud.writeInt16LE(quiet.readInt16LE(at) + RAISED, at);
  return loud;
}

function longerHeader(header: Buffer, dataBytes: number): Buffer {
  const copy = Buffer.from(header);
  copy.writeUInt32LE(header.length - 8 + dataBytes, 4);
  copy.writeUInt32LE(dataBytes, header.length - 4);
  return copy;
}
