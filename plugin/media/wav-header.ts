/**
 * Reads a WAV's header without doing I/O: a generator asks for byte ranges, and whoever drives it fetches them
 * ("Multimedia Programming Interface and Data Specifications 1.0"; WAVEFORMATEXTENSIBLE in the Windows SDK).
 */

import { type ByteRange, MalformedWavError, UnsupportedFormatError } from '../errors.ts';
import { isFlacSampleRate } from './flac-frame.ts';
import type { PcmFormat } from './pcm.ts';

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

/** A generator that asks for byte ranges and ends with a `Value`. */
type Parser<Value> = Generator<ByteRange, Value, Uint8Array>;

/** A chunk's header: four letters, and where its content lies. */
interface Chunk {
  readonly id: string;
  readonly start: number;
  readonly size: number;
}

/** The common header, `fmt ` and all, has 44 bytes: mostly one request, answered from the file's first block. */
const ASK_BYTES = 64;

/** Far more than any real file has; an end for a file that is nothing but empty chunks. */
const MAX_CHUNKS = 1000;

const MAX_LOOPS = 64;
const MAX_CHANNELS = 8;

const RIFF_HEADER_BYTES = 12;
const CHUNK_HEADER_BYTES = 8;
const FMT_BYTES = 16;
const EXTENSIBLE_FMT_BYTES = 40;
const SMPL_BYTES = 36;
const SMPL_LOOP_BYTES = 24;
const MAX_SMPL_BYTES = SMPL_BYTES + MAX_LOOPS * SMPL_LOOP_BYTES;

const TAG_PCM = 1;
const TAG_EXTENSIBLE = 0xfffe;
/** Bytes 2 to 15 of a sub-format GUID whose first two bytes are a format tag. */
const TAG_GUID_TAIL = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71];

const SMPL_LOOP_FORWARD = 0;

/** The size of a `data` chunk whose writer could not seek back. */
const UNKNOWN_SIZE = 0xffff_ffff;

/**
 * Parses the header of a WAV: RIFF, with integer PCM of 8, 16 or 24 bits, 1 to 8 channels.
 *
 * Each `next(bytes)` hands in the bytes of the range yielded last, fewer only where the file ends. Chunks that say
 * nothing about the audio are stepped over unread; what follows the `data` chunk's header is never asked for.
 *
 * @param fileSize size of the file in bytes, where known: no range reaches past it, and it bounds the audio
 * @throws MalformedWavError (`malformed-wav`) no WAV, or a header that contradicts itself
 * @throws UnsupportedFormatError (`unsupported-format`) another container, encoding, bit depth, rate or channel count
 */
export function* parseWavHeader(fileSize = Infinity): Parser<WavFormat> {
  const file = new FileWindow(fileSize);
  checkContainer(yield* file.view(0, ASK_BYTES));
  let pcm: PcmFormat | undefined;
  let loops: WavLoop[] = [];
  let offset = RIFF_HEADER_BYTES;
  for (let count = 0; count < MAX_CHUNKS; count++) {
    const chunk = parseChunkHeader(yield* file.view(offset, CHUNK_HEADER_BYTES), offset);
    if (chunk.id === 'fmt ') {
      pcm = parseFmt(yield* file.view(chunk.start, Math.min(chunk.size, EXTENSIBLE_FMT_BYTES)), chunk.start);
    } else if (chunk.id === 'smpl') {
      loops = parseSmpl(yield* file.view(chunk.start, Math.min(chunk.size, MAX_SMPL_BYTES)));
    } else if (chunk.id === 'data') {
      if (pcm === undefined) throw new MalformedWavError('its data chunk comes before any fmt chunk', offset);
      return wavFormat(pcm, chunk, loops, fileSize);
    }
    offset = chunk.start + chunk.size + (chunk.size % 2);
  }
  throw new MalformedWavError(`none of its first ${MAX_CHUNKS} chunks is a data chunk`, offset);
}

/** The bytes at hand, and how to ask for others. */
class FileWindow {
  #start = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  readonly #fileSize: number;

  constructor(fileSize: number) {
    this.#fileSize = fileSize;
  }

