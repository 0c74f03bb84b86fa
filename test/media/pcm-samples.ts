/** Formats and samples for tests, and the interleaved little-endian bytes that a WAV holds them as. */

import * as fc from 'fast-check';
import { type PcmFormat, pcmFormat } from '../../plugin/media/pcm.ts';

const INTEGERS = { 8: 'uint8', 16: 'int16', 24: 'int24' } as const;

export function integerFormat(bits: 8 | 16 | 24, channels: number, sampleRate = 44_100): PcmFormat {
  return pcmFormat(channels, sampleRate, INTEGERS[bits]);
}

/** `channels[c][i]`, signed, to bytes; 8-bit samples are unsigned in a WAV. */
export function interleave(bitsPerSample: number, channels: readonly (readonly number[])[]): Uint8Array {
  const bytes: number[] = [];
  for (let frame = 0; frame < (channels[0]?.length ?? 0); frame++) {
    for (const channel of channels) {
      const sample = (channel[frame] ?? 0) + (bitsPerSample === 8 ? 128 : 0);
      for (let shift = 0; shift < bitsPerSample; shift += 8) bytes.push((sample >> shift) & 0xff);
    }
  }
  return Uint8Array.from(bytes);
}

/** Any format, with 1 to `maxFrames` frames of any samples. */
export function anyPcm(maxFrames: number): fc.Arbitrary<{ format: PcmFormat; channels: number[][]; pcm: Uint8Array }> {
  const anyFormat = fc.record({
    bits: fc.constantFrom(8 as const, 16 as const, 24 as const),
    channelCount: fc.integer({ min: 1, max: 8 }),
    frames: fc.integer({ min: 1, max: maxFrames }),
  });
  return anyFormat.chain(({ bits, channelCount, frames }) => {
    const sample = fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 });
    const channel = fc.array(sample, { minLength: frames, maxLength: frames });
    return fc
      .array(channel, { minLength: channelCount, maxLength: channelCount })
      .map((channels) => ({ format: integerFormat(bits, channelCount), channels, pcm: interleave(bits, channels) }));
  });
}

/** The nearest integer, of two as near the even one, in integers of any length: shares no arithmetic with the plugin. */
export function nearestEven(numerator: bigint, denominator: bigint): number {
  const floor = numerator / denominator - (numerator % denominator < 0n ? 1n : 0n);
  const twiceRest = 2n * (numerator - floor * denominator);
  const up = twiceRest > denominator || (twiceRest === denominator && floor % 2n !== 0n);
  return Number(floor + (up ? 1n : 0n));
}

/** What a float sample is to become: the nearest 24-bit integer, within full scale. */
export function floatTo24(value: number): number {
  if (Number.isNaN(value)) return 0;
  const scaled = Math.max(-(2 ** 23), Math.min(2 ** 23 - 1, value * 2 ** 23)); // a power of two: exact
  return nearestEven(
    BigInt(Math.trunc(scaled * 2 ** 29)) * 2n + (Number.isInteger(scaled * 2 ** 29) ? 0n : BigInt(Math.sign(scaled))),
    2n ** 30n,
  );
}

/** What a 32-bit sample is to become. */
export function int32To24(value: number): number {
  return Math.min(2 ** 23 - 1, nearestEven(BigInt(value), 256n));
}
