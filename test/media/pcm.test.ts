import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { writeChannel } from '../../plugin/media/pcm.ts';
import { anyPcm, pcmFormat } from './pcm-samples.ts';

describe('writeChannel', () => {
  test.each([
    {
      what: 'an 8-bit channel: unsigned to signed',
      bits: 8,
      pcm: [0, 128, 255],
      channels: 1,
      written: [0x80, 0, 0x7f],
    },
    { what: 'a 16-bit channel: bytes swapped', bits: 16, pcm: [1, 2, 3, 4], channels: 1, written: [2, 1, 4, 3] },
    {
      what: 'a 24-bit channel: bytes reversed',
      bits: 24,
      pcm: [1, 2, 3, 4, 5, 6],
      channels: 1,
      written: [3, 2, 1, 6, 5, 4],
    },
    { what: 'the first of two channels', bits: 16, pcm: [1, 2, 3, 4, 5, 6, 7, 8], channels: 2, written: [2, 1, 6, 5] },
  ] as const)('writes $what', ({ bits, pcm, channels, written }) => {
    const target = new Uint8Array(written.length);
    const end = writeChannel(
      pcmFormat(bits, channels),
      new DataView(Uint8Array.from(pcm).buffer),
      0,
      new DataView(target.buffer),
      0,
    );
    expect([...target]).toEqual(written);
    expect(end).toBe(written.length);
  });

  test('keeps every sample of every channel, and touches no byte outside', () => {
    fc.assert(
      fc.property(anyPcm(40), fc.nat(9), fc.nat(3), ({ format, channels, pcm }, offset, misalignment) => {
        const file = new Uint8Array(misalignment + pcm.length + 5);
        file.set(pcm, misalignment);
        const source = new DataView(file.buffer, misalignment, pcm.length);
        channels.forEach((samples, channel) => {
          const bytes = (samples.length * format.bitsPerSample) / 8;
          const target = new Uint8Array(offset + bytes + 4).fill(0xa5);
          expect(writeChannel(format, source, channel, new DataView(target.buffer), offset)).toBe(offset + bytes);
          expect(bigEndianSamples(target.subarray(offset, offset + bytes), format.bitsPerSample)).toEqual(samples);
          expect([...target.subarray(0, offset), ...target.subarray(offset + bytes)].every((b) => b === 0xa5)).toBe(
            true,
          );
        });
      }),
    );
  });
});

function bigEndianSamples(bytes: Uint8Array, bits: number): number[] {
  const samples: number[] = [];
  for (let at = 0; at < bytes.length; at += bits / 8) {
    const value = bytes.subarray(at, at + bits / 8).reduce((sum, byte) => sum * 256 + byte, 0);
    samples.push(value >= 2 ** (bits - 1) ? value - 2 ** bits : value);
  }
  return samples;
}
