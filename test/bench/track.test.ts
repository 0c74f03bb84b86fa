import { expect, test } from '@jest/globals';
import { samplesOf } from '../support/wav.ts';
import { makeTrack, SAMPLE_RATE } from './track.ts';

const track = makeTrack({ name: 'track', seconds: 25, marks: [{ start: 12, end: 13 }] });

test('is a WAV as long as it says, never silent', async () => {
  const wav = samplesOf(Buffer.from(await track.read(0, track.size)));
  expect(wav).toMatchObject({ sampleRate: SAMPLE_RATE, bitsPerSample: 16, frames: 25 * SAMPLE_RATE });
  for (const channel of wav.channels) expect(channel.includes(0)).toBe(false);
});

test('is loud where it is marked, and nowhere else', async () => {
  const [left = new Int32Array()] = samplesOf(Buffer.from(await track.read(0, track.size))).channels;
  const isLoud = (sample: number): boolean => sample > 0.45 * 2 ** 15;
  expect(left.subarray(12 * SAMPLE_RATE, 13 * SAMPLE_RATE).every(isLoud)).toBe(true);
  expect(left.subarray(0, 12 * SAMPLE_RATE).some(isLoud)).toBe(false);
  expect(left.subarray(13 * SAMPLE_RATE).some(isLoud)).toBe(false);
});

test.each([
  [0, 10],
  [40, 50],
  [44, 44],
  [1_763_900, 1_764_200],
  [2_116_800, 2_300_000],
])('reads bytes %d to %d as they lie in the whole', async (start, end) => {
  const whole = Buffer.from(await track.read(0, track.size));
  expect(Buffer.from(await track.read(start, end)).equals(whole.subarray(start, end))).toBe(true);
});
