/**
 * FLAC without compression (RFC 9639): verbatim frames that may start at any sample and have any length.
 *
 * Frames use the variable block size strategy, so their headers count samples, not frames. At 8, 16 and 24 bits a
 * verbatim subframe is a whole number of bytes, and packing is little more than swapping them.
 */

import { uint16 } from './big-endian.ts';
import { crc16, crc8 } from './crc.ts';
import { type PcmFormat, writeChannel } from './pcm.ts';

/** The shortest block that may be followed by another, in frames (RFC 9639, section 8.2). */
export const MIN_BLOCK_FRAMES = 16;

/** The longest block, in frames. */
export const MAX_BLOCK_FRAMES = 65_535;

/** 4,096 frames: 0.2 % more bytes than the PCM, 93 ms of CD audio. */
export const DEFAULT_BLOCK_FRAMES = 4096;

/**
 * Sample numbers wrap here: the field has 36 bits (RFC 9639, section 9.1.5), but FFmpeg 5.1 refuses a frame whose number
 * takes more than 31, which are 13 hours at 44.1 kHz; a loop may run longer. Players place frames by `tfdt` alone.
 */
const SAMPLE_NUMBERS = 2 ** 31;

const SYNC_CODE_AND_VARIABLE_BLOCK_SIZE = [0xff, 0xf9];
const BLOCK_SIZE_IN_16_BITS = 7;
const VERBATIM_SUBFRAME = 0b0_000001_0;
const SUBFRAME_HEADER_BYTES = 1;
const CRC16_BYTES = 2;

const BIT_DEPTH_CODES = { 8: 1, 16: 4, 24: 6 } as const;

/** The rates with a code of their own; the index is the code. Code 0 is not used: WebKitGTK never plays it. */
const SAMPLE_RATES = [
  undefined,
  88_200,
  176_400,
  192_000,
  8000,
  16_000,
  22_050,
  24_000,
  32_000,
  44_100,
  48_000,
  96_000,
];

const RATE_IN_KHZ = 12;
const RATE_IN_HZ = 13;
const RATE_IN_TENS_OF_HZ = 14;

/** The code for a sample rate, and the bytes it adds to the frame header. */
interface RateField {
  readonly code: number;
  readonly extra: readonly number[];
}

/**
 * True where a frame header can state the rate, in Hz: any whole one to 65,535, multiples of 1,000 to 255,000 and
 * multiples of 10 to 655,350 (RFC 9639, section 9.1.2).
 */
export function isFlacSampleRate(sampleRate: number): boolean {
  return rateField(sampleRate) !== undefined;
}

/** The 34 bytes of a STREAMINFO block; frame sizes, length and MD5 are left unknown (RFC 9639, section 8.2). */
export function streamInfo({ channels, sampleRate, bitsPerSample }: PcmFormat): number[] {
  const unknownFrameSizes = [0, 0, 0, 0, 0, 0];
  const unknownLength = [0, 0, 0, 0];
  const unknownMd5 = Array.from({ length: 16 }, () => 0);
  const depth = bitsPerSample - 1;
  return [
    ...uint16(MIN_BLOCK_FRAMES),
    ...uint16(MAX_BLOCK_FRAMES),
    ...unknownFrameSizes,
    ...uint16(sampleRate >>> 4),
    ((sampleRate & 0xf) << 4) | ((channels - 1) << 1) | (depth >>> 4),
    (depth & 0xf) << 4,
    ...unknownLength,
    ...unknownMd5,
  ];
}

/** The size that {@link writeFlacFrame} will need for `frames` frames, in bytes. */
export function flacFrameBytes(format: PcmFormat, firstFrame: number, frames: number): number {
  const header = frameHeader(format, firstFrame, frames);
  const subframeBytes = SUBFRAME_HEADER_BYTES + (frames * format.bitsPerSample) / 8;
  return header.length + format.channels * subframeBytes + CRC16_BYTES;
}

/**
 * Writes one verbatim FLAC frame (RFC 9639, section 9).
 *
 * @param format its rate passes {@link isFlacSampleRate}
 * @param pcm 1 to 65,535 whole frames of `format`, interleaved
 * @param firstFrame position of the first one in the stream; written modulo 2 ** 31
 * @param target has room for {@link flacFrameBytes} bytes from `offset` on
 * @returns the offset in `target` behind the frame
 */
export function writeFlacFrame(
  format: PcmFormat,
  pcm: DataView,
  firstFrame: number,
  target: DataView,
  offset: number,
): number {
  let at = offset;
  for (const byte of frameHeader(format, firstFrame, pcm.byteLength / format.bytesPerFrame)) {
    target.setUint8(at++, byte);
  }
  for (let channel = 0; channel < format.channels; channel++) {
    target.setUint8(at++, VERBATIM_SUBFRAME);
    at = writeChannel(format, pcm, channel, target, at);
  }
  target.setUint16(at, crc16(target, offset, at));
  return at + CRC16_BYTES;
}

function frameHeader(format: PcmFormat, firstFrame: number, frames: number): number[] {
  const rate = rateField(format.sampleRate);
  if (rate === undefined) {
    throw new RangeError(`FLAC frames cannot state a rate of ${format.sampleRate} Hz`);
  }
  const header = [
    ...SYNC_CODE_AND_VARIABLE_BLOCK_SIZE,
    (BLOCK_SIZE_IN_16_BITS << 4) | rate.code,
    ((format.channels - 1) << 4) | (BIT_DEPTH_CODES[format.bitsPerSample] << 1),
    ...codedNumber(firstFrame % SAMPLE_NUMBERS),
    ...uint16(frames - 1),
    ...rate.extra,
  ];
  return [...header, crc8(header)];
}

function rateField(sampleRate: number): RateField | undefined {
  const code = SAMPLE_RATES.indexOf(sampleRate);
  if (code > 0) return { code, extra: [] };
  if (!Number.isInteger(sampleRate) || sampleRate < 1) return undefined;
  if (sampleRate <= 0xffff) return { code: RATE_IN_HZ, extra: uint16(sampleRate) };
  if (sampleRate % 1000 === 0 && sampleRate <= 255_000) return { code: RATE_IN_KHZ, extra: [sampleRate / 1000] };
  if (sampleRate % 10 === 0 && sampleRate <= 655_350) {
    return { code: RATE_IN_TENS_OF_HZ, extra: uint16(sampleRate / 10) };
  }
  return undefined;
}

/** UTF-8's scheme carried on to seven bytes and 36 bits (RFC 9639, section 9.1.5). */
function codedNumber(value: number): number[] {
  if (value < 0x80) return [value];
  const tail: number[] = [];
  let rest = value;
  while (rest >= 2 ** (6 - tail.length)) {
    tail.unshift(0x80 | (rest % 64));
    rest = Math.floor(rest / 64);
  }
  const lengthMark = (0xff00 >>> (tail.length + 1)) & 0xff;
  return [lengthMark | rest, ...tail];
}
