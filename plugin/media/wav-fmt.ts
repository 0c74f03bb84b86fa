/** What a `fmt ` chunk says of the samples (WAVEFORMATEX and WAVEFORMATEXTENSIBLE in the Windows SDK). */

import { MalformedWavError, UnsupportedFormatError } from '../errors.ts';
import { type Adpcm, adpcmFrames, type Predictor } from './adpcm.ts';
import type { Fields } from './fields.ts';
import { isFlacSampleRate } from './flac-frame.ts';
import type { AudioLayout } from './packets.ts';
import { pcmFormat, type SampleType } from './pcm.ts';

const MAX_CHANNELS = 8;
const MAX_BITS = 32;

const FMT_BYTES = 16;
const EXTENSIBLE_FMT_BYTES = 40;
/** Up to the frames in a block of ADPCM. */
const BLOCK_FMT_BYTES = 20;
/** Up to the number of predictors, of which Microsoft's ADPCM has 256 at most: a block names its own in one byte. */
const MS_FMT_BYTES = 22;
const PREDICTOR_BYTES = 4;
const MAX_PREDICTORS = 256;

/** The most of a `fmt ` chunk that means something. */
export const MAX_FMT_BYTES = MS_FMT_BYTES + MAX_PREDICTORS * PREDICTOR_BYTES;

const TAG_PCM = 1;
const TAG_MS_ADPCM = 2;
const TAG_FLOAT = 3;
const TAG_A_LAW = 6;
const TAG_MU_LAW = 7;
const TAG_IMA_ADPCM = 0x11;
const TAG_EXTENSIBLE = 0xfffe;
/** Bytes 2 to 15 of a sub-format GUID whose first two bytes are a format tag. */
const TAG_GUID_TAIL = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71];
/** Bytes 4 to 15 of the same in RIFX. */
const BIG_ENDIAN_GUID_TAIL = [0, 0, 0, 0x10, ...TAG_GUID_TAIL.slice(6)];

/** Integers by the bytes of the container that each lies in, at its upper end. */
const INTEGERS: readonly (SampleType | undefined)[] = [undefined, 'uint8', 'int16', 'int24', 'int32'];

/**
 * Parses the content of a `fmt ` chunk.
 *
 * @param fmt its first {@link MAX_FMT_BYTES}
 * @param offset where it lies in the file
 * @throws MalformedWavError (`malformed-wav`) it contradicts itself
 * @throws UnsupportedFormatError (`unsupported-format`) another encoding, bit depth, rate or channel count
 */
export function parseFmt(fmt: Fields, offset: number): AudioLayout {
  if (fmt.length < FMT_BYTES) {
    throw new MalformedWavError(`its fmt chunk has ${fmt.length} bytes and needs ${FMT_BYTES}`, offset);
  }
  const tag = parseFormatTag(fmt, offset);
  const channels = fmt.uint16(2);
  const sampleRate = fmt.uint32(4);
  if (channels === 0) throw new MalformedWavError('it has no channels', offset + 2);
  if (channels > MAX_CHANNELS) throw new UnsupportedFormatError(`it has ${channels} channels`, offset + 2);
  if (sampleRate === 0) throw new MalformedWavError('its sample rate is 0 Hz', offset + 4);
  if (!isFlacSampleRate(sampleRate)) {
    throw new UnsupportedFormatError(`FLAC has no code for its ${sampleRate} Hz`, offset + 4);
  }
  if (tag === TAG_IMA_ADPCM || tag === TAG_MS_ADPCM) return adpcmLayout(tag, fmt, offset);
  const pcm = pcmFormat(channels, sampleRate, parseSampleType(tag, fmt, offset), fmt.littleEndian);
  return { ...pcm, packetBytes: pcm.bytesPerFrame, packetFrames: 1, adpcm: undefined };
}

/** The format tag; that of an extensible header stands in its sub-format. */
function parseFormatTag(fmt: Fields, offset: number): number {
  const tag = fmt.uint16(0);
  if (tag !== TAG_EXTENSIBLE) return tag;
  if (fmt.length < EXTENSIBLE_FMT_BYTES) {
    const sizes = `${fmt.length} bytes and needs ${EXTENSIBLE_FMT_BYTES}`;
    throw new MalformedWavError(`its extensible fmt chunk has ${sizes}`, offset);
  }
  return parseSubFormat(fmt, offset + 24);
}

