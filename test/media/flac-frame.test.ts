import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { flacFrameBytes, isFlacSampleRate, streamInfo, writeFlacFrame } from '../../plugin/media/flac-frame.ts';
import type { PcmFormat } from '../../plugin/media/pcm.ts';
import { anyPcm, integerFormat } from './pcm-samples.ts';
import { readVerbatimFrame } from './verbatim-flac-reader.ts';

function flacFrame(format: PcmFormat, pcm: Uint8Array, firstFrame: number): Uint8Array {
  const source = new DataView(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  const bytes = new Uint8Array(flacFrameBytes(format, firstFrame, pcm.length / format.bytesPerFrame));
  expect(writeFlacFrame(format, source, firstFrame, new DataView(bytes.buffer), 0)).toBe(bytes.length);
  return bytes;
}

describe('writeFlacFrame', () => {
  test('is read back exactly: samples, position, rate, depth, size', () => {
    fc.assert(
      fc.property(anyPcm(50), fc.nat(2 ** 31 - 1), ({ format, channels, pcm }, firstFrame) => {
        const bytes = flacFrame(format, pcm, firstFrame);
        expect(readVerbatimFrame(bytes)).toEqual({
          variableBlockSize: true,
          sampleNumber: BigInt(firstFrame),
          frames: channels[0]?.length,
          sampleRate: format.sampleRate,
          bitsPerSample: format.bitsPerSample,
          channels,
          bytes: bytes.length,
        });
      }),
    );
  });

  test('writes at the offset it is given, and nowhere else', () => {
    const format = integerFormat(16, 2);
    const frame = flacFrame(format, Uint8Array.of(1, 2, 3, 4), 7);
    const target = new Uint8Array(frame.length + 8).fill(0xa5);
    const end = writeFlacFrame(
      format,
      new DataView(new Uint8Array([1, 2, 3, 4]).buffer),
      7,
      new DataView(target.buffer),
      5,
    );
    expect(end).toBe(5 + frame.length);
    expect([...target]).toEqual([0xa5, 0xa5, 0xa5, 0xa5, 0xa5, ...frame, 0xa5, 0xa5, 0xa5]);
  });

  test.each([0, 0x7f, 0x80, 0x7ff, 0x800, 0xffff, 0x1_0000, 0x1f_ffff, 0x20_0000, 0x3ff_ffff, 0x400_0000, 0x7fff_ffff])(
    'codes the sample number %i in the fewest bytes',
    (firstFrame) => {
      const { sampleNumber } = readVerbatimFrame(flacFrame(integerFormat(8, 1), Uint8Array.of(1), firstFrame));
      expect(sampleNumber).toBe(BigInt(firstFrame));
    },
  );

  test.each([
    [2 ** 31, 0n],
    [2 ** 31 + 5, 5n],
    [2 ** 36 + 6, 6n],
    [Number.MAX_SAFE_INTEGER, 2n ** 31n - 1n],
  ])('wraps the sample number of frame %i', (firstFrame, sampleNumber) => {
    expect(readVerbatimFrame(flacFrame(integerFormat(8, 1), Uint8Array.of(1), firstFrame)).sampleNumber).toBe(
      sampleNumber,
    );
  });

  test.each([1, 15, 16, 255, 256, 257, 4096, 65_535])('takes a block of %i frames', (frames) => {
    expect(readVerbatimFrame(flacFrame(integerFormat(8, 1), new Uint8Array(frames), 0)).frames).toBe(frames);
  });

  test.each([
    1, 8000, 11_025, 16_000, 22_050, 24_000, 32_000, 37_800, 44_100, 48_000, 65_535, 70_000, 88_200, 96_000, 100_010,
    176_400, 192_000, 255_000, 256_000, 352_800, 655_350,
  ])('states a rate of %i Hz in the frame itself', (sampleRate) => {
    const frame = flacFrame(integerFormat(16, 1, sampleRate), Uint8Array.of(1, 2), 0);
    expect(readVerbatimFrame(frame).sampleRate).toBe(sampleRate);
    expect(isFlacSampleRate(sampleRate)).toBe(true);
  });

  test.each([-1, 0, 0.5, 44_100.5, 65_536, 70_001, 655_351, 655_360, 1_000_000, Number.NaN, Infinity])(
    'has no code for a rate of %d Hz',
    (sampleRate) => {
      expect(isFlacSampleRate(sampleRate)).toBe(false);
      expect(() => flacFrameBytes(integerFormat(16, 1, sampleRate), 0, 1)).toThrow(RangeError);
    },
  );
});

describe('streamInfo', () => {
  test('packs rate, channels and depth into 34 bytes, and leaves the rest unknown', () => {
    // 44,100 Hz, 2 channels, 16 bits: the fields of the example in RFC 9639, appendix D.1.
    const hex = Buffer.from(streamInfo(integerFormat(16, 2))).toString('hex');
    expect(hex).toBe(`0010ffff${'000000'.repeat(2)}0ac442f0${'00'.repeat(4 + 16)}`);
  });

  test('holds any rate, channel count and depth', () => {
    const depth = fc.constantFrom(8 as const, 16 as const, 24 as const);
    fc.assert(
      fc.property(
        depth,
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 655_350 }),
        (bits, channels, rate) => {
          const bytes = Buffer.from(streamInfo(integerFormat(bits, channels, rate)));
          const fields = bytes.readBigUInt64BE(10);
          expect(bytes).toHaveLength(34);
          expect(fields >> 44n).toBe(BigInt(rate));
          expect((fields >> 41n) & 7n).toBe(BigInt(channels - 1));
          expect((fields >> 36n) & 31n).toBe(BigInt(bits - 1));
        },
      ),
    );
  });
});