  /** The bytes `[start, start + length)`, fewer where the file ends; yields only if they are not at hand. */
  *view(start: number, length: number): Parser<DataView> {
    if (start < this.#start || start + length > this.#start + this.#bytes.byteLength) {
      const end = Math.min(start + Math.max(length, ASK_BYTES), this.#fileSize);
      this.#bytes = start < end ? yield { start, end } : new Uint8Array(0);
      this.#start = start;
    }
    const from = start - this.#start;
    const available = Math.min(length, this.#bytes.byteLength - from);
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset + from, available);
  }
}

function checkContainer(head: DataView): void {
  if (head.byteLength === 0) throw new MalformedWavError('it is empty', 0);
  if (looksLikeHtml(head)) throw new MalformedWavError('a web page came instead', 0);
  const container = letters(head, 0);
  if (['RIFX', 'RF64', 'BW64'].includes(container)) {
    throw new UnsupportedFormatError(`its container is ${container}, not RIFF`, 0);
  }
  if (container !== 'RIFF') {
    throw new MalformedWavError(`it begins with ${JSON.stringify(container)}, not "RIFF"`, 0);
  }
  if (letters(head, 8) !== 'WAVE') {
    throw new MalformedWavError(`its RIFF form is ${JSON.stringify(letters(head, 8))}, not "WAVE"`, 8);
  }
}

/** A login page or an error page that came with status 200. */
function looksLikeHtml(head: DataView): boolean {
  return /^\s*<(?:!doctype|html)\b/i.test(new TextDecoder().decode(head));
}

function parseChunkHeader(header: DataView, offset: number): Chunk {
  if (header.byteLength < CHUNK_HEADER_BYTES) {
    throw new MalformedWavError('the file ends before any data chunk', offset);
  }
  return { id: letters(header, 0), start: offset + CHUNK_HEADER_BYTES, size: header.getUint32(4, true) };
}

function parseFmt(fmt: DataView, offset: number): PcmFormat {
  if (fmt.byteLength < FMT_BYTES) {
    throw new MalformedWavError(`its fmt chunk has ${fmt.byteLength} bytes and needs ${FMT_BYTES}`, offset);
  }
  const tag = parseFormatTag(fmt, offset);
  if (tag !== TAG_PCM) throw new UnsupportedFormatError(`its encoding, 0x${tag.toString(16)}, is not PCM`, offset);
  const channels = fmt.getUint16(2, true);
  const sampleRate = fmt.getUint32(4, true);
  const bytesPerFrame = fmt.getUint16(12, true);
  const bitsPerSample = fmt.getUint16(14, true);
  if (channels === 0) throw new MalformedWavError('it has no channels', offset + 2);
  if (channels > MAX_CHANNELS) throw new UnsupportedFormatError(`it has ${channels} channels`, offset + 2);
  if (sampleRate === 0) throw new MalformedWavError('its sample rate is 0 Hz', offset + 4);
  if (!isFlacSampleRate(sampleRate)) {
    throw new UnsupportedFormatError(`FLAC has no code for its ${sampleRate} Hz`, offset + 4);
  }
  if (!isBitDepth(bitsPerSample)) {
    throw new UnsupportedFormatError(`its samples have ${bitsPerSample} bits`, offset + 14);
  }
  if (bytesPerFrame !== (channels * bitsPerSample) / 8) {
    const layout = `${channels} channels of ${bitsPerSample} bits`;
    throw new MalformedWavError(`it claims ${bytesPerFrame} bytes for a frame of ${layout}`, offset + 12);
  }
  return { channels, sampleRate, bitsPerSample, bytesPerFrame };
}

/** The format tag; that of an extensible header stands in its sub-format. */
function parseFormatTag(fmt: DataView, offset: number): number {
  const tag = fmt.getUint16(0, true);
  if (tag !== TAG_EXTENSIBLE) return tag;
  if (fmt.byteLength < EXTENSIBLE_FMT_BYTES) {
    const sizes = `${fmt.byteLength} bytes and needs ${EXTENSIBLE_FMT_BYTES}`;
    throw new MalformedWavError(`its extensible fmt chunk has ${sizes}`, offset);
  }
  if (TAG_GUID_TAIL.some((byte, index) => fmt.getUint8(26 + index) !== byte)) {
    throw new UnsupportedFormatError('its sub-format is not a format tag', offset + 24);
  }
  return fmt.getUint16(24, true);
}

function isBitDepth(bits: number): bits is PcmFormat['bitsPerSample'] {
  return bits === 8 || bits === 16 || bits === 24;
}

/** The loops that go forward; a sampler's other ways to loop (to and fro, backward) have no `[start, end)`. */
function parseSmpl(smpl: DataView): WavLoop[] {
  const loops: WavLoop[] = [];
  const declared = smpl.byteLength < SMPL_BYTES ? 0 : smpl.getUint32(28, true);
  const end = Math.min(SMPL_BYTES + declared * SMPL_LOOP_BYTES, smpl.byteLength);
  for (let at = SMPL_BYTES; at + SMPL_LOOP_BYTES <= end; at += SMPL_LOOP_BYTES) {
    if (smpl.getUint32(at + 4, true) !== SMPL_LOOP_FORWARD) continue;
    const lastPlayed = smpl.getUint32(at + 12, true);
    loops.push({ start: smpl.getUint32(at + 8, true), end: lastPlayed + 1 });
  }
  return loops;
}

function wavFormat(pcm: PcmFormat, data: Chunk, loops: readonly WavLoop[], fileSize: number): WavFormat {
  const { start, size } = data;
  const believable = size !== 0 && size !== UNKNOWN_SIZE && start + size <= fileSize;
  const end = believable ? start + size : fileSize;
  const frames = Math.floor((end - start) / pcm.bytesPerFrame);
  const known = Number.isFinite(frames);
  return {
    ...pcm,
    dataStart: start,
    dataEnd: known ? start + frames * pcm.bytesPerFrame : undefined,
    frames: known ? frames : undefined,
    loops: loops.filter((loop) => loop.start < loop.end && loop.end <= frames),
  };
}

function letters(view: DataView, offset: number): string {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  return String.fromCharCode(...bytes.subarray(offset, offset + 4));
}
