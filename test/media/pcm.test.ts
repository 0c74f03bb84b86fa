import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { pcmFormat, type SampleType, writeChannel } from '../../plugin/media/pcm.ts';
import { anyPcm, floatTo24, int32To24, integerFormat } from './pcm-samples.ts';

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
      integerFormat(bits, channels),
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

describe('the samples of other types', () => {
  const DEPTHS = { int16: 2, int24: 3, int32: 4, float32: 4, float64: 8 } as const;

  /** One channel of `count` samples, through `writeChannel`. */
  function written(sampleType: SampleType, file: Uint8Array, littleEndian = true): number[] {
    const format = pcmFormat(1, 44_100, sampleType, littleEndian);
    const target = new Uint8Array(((file.length / format.bytesPerFrame) * format.bitsPerSample) / 8);
    const end = writeChannel(format, new DataView(file.buffer, file.byteOffset, file.length), 0, viewOf(target), 0);
    expect(end).toBe(target.length);
    return bigEndianSamples(target, format.bitsPerSample);
  }

  const float32 = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
  const float64 = (...values: number[]): Uint8Array => new Uint8Array(Float64Array.from(values).buffer);
  const int32 = (...values: number[]): Uint8Array => new Uint8Array(Int32Array.from(values).buffer);

  test.each(Object.entries(DEPTHS))('are the same in big-endian files: %s', (sampleType, bytes) => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 30 }), (seed) => {
        const file = Uint8Array.from(
          { length: seed.length * bytes },
          (_, i) => ((seed[i % seed.length] ?? 0) * (i + 1)) & 0xff,
        );
        const swapped = file.slice();
        for (let at = 0; at < swapped.length; at += bytes) swapped.subarray(at, at + bytes).reverse();
        expect(written(sampleType as SampleType, swapped, false)).toEqual(written(sampleType as SampleType, file));
      }),
    );
  });

  test('of 32 bits become the nearest of 24 bits, the even one of two, and stay within them', () => {
    expect(
      written('int32', int32(0x100, 0x17f, 0x180, 0x181, 0x80, -0x80, -0x180, -0x181, 2 ** 31 - 1, -(2 ** 31))),
    ).toEqual([1, 1, 2, 2, 0, 0, -2, -2, 2 ** 23 - 1, -(2 ** 23)]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { minLength: 1 }), (values) => {
        expect(written('int32', int32(...values))).toEqual(values.map(int32To24));
      }),
    );
  });

  test('of 24 bits in 32 are those of 24 bits', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -(2 ** 23), max: 2 ** 23 - 1 }), { minLength: 1 }), (values) => {
        expect(written('int32', int32(...values.map((value) => value * 256)))).toEqual(values);
      }),
    );
  });

  test('that are floats become the nearest of 24 bits, full scale being 1', () => {
    const step = 2 ** -23;
    const values = [0, 1 - step, -1, 0.5, step, -step, 1.5 * step, 2.5 * step, -1.5 * step, -2.5 * step, 0.5 * step];
    const nearest = [0, 2 ** 23 - 1, -(2 ** 23), 2 ** 22, 1, -1, 2, 2, -2, -2, 0];
    expect(written('float32', float32(...values))).toEqual(nearest);
    expect(written('float64', float64(...values))).toEqual(nearest);
    expect(written('float64', float64(0.5 * step - 2 ** -77, 0.5 * step + 2 ** -76))).toEqual([0, 1]);
    const sample = fc.double({ min: -1.1, max: 1.1, noNaN: true });
    fc.assert(
      fc.property(fc.array(sample, { minLength: 1 }), (samples) => {
        const rounded = samples.map(Math.fround);
        expect(written('float64', float64(...samples))).toEqual(samples.map(floatTo24));
        expect(written('float32', float32(...rounded))).toEqual(rounded.map(floatTo24));
      }),
    );
  });

  test('that are beyond full scale become full scale, and what is no number becomes silence', () => {
    const values = [1, 1.5, -1.5, Infinity, -Infinity, Number.NaN, 3e38, -3e38];
    const [most, least] = [2 ** 23 - 1, -(2 ** 23)];
    const clamped = [most, most, least, most, least, 0, most, least];
    expect(written('float32', float32(...values))).toEqual(clamped);
    expect(written('float64', float64(...values))).toEqual(clamped);
  });

  test.each([
    {
      sampleType: 'a-law',
      codes: [0xd5, 0x55, 0xaa, 0x2a, 0x80, 0x00],
      samples: [8, -8, 32_256, -32_256, 5504, -5504],
    },
    { sampleType: 'mu-law', codes: [0xff, 0x7f, 0x80, 0x00, 0xfe, 0x7e], samples: [0, 0, 32_124, -32_124, 8, -8] },
  ] as const)('that are $sampleType become the 16 bits of G.711', ({ sampleType, codes, samples }) => {
    expect(written(sampleType, Uint8Array.from(codes))).toEqual(samples);
  });
});

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function bigEndianSamples(bytes: Uint8Array, bits: number): number[] {
  const samples: number[] = [];
  for (let at = 0; at < bytes.length; at += bits / 8) {
    const value = bytes.subarray(at, at + bits / 8).reduce((sum, byte) => sum * 256 + byte, 0);
    samples.push(value >= 2 ** (bits - 1) ? value - 2 ** bits : value);
  }
  return samples;
}
