/**
 * Reads a WAV's header without doing I/O: a generator asks for byte ranges, and whoever drives it fetches them
 * ("Multimedia Programming Interface and Data Specifications 1.0").
 */

import { MalformedWavError } from '../errors.ts';
import type { Fields } from './fields.ts';
import { FileWindow, type Parser } from './file-window.ts';
import { type AudioLayout, framesIn } from './packets.ts';
import { type Chunk, LAST_OFFSET, openContainer, UNKNOWN_SIZES } from './riff-chunks.ts';
import { MAX_FMT_BYTES, parseFmt } from './wav-fmt.ts';

/** What a WAV's header says about its audio. */
export interface WavFormat extends AudioLayout {
  /** Byte offset of the first packet. */
  readonly dataStart: number;
  /** Byte offset behind the last packet that is of use; undefined where neither the header nor the file's size tells. */
  readonly dataEnd: number | undefined;
  /** Frames of audio; undefined together with `dataEnd`. */
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
  let loops: WavLoop[] = [];
  for (;;) {
    const chunk = yield* chunks.next();
    if (chunk === undefined) throw new MalformedWavError('the file ends before any data chunk', chunks.offset);
    if (chunk.id === 'fmt ') {
      layout = parseFmt(yield* chunks.content(chunk, MAX_FMT_BYTES), chunk.start);
    } else if (chunk.id === 'fact') {
      factFrames = yield* chunks.number(chunk);
    } else if (chunk.id === 'smpl') {
      loops = parseSmpl(yield* chunks.content(chunk, MAX_SMPL_BYTES));
    } else if (chunk.id === 'data') {
      if (layout === undefined) throw new MalformedWavError('its data chunk comes before any fmt chunk', chunks.offset);
      return wavFormat(layout, chunk, chunks.frames || factFrames, loops, fileSize);
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
    const start = smpl.uint32(at + 8);
    if (start <= lastPlayed) loops.push({ start, end: lastPlayed + 1 });
  }
  return loops;
}

function wavFormat(
  layout: AudioLayout,
  { start, size }: Chunk,
  stated: number | undefined,
  loops: readonly WavLoop[],
  fileSize: number,
): WavFormat {
  const isKnown = !UNKNOWN_SIZES.includes(size) && start + size <= Math.min(fileSize, LAST_OFFSET);
  const end = isKnown ? start + size : fileSize;
  if (end === Infinity) return { ...layout, dataStart: start, dataEnd: undefined, frames: undefined, loops };
  const bytes = Math.max(0, end - start);
  const held = framesIn(layout, bytes);
  const rest = bytes % layout.packetBytes;
  // Encoders fill up the last block: what they added is the one thing that a stated length is believed for.
  const isFilled = stated !== undefined && stated < held && stated > held - layout.packetFrames;
  const frames = isFilled ? stated : held;
  return {
    ...layout,
    dataStart: start,
    dataEnd: start + bytes - (framesIn(layout, rest) === 0 ? rest : 0),
    frames,
    loops: loops.filter((loop) => loop.end <= frames),
  };
}
