/** Finds a recording's place in the WAV it came from, and every sample where the two part. */
import type { Recording } from './recorder.ts';
import type { WavSamples } from './wav.ts';

export interface AlignOptions {
  /** How far two integer samples may lie apart and still count as equal. @default 0 */
  readonly tolerance?: number;
  /** Frames `[start, end)` of the WAV that repeat: behind `end` the recording is expected to go on at `start`. */
  readonly loop?: { readonly start: number; readonly end: number };
  /** The shortest run of zeros, in frames, that counts as a gap. @default 16 */
  readonly shortestGap?: number;
}

export interface Difference {
  /** Frame of the recording. */
  readonly recordingFrame: number;
  /** Frame of the WAV that was expected there. */
  readonly wavFrame: number;
}

export interface Alignment {
  /** Frames of silence before the first sound; all of them where nothing sounds. */
  readonly silentFrames: number;
  /** Frames from the first sound to the last. */
  readonly soundingFrames: number;
  /** The WAV's frame that the first sound is; undefined where it occurs nowhere in the WAV. */
  readonly firstFrame: number | undefined;
  /** How many frames in a row are as expected, from the first sound on; 0 where it has no place in the WAV. */
  readonly exactFrames: number;
  /** The first sounding frame that is not as expected; undefined where all are. */
  readonly firstDifference: Difference | undefined;
  /** How many sounding frames are not as expected: behind a gap about all, without a place in the WAV all. */
  readonly differences: number;
  /** Runs of zeros between the first and the last sound. */
  readonly gaps: readonly { readonly start: number; readonly frames: number }[];
}

/** Both channels of a frame, as integers of the WAV's own scale. */
interface Stereo {
  readonly left: Int32Array;
  readonly right: Int32Array;
}

// Jest's realm looks each global up anew, which here costs more than the arithmetic.
const { abs, round } = Math;

const NEEDLE_FRAMES = 32; // no such run of noise comes twice
const NEEDLE_OFFSETS = [0, 64, 512, 4096]; // so that a flipped or faded start is still placed

/**
 * Places a recording of one stretch of a WAV, mono or stereo. It must have run at the WAV's sample rate and at full
 * volume; noise is placed without doubt, a periodic sound only within its period.
 *
 * Engines differ in what full scale is: Chromium turns 16-bit 32767 into 1, but 24-bit 8388607 into just below 1. One
 * of the two must hold for the whole recording.
 */
export function alignRecording(recording: Recording, wav: WavSamples, options: AlignOptions = {}): Alignment {
  if (recording.sampleRate !== wav.sampleRate) {
    throw new Error(`Recorded at ${recording.sampleRate} Hz, but the WAV has ${wav.sampleRate} Hz.`);
  }
  const fullScale = 2 ** (wav.bitsPerSample - 1);
  const symmetric = alignScaled(toIntegers(recording, fullScale, fullScale), wav, options);
  if (symmetric.differences === 0) return symmetric;
  const asymmetric = alignScaled(toIntegers(recording, fullScale, fullScale - 1), wav, options);
  return asymmetric.differences < symmetric.differences ? asymmetric : symmetric;
}

function alignScaled(heard: Stereo, wav: WavSamples, options: AlignOptions): Alignment {
  const { tolerance = 0, loop, shortestGap = 16 } = options;
  const file = stereoOf(wav);
  const { start, end } = soundingSpan(heard);
  const firstFrame = locate(heard, start, end, file, tolerance);
  const expected = expectedFrames(firstFrame, end - start, loop);
  const differing = expected.flatMap((wavFrame, index) =>
    sameFrame(heard, start + index, file, wavFrame, tolerance) ? [] : { recordingFrame: start + index, wavFrame },
  );
  const firstDifference = differing[0];
  return {
    silentFrames: start,
    soundingFrames: end - start,
    firstFrame,
    exactFrames: (firstDifference?.recordingFrame ?? start + expected.length) - start,
    firstDifference,
    differences: firstFrame === undefined ? end - start : differing.length,
    gaps: findGaps(heard, start, end, shortestGap),
  };
}

function toIntegers({ left, right }: Recording, negativeScale: number, positiveScale: number): Stereo {
  const rounded = (samples: Float32Array): Int32Array =>
    Int32Array.from(samples, (x) => round(x * (x < 0 ? negativeScale : positiveScale)));
  return { left: rounded(left), right: rounded(right) };
}

function stereoOf({ channels }: WavSamples): Stereo {
  const [left, right = left] = channels;
  if (left === undefined || right === undefined || channels.length > 2) throw new Error('Only mono and stereo align.');
  return { left, right };
}

/** From the first frame that is not silent to behind the last. */
function soundingSpan({ left, right }: Stereo): { start: number; end: number } {
  const sounds = (frame: number): boolean => left[frame] !== 0 || right[frame] !== 0;
  let [start, end] = [0, left.length];
  while (start < end && !sounds(start)) start++;
  while (end > start && !sounds(end - 1)) end--;
  return { start, end };
}

/** The file's frame at `heard[start]`, by the first stretch behind it that occurs in the file. */
function locate(heard: Stereo, start: number, end: number, file: Stereo, tolerance: number): number | undefined {
  const fitting = NEEDLE_OFFSETS.filter((offset) => start + offset + NEEDLE_FRAMES <= end);
  for (const offset of fitting) {
    const found = findRun(heard, start + offset, file, tolerance);
    if (found >= offset) return found - offset;
  }
  return undefined;
}

function findRun(heard: Stereo, from: number, file: Stereo, tolerance: number): number {
  const lastPlace = file.left.length - NEEDLE_FRAMES;
  for (let place = 0; place <= lastPlace; place++) {
    let length = 0;
    while (length < NEEDLE_FRAMES && sameFrame(heard, from + length, file, place + length, tolerance)) length++;
    if (length === NEEDLE_FRAMES) return place;
  }
  return -1;
}

function sameFrame(heard: Stereo, frame: number, file: Stereo, wavFrame: number, tolerance: number): boolean {
  const left = abs((heard.left[frame] ?? NaN) - (file.left[wavFrame] ?? NaN));
  const right = abs((heard.right[frame] ?? NaN) - (file.right[wavFrame] ?? NaN));
  return left <= tolerance && right <= tolerance;
}

function expectedFrames(firstFrame: number | undefined, frames: number, loop: AlignOptions['loop']): number[] {
  if (firstFrame === undefined) return [];
  const straight = Array.from({ length: frames }, (_, index) => firstFrame + index);
  if (loop === undefined) return straight;
  const lap = loop.end - loop.start;
  return straight.map((frame) => (frame < loop.end ? frame : loop.start + ((frame - loop.end) % lap)));
}

function findGaps({ left, right }: Stereo, start: number, end: number, shortestGap: number) {
  const gaps: { start: number; frames: number }[] = [];
  let gapStart = start;
  for (let frame = start; frame < end; frame++) {
    if (left[frame] === 0 && right[frame] === 0) continue;
    if (frame - gapStart >= shortestGap) gaps.push({ start: gapStart, frames: frame - gapStart });
    gapStart = frame + 1;
  }
  return gaps;
}
