import { expect, test } from '@jest/globals';
import type { Recording } from './recorder.ts';
import { jumpsOf, stretchesOf } from './stretches.ts';
import { makeWav, samplesOf } from './wav.ts';

const wav = samplesOf(makeWav({ seconds: 0.2, amplitude: 1 }));
const silence = (length: number): number[] => Array.from({ length }, () => 0);

/** What an engine would make of frames of the WAV. */
function frames(start: number, end: number, positiveScale = 32_768): number[] {
  const samples = Array.from(wav.channels[0]?.subarray(start, end) ?? []);
  return samples.map((sample) => sample / (sample < 0 ? 32_768 : positiveScale));
}

function recording(...parts: readonly number[][]): Recording {
  const left = Float32Array.from(parts.flat());
  return { sampleRate: wav.sampleRate, left, right: left };
}

test.each([32_768, 32_767])('a WAV between silences is one stretch, whether 1 is %i or not', (scale) => {
  const stretches = stretchesOf(recording(silence(300), frames(0, wav.frames, scale), silence(50)), wav, 'left');
  expect(stretches).toEqual([{ start: 300, frames: wav.frames, wavFrame: 0, silence: 300 }]);
  expect(jumpsOf(stretches)).toEqual([]);
});

test('frames heard twice, missing frames and a silence without either are told apart', () => {
  const parts = [frames(0, 1000), frames(900, 2000), frames(2200, 3000), silence(7), frames(3000, 4000)];
  const stretches = stretchesOf(recording(...parts), wav, 'left');
  expect(jumpsOf(stretches)).toEqual([-100, 200, 0]);
  expect(stretches.map((stretch) => stretch.silence)).toEqual([0, 0, 0, 7]);
});

test('a sample that is not the WAV’s has no place, and no jump is a number there', () => {
  const [before, after] = [frames(0, 500), frames(501, 1000)];
  const stretches = stretchesOf(recording(before, [0.123], after), wav, 'left');
  expect(stretches.map(({ wavFrame }) => wavFrame)).toEqual([0, undefined, 501]);
  expect(jumpsOf(stretches)).toEqual([NaN, NaN]);
});

test('each channel is compared with its own', () => {
  const { left } = recording(frames(0, 500));
  expect(stretchesOf({ sampleRate: wav.sampleRate, left, right: left }, wav, 'right')).not.toMatchObject([
    { wavFrame: 0 },
  ]);
});
