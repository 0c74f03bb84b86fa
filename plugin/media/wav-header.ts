/**
 * Reads a WAV's header without doing I/O: a generator asks for byte ranges, and whoever drives it fetches them
 * ("Multimedia Programming Interface and Data Specifications 1.0").
 */

import { MalformedWavError } from '../errors.ts';
import type { Fields } from './fields.ts';
import { FileWindow, type Parser } from './file-window.ts';
import type { PcmFormat } from './pcm.ts';
import { type Chunk, LAST_OFFSET, openContainer, UNKNOWN_SIZES } from './riff-chunks.ts';
import { MAX_FMT_BYTES, parseFmt } from './wav-fmt.ts';

/** What a WAV's header says about its audio. */
export interface WavFormat extends PcmFormat {
  /** Byte offset of the first frame. */
  readonly dataStart: number;
  /** Byte offset behind the last whole frame; undefined where neither the header nor the file's size tells. */
  readonly dataEnd: number | undefined;
  /** Whole frames of audio; undefined together with `dataEnd`. */
  readonly frames: number | undefined;
  /** The forward loops marked in a `smpl` chunk ahead of the audio, at most 64, in the file's order. */
  readonly loops: readonly WavLoop[];
}

/** A loop: the frames `[start, end)`. */
export interface WavLoop {
  readonly start: number;
  readonly end: number;
}

const MAX_LOOPS = 64;

const SMPL_BYTES = 36;
const SMPL_LOOP_BYTES = 24;
const MAX_SMPL_BYTES = SMPL_BYTES + MAX_LOOPS * SMPL_LOOP_BYTES;
const SMPL_LOOP_FORWARD = 0;

/**
 * Parses the header of a WAV: RIFF, RIFX, RF64, BW64 or Wave64; integers of 1 to 32 bits, floats of 32 and 64, A-law
 * or µ-law; 1 to 8 channels.
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
  let pcm: PcmFormat | undefined;
  let loops: WavLoop[] = [];
  for (;;) {
    const chunk = yield* chunks.next();
    if (chunk === undefined) throw new MalformedWavError('the file ends before any data chunk', chunks.offset);
    if (chunk.id === 'fmt ') {
      pcm = parseFmt(yield* chunks.content(chunk, MAX_FMT_BYTES), chunk.start);
    } else if (chunk.id === 'smpl') {
      loops = parseSmpl(yield* chunks.content(chunk, MAX_SMPL_BYTES));
    } else if (chunk.id === 'data') {
      if (pcm === undefined) throw new MalformedWavError('its data chunk comes before any fmt chunk', chunks.offset);
      return wavFormat(pcm, chunk, loops, fileSize);
    }
  }
}

/** The loops that go forward; a sampler's other ways to loop (to and fro, backward) have no `[start, end)`. */
function parseSmpl(smpl: Fields): WavLoop[] {
  const loops: WavLoop[] = [];
  const declared = smpl.length < SMPL_BYTES ? 0 : smpl.uint32(28);
  const end = Math.min(SMPL_BYTES + declared * SMPL_LOOP_BYTES, smpl.length);
  for (let at = SMPL_BYTES; at + SMPL_LOOP_BYTES <= end; at += SMPL_LOOP_BYTES) {
    if (smpl.uint32(at + 4) !== SMPL_LOOP_FORWARD) continue;
    const lastPlayed = smpl.uint32(at + 12);
    loops.push({ start: smpl.uint32(at + 8), end: lastPlayed + 1 });
  }
  return loops;
}

function wavFormat(pcm: PcmFormat, data: Chunk, loops: readonly WavLoop[], fileSize: number): WavFormat {
  const { start, size } = data;
  const isKnown = !UNKNOWN_SIZES.includes(size) && start + size <= Math.min(fileSize, LAST_OFFSET);
  const end = isKnown ? start + size : fileSize;
  const frames = Math.max(0, Math.floor((end - start) / pcm.bytesPerFrame));
  const isFinite = Number.isFinite(frames);
  return {
    ...pcm,
    dataStart: start,
    dataEnd: isFinite ? start + frames * pcm.bytesPerFrame : undefined,
    frames: isFinite ? frames : undefined,
    loops: loops.filter((loop) => loop.start < loop.end && loop.end <= frames),
  };
}
