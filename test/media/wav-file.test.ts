import { describe, expect, test } from '@jest/globals';
import { pcmFormat, type SampleType } from '../../plugin/media/pcm.ts';
import { wavFileHeader, wavSamples } from '../../plugin/media/wav-file.ts';
import { parse } from './parse-wav.ts';

const FRAMES = 100;
const TYPES: readonly SampleType[] = ['uint8', 'int16', 'int24', 'int32', 'float32', 'float64', 'a-law', 'mu-law'];

/** Frames of every value a sample may have, nearly. */
function pcmOf(bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, i) => (i * 37 + (i >> 3)) % 251);
}

describe.each(TYPES)('%s', (type) => {
  test.each([1, 2, 8])('becomes a WAV that any reader takes, with %i channels', (channels) => {
    const format = pcmFormat(channels, 48_000, type);
    const samples = wavSamples(format, pcmOf(FRAMES * format.bytesPerFrame));
    const wav = Buffer.concat([wavFileHeader(format, FRAMES), samples]);
    const { format: read } = parse(wav);
    expect(read).toMatchObject({ channels, sampleRate: 48_000, bitsPerSample: format.bitsPerSample, frames: FRAMES });
    expect(read.dataStart + samples.length).toBe(wav.length);
  });
});

test('samples that a WAV has already stay as they are', () => {
  const format = pcmFormat(2, 44_100, 'int24');
  const pcm = pcmOf(FRAMES * format.bytesPerFrame);
  expect(wavSamples(format, pcm)).toBe(pcm);
});

test('big-endian samples are turned round, channel by channel', () => {
  const format = pcmFormat(2, 44_100, 'int16', false);
  expect(wavSamples(format, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8))).toEqual(Uint8Array.of(2, 1, 4, 3, 6, 5, 8, 7));
});

test('wide samples are rounded to 24 bits', () => {
  const format = pcmFormat(1, 44_100, 'int32');
  expect(wavSamples(format, Uint8Array.of(0x80, 0x34, 0x12, 0x01))).toEqual(Uint8Array.of(0x34, 0x12, 0x01));
});
