/** What a case has at hand, and what it expects of what it hears. */
import { expect } from '@jest/globals';
import type { EnginePage } from '../support/engine.ts';
import type { RangeServer } from '../support/range-server.ts';
import { readRecording } from '../support/recorder.ts';
import { jumpsOf, type Stretch, stretchesOf } from '../support/stretches.ts';
import { samplesOf } from '../support/wav.ts';
import type { EngineLimits, Seam } from './engine-limits.ts';

/** A page that has just loaded, the server it came from, and what its engine is capable of. */
export interface Scene {
  readonly page: EnginePage;
  readonly server: RangeServer;
  readonly limits: EngineLimits;
}

export const SLOW = { timeoutMs: 20_000 }; // of waits on a machine that does other things beside
const TAP_DELAY_MS = 500; // until a tap has handed over what it heard

/** The stretches of the WAV in a recording, once they are of `leastFrames`: a busy machine's graph lags far behind. */
export async function heardAtLeast(scene: Scene, tap: number, wav: Buffer, leastFrames: number): Promise<Stretch[]> {
  return heardUntil(scene, tap, wav, (stretches) => framesOf(stretches) > leastFrames);
}

/** As `heardAtLeast`, once they reach the end of the WAV. */
export async function heardToTheEnd(scene: Scene, tap: number, wav: Buffer): Promise<Stretch[]> {
  const end = samplesOf(wav).frames - scene.limits.unheardEnd;
  return heardUntil(scene, tap, wav, (stretches) => reachedBy(stretches) >= end);
}

async function heardUntil(
  scene: Scene,
  tap: number,
  wav: Buffer,
  isEnough: (stretches: readonly Stretch[]) => boolean,
): Promise<Stretch[]> {
  const end = Date.now() + SLOW.timeoutMs;
  for (;;) {
    const stretches = await heard(scene, tap, wav);
    if (isEnough(stretches)) return stretches;
    if (Date.now() > end) throw new Error(`Heard ${framesOf(stretches)} frames, to frame ${reachedBy(stretches)}.`);
  }
}

/** The stretches of the WAV in a recording, once all that was played has reached it. */
export async function heard({ page, limits }: Scene, tap: number, wav: Buffer): Promise<Stretch[]> {
  const delayMs = TAP_DELAY_MS + 1000 * limits.leadSeconds;
  await new Promise((resolve) => setTimeout(resolve, delayMs));
  const recording = await readRecording(page, tap);
  const left = stretchesOf(recording, samplesOf(wav), 'left');
  if (limits.channelSkew === 0) expect(stretchesOf(recording, samplesOf(wav), 'right')).toEqual(left);
  return left;
}

/** Nothing but the WAV from `wavFrame` on, with seams no worse than allowed. */
export function expectContinuous(stretches: readonly Stretch[], wavFrame: number, { repeats, misses }: Seam): void {
  expect(stretches[0]?.wavFrame).toBe(wavFrame);
  expect(jumpsOf(stretches).filter((jump) => !(jump >= -repeats && jump <= misses))).toEqual([]);
}

/** All of the WAV, once, and without a silence but where the engine makes one. */
export function expectWhole(stretches: readonly Stretch[], wav: Buffer, limits: EngineLimits): void {
  expectContinuous(stretches, 0, limits.start);
  expect(silences(stretches)).toBeLessThanOrEqual(limits.silences);
  expect(reachedBy(stretches)).toBeGreaterThanOrEqual(samplesOf(wav).frames - limits.unheardEnd);
}

/** Frames or seconds of the WAV that come again and again. */
export interface Lap {
  readonly start: number;
  readonly end: number;
}

/**
 * Nothing but the WAV, which at the end of one of `laps` goes on at the start of one, with other seams no worse than
 * allowed; gives how often it came back.
 */
export function expectLaps(stretches: readonly Stretch[], laps: readonly Lap[], { repeats, misses }: Seam): number {
  const isSeam = (stretch: Stretch, i: number): boolean => {
    const before = stretches[i];
    const reached = (before?.wavFrame ?? NaN) + (before?.frames ?? 0);
    return laps.some(({ end }) => end === reached) && laps.some(({ start }) => start === stretch.wavFrame);
  };
  const seams = stretches.slice(1).map((stretch, i) => isSeam(stretch, i) && stretch.silence === 0);
  const others = jumpsOf(stretches).filter((jump, i) => !seams[i] && !(jump >= -repeats && jump <= misses));
  expect(others).toEqual([]);
  return seams.filter(Boolean).length;
}

/** How often the sound fell silent. */
export function silences(stretches: readonly Stretch[]): number {
  return stretches.slice(1).filter(({ silence }) => silence > 0).length;
}

/** The frame of the WAV that follows on what was heard last. */
export function reachedBy(stretches: readonly Stretch[]): number {
  const last = stretches.at(-1);
  return (last?.wavFrame ?? NaN) + (last?.frames ?? 0);
}

export function framesOf(stretches: readonly Stretch[]): number {
  return stretches.reduce((sum, { frames }) => sum + frames, 0);
}
