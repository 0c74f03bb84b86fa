import { describe, expect, test } from '@jest/globals';
import { alignRecording } from './align-recording.ts';
import type { Recording } from './recorder.ts';
import { makeWav, samplesOf } from './wav.ts';

const wav = samplesOf(makeWav({ frames: 20_000, amplitude: 1 }));

/** What a perfect player would have put out: some silence, then the given frames of the WAV. */
function played(frames: readonly number[], silentFrames = 100): Recording {
  const channel = (index: number): Float32Array =>
    Float32Array.from([
      ...Array.from({ length: silentFrames }, () => 0),
      ...frames.map((frame) => (wav.channels[index]?.[frame] ?? 0) / 2 ** 15),
    ]);
  return { sampleRate: 44_100, left: channel(0), right: channel(1) };
}

function span(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, index) => start + index);
}

describe('alignRecording', () => {
  test('places an exact stretch', () => {
    expect(alignRecording(played(span(3000, 9000)), wav)).toEqual({
      silentFrames: 100,
      soundingFrames: 6000,
      firstFrame: 3000,
      exactFrames: 6000,
      firstDifference: undefined,
      differences: 0,
      gaps: [],
    });
  });

  test.each([100, 150, 5000])('finds the one sample that differs, at frame %d', (frame) => {
    const recording = played(span(3000, 9000));
    recording.right[frame] = (recording.right[frame] ?? 0) + 2 ** -15;
    const firstDifference = { recordingFrame: frame, wavFrame: 3000 + frame - 100 };
    expect(alignRecording(recording, wav)).toMatchObject({ firstFrame: 3000, differences: 1, firstDifference });
    expect(alignRecording(recording, wav, { tolerance: 1 })).toMatchObject({ differences: 0 });
  });

  test('finds it as well where full scale is 1', () => {
    const recording = played(span(3000, 9000));
    const louder = { ...recording, left: recording.left.map(stretched), right: recording.right.map(stretched) };
    expect(alignRecording(louder, wav)).toMatchObject({ firstFrame: 3000, differences: 0 });
    louder.left[5000] = (louder.left[5000] ?? 0) - 2 ** -15;
    expect(alignRecording(louder, wav)).toMatchObject({ exactFrames: 4900, differences: 1 });
  });

  test('finds a skipped frame', () => {
    const recording = played([...span(3000, 5000), ...span(5001, 6000)]);
    const firstDifference = { recordingFrame: 2100, wavFrame: 5000 };
    expect(alignRecording(recording, wav)).toMatchObject({ differences: 999, firstDifference });
  });

  test('finds a gap', () => {
    const silence = Array.from({ length: 441 }, () => -1);
    const recording = played([...span(19_000, 20_000), ...silence, ...span(0, 1000)]);
    expect(alignRecording(recording, wav)).toMatchObject({ gaps: [{ start: 1100, frames: 441 }] });
  });

  test('follows a loop', () => {
    const recording = played([...span(0, 5000), ...span(2000, 5000), ...span(2000, 5000)]);
    expect(alignRecording(recording, wav, { loop: { start: 2000, end: 5000 } })).toMatchObject({ differences: 0 });
    expect(alignRecording(recording, wav, { loop: { start: 2000, end: 4999 } })).toMatchObject({
      firstDifference: { recordingFrame: 5099, wavFrame: 2000 },
    });
  });

  test('says when nothing sounds, and when it is another sound', () => {
    expect(alignRecording(played([]), wav)).toMatchObject({
      silentFrames: 100,
      soundingFrames: 0,
      firstFrame: undefined,
    });
    const other = samplesOf(makeWav({ frames: 20_000, seed: 2 }));
    expect(alignRecording(played(span(0, 5000)), other)).toMatchObject({
      firstFrame: undefined,
      exactFrames: 0,
      differences: 5000,
    });
  });

  test('refuses a recording at another rate', () => {
    expect(() => alignRecording({ ...played([]), sampleRate: 48_000 }, wav)).toThrow('48000 Hz');
  });
});

/** As an engine plays whose full scale is 1, for 32767. */
function stretched(x: number): number {
  return x < 0 ? x : (x * 2 ** 15) / (2 ** 15 - 1);
}