/**
 * The format tag that a GUID stands for. It begins with a number of four bytes and two of two, in the byte order of the
 * file; but SoX writes all behind the tag's own two bytes in little-endian order, in RIFX too.
 */
function parseSubFormat(fmt: Fields, offset: number): number {
  if (fmt.holds(26, TAG_GUID_TAIL)) return fmt.uint16(24);
  const isBigEndian = !fmt.littleEndian && fmt.uint16(24) === 0 && fmt.holds(28, BIG_ENDIAN_GUID_TAIL);
  if (!isBigEndian) throw new UnsupportedFormatError('its sub-format is not a format tag', offset);
  return fmt.uint16(26);
}

function parseSampleType(tag: number, fmt: Fields, offset: number): SampleType {
  const channels = fmt.uint16(2);
  const bytesPerFrame = fmt.uint16(12);
  const bits = fmt.uint16(14);
  if (![TAG_PCM, TAG_FLOAT, TAG_A_LAW, TAG_MU_LAW].includes(tag)) {
    throw new UnsupportedFormatError(`its encoding, 0x${tag.toString(16)}, is not known`, offset);
  }
  if (bits === 0) throw new MalformedWavError('its samples have no bits', offset + 14);
  const bytes = bytesPerFrame / channels;
  const type = sampleType(tag, bits, bytes);
  if (type !== undefined) return type;
  if (!Number.isInteger(bytes) || bytes * 8 < bits || (tag === TAG_PCM && bits <= MAX_BITS)) {
    const layout = `${channels} channels of ${bits} bits`;
    throw new MalformedWavError(`it claims ${bytesPerFrame} bytes for a frame of ${layout}`, offset + 12);
  }
  throw new UnsupportedFormatError(`its samples have ${bits} bits`, offset + 14);
}

/** How samples of `bits` lie in so many bytes each; undefined where they do not, or where nobody writes them. */
function sampleType(tag: number, bits: number, bytes: number): SampleType | undefined {
  if (tag === TAG_PCM) return bits <= 8 * bytes ? INTEGERS[bytes] : undefined;
  if (bits !== 8 * bytes) return undefined;
  if (tag === TAG_FLOAT) return bits === 32 ? 'float32' : bits === 64 ? 'float64' : undefined;
  if (bits !== 8) return undefined;
  return tag === TAG_A_LAW ? 'a-law' : 'mu-law';
}

function adpcmLayout(tag: number, fmt: Fields, offset: number): AudioLayout {
  const channels = fmt.uint16(2);
  const packetBytes = fmt.uint16(12);
  const bits = fmt.uint16(14);
  if (!fmt.littleEndian) throw new UnsupportedFormatError('its ADPCM is big-endian', offset);
  if (bits !== 4) throw new UnsupportedFormatError(`its ADPCM has ${bits} bits a sample`, offset + 14);
  const adpcm: Adpcm =
    tag === TAG_IMA_ADPCM ? { kind: 'ima', predictors: [] } : { kind: 'ms', predictors: parsePredictors(fmt, offset) };
  const most = adpcmFrames(adpcm.kind, channels, packetBytes);
  const packetFrames = (fmt.length < BLOCK_FMT_BYTES ? 0 : fmt.uint16(18)) || most;
  if (packetFrames === 0 || packetFrames > most) {
    const claim = `${packetFrames} frames of ${channels} channels`;
    throw new MalformedWavError(`it claims ${packetBytes} bytes for a block of ${claim}`, offset + 12);
  }
  return { ...pcmFormat(channels, fmt.uint32(4), 'int16'), packetBytes, packetFrames, adpcm };
}

function parsePredictors(fmt: Fields, offset: number): Predictor[] {
  const count = fmt.length < MS_FMT_BYTES ? 0 : fmt.uint16(20);
  if (count === 0 || count > MAX_PREDICTORS || fmt.length < MS_FMT_BYTES + count * PREDICTOR_BYTES) {
    throw new MalformedWavError(`its fmt chunk has ${fmt.length} bytes for ${count} predictors`, offset + 20);
  }
  return Array.from({ length: count }, (_, index) => {
    const at = MS_FMT_BYTES + index * PREDICTOR_BYTES;
    return [fmt.int16(at), fmt.int16(at + 2)];
  });
}
