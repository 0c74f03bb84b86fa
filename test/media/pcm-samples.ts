/** Formats and samples for tests, and the interleaved little-endian bytes that a WAV holds them as. */

import * as fc from 'fast-check';
import type { PcmFormat } from '../../plugin/media/pcm.ts';

export function pcmFormat(bitsPerSample: 8 | 16 | 24, channels: number, sampleRate = 44_100): PcmFormat {
  return { bitsPerSample, channels, sampleRate, bytesPerFrame: (channels * bitsPerSample) / 8 };
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
      .map((channels) => ({ format: pcmFormat(bits, channelCount), channels, pcm: interleave(bits, channels) }));
  });
}
