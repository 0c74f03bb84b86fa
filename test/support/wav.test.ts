import { describe, expect, test } from '@jest/globals';
import { makeWav, samplesOf } from './wav.ts';

describe('makeWav', () => {
  test.each([8, 16, 24, 32] as const)('stores %d-bit samples that samplesOf reads back', (bitsPerSample) => {
    const wav = makeWav({ frames: 2 ** bitsPerSample > 1000 ? 1000 : 256, bitsPerSample, kind: 'ramp', channels: 3 });
    const { channels, ...format } = samplesOf(wav);
    expect(format).toMatchObject({ sampleRate: 44_100, bitsPerSample, dataStart: 44 });
    const first = -(2 ** (bitsPerSample - 1));
    for (const samples of channels) expect([...samples.subarray(0, 3)]).toEqual([first, first + 1, first + 2]);
  });

  test('noise depends on the seed alone, is never silent, and no two stretches are alike', () => {
    const noise = samplesOf(makeWav({ frames: 200_000, amplitude: 1 })).channels;
    expect(samplesOf(makeWav({ frames: 200_000, amplitude: 1 })).channels).toEqual(noise);
    const [left = new Int32Array(), right = new Int32Array()] = noise;
    expect(left.includes(0) || right.includes(0)).toBe(false);
    const pairs = Array.from(left, (sample, frame) => `${sample} ${left[frame + 1] ?? ''} ${right[frame] ?? ''}`);
    expect(new Set(pairs).size).toBe(pairs.length);
    expect(Math.max(...left.subarray(0, 100_000))).toBeGreaterThan(32_700);
    expect(Math.min(...left.subarray(0, 100_000))).toBeLessThan(-32_700);
  });

  test('other chunks stand before and after the data, padded to even length', () => {
    const odd = { id: 'LIST', data: Buffer.from('odd') };
    const wav = makeWav({ frames: 3, channels: 1, bitsPerSample: 8, chunksBefore: [odd], chunksAfter: [odd] });
    expect(wav.readUInt32LE(4)).toBe(wav.length - 8);
    expect(samplesOf(wav)).toMatchObject({ frames: 3, dataStart: 56 });
    expect(wav.subarray(60).toString('latin1')).toBe('LIST\u0003\0\0\0odd\0');
  });

  test('a sine has its frequency', () => {
    const [left = new Int32Array()] = samplesOf(makeWav({ seconds: 1, kind: 'sine', frequency: 100 })).channels;
    const rising = left.filter((sample, frame) => sample >= 0 && (left[frame - 1] ?? 0) < 0);
    expect(rising).toHaveLength(99);
  });
});
