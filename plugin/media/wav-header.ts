/**
 * Reads a WAV's header without doing I/O: a generator asks for byte ranges, and whoever drives it fetches them
 * ("Multimedia Programming Interface and Data Specifications 1.0").
 */

import { MalformedWavError } from '../errors.ts';
import { FileWindow, type Parser } from './file-window.ts';
import { type AudioLayout, framesIn } from './packets.ts';
import { ChunkWalk, type Container, type Extent, LAST_OFFSET, openContainer, UNKNOWN_SIZES } from './riff-chunks.ts';
import { MAX_FMT_BYTES, parseFmt } from './wav-fmt.ts';
import { findPlaces, type FoundPlaces, NO_PLACES, placesWithin, type WavPlaces } from './wav-places.ts';

export type { WavLoop, WavMarker, WavPlaces } from './wav-places.ts';

/** What a WAV's header says about its audio. What it marks is what stands ahead of the audio. */
export interface WavFormat extends AudioLayout, WavPlaces {
  /** Byte offset of the first packet. */
  readonly dataStart: number;
  /** Byte offset behind the last packet that is of use; undefined where neither the header nor the file's size tells. */
  readonly dataEnd: number | undefined;
  /** Frames of audio; undefined together with `dataEnd`. */
  readonly frames: number | undefined;
  /** What {@link parseWavTrailer} goes on with; undefined where nothing follows the audio. */
  readonly trailer: WavTrailer | undefined;
}

/** Where the chunks behind the audio begin. */
export interface WavTrailer {
  readonly container: Container;
  readonly audio: Extent;
  readonly found: FoundPlaces;
}

/** A chunk's header; what is shorter behind the audio is padding. */
const LEAST_CHUNK_BYTES = 8;

/**
 * Parses the header of a WAV: RIFF, RIFX, RF64, BW64 or Wave64; integers of 1 to 32 bits, floats of 32 and 64, A-law,
 * µ-law, IMA or Microsoft's ADPCM; 1 to 8 channels.
 *
 * Chunks that say nothing about the audio are stepped over unread; what follows the `data` chunk's header is never
 * asked for.
 *
 * @param fileSize size of the file in bytes, where known: no range reaches past it, and it bounds the audio
 * @throws MalformedWavError (`malformed-wav`) no WAV, or a header that contradicts itself
 * @throws UnsupportedFormatError (`unsupported-format`) another encoding, bit depth, rate or channel count
 */
export function* parseWavHeader(fileSize = Infinity): Parser<WavFormat> {
  const chunks = yield* openContainer(new FileWindow(fileSize));
  let layout: AudioLayout | undefined;
  let factFrames: number | undefined;
  let found = NO_PLACES;
  for (;;) {
    const chunk = yield* chunks.next();
    if (chunk === undefined) throw new MalformedWavError('the file ends before any data chunk', chunks.offset);
    if (chunk.id === 'fmt ') {
      layout = parseFmt(yield* chunks.content(chunk, MAX_FMT_BYTES), chunk.start);
    } else if (chunk.id === 'fact') {
      factFrames = yield* chunks.number(chunk);
    } else if (chunk.id === 'data') {
      if (layout === undefined) throw new MalformedWavError('its data chunk comes before any fmt chunk', chunks.offset);
      const trailer = { container: chunks.container, audio: chunk, found };
      return wavFormat(layout, chunks.frames || factFrames, trailer, fileSize);
    } else {
      found = yield* findPlaces(chunk, chunks, found);
    }
  }
}

/**
 * Parses the chunks behind the audio, which many programs put their loops and markers in.
 *
 * @param fileSize as for {@link parseWavHeader}
 * @returns all that the file marks, ahead of its audio and behind it; chunks that make no sense end the search
 */
export function* parseWavTrailer(format: WavFormat, fileSize = Infinity): Parser<WavPlaces> {
  if (format.trailer === undefined) return format;
  const { container, audio } = format.trailer;
  let { found } = format.trailer;
  const chunks = new ChunkWalk(new FileWindow(fileSize), container, audio);
  try {
    for (let chunk = yield* chunks.next(); chunk !== undefined; chunk = yield* chunks.next()) {
      found = yield* findPlaces(chunk, chunks, found);
    }
  } catch (error) {
    if (!(error instanceof MalformedWavError)) throw error;
  }
  return placesWithin(found, format.frames);
}

function wavFormat(layout: AudioLayout, stated: number | undefined, trailer: WavTrailer, fileSize: number): WavFormat {
  const { start, size } = trailer.audio;
  const isKnown = !UNKNOWN_SIZES.includes(size) && start + size <= Math.min(fileSize, LAST_OFFSET);
  const end = isKnown ? start + size : fileSize;
  const frames = audioFrames(layout, end - start, stated);
  return {
    ...layout,
    ...placesWithin(trailer.found, frames),
    dataStart: start,
    dataEnd: frames === undefined ? undefined : end - uselessBytes(layout, end - start),
    frames,
    trailer: isKnown && end + LEAST_CHUNK_BYTES <= fileSize ? trailer : undefined,
  };
}

/** Undefined for audio without a known end. */
function audioFrames(layout: AudioLayout, bytes: number, stated: number | undefined): number | undefined {
  if (bytes === Infinity) return undefined;
  const held = framesIn(layout, bytes);
  // Encoders fill up the last block: what they added is the one thing that a stated length is believed for.
  const isFilled = stated !== undefined && stated < held && stated > held - layout.packetFrames;
  return isFilled ? stated : held;
}

/** What is too little for a frame at the end of the audio. */
function uselessBytes(layout: AudioLayout, bytes: number): number {
  const rest = bytes % layout.packetBytes;
  return framesIn(layout, rest) > 0 ? 0 : rest;
}
