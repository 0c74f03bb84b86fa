/** Loops, and what is asked of a sound while it loops, in every engine, each by what reaches the speakers. */
import { expect } from '@jest/globals';
import { addSound, recordGame } from '../support/game.ts';
import type { Stretch } from '../support/stretches.ts';
import { makeWav, samplesOf } from '../support/wav.ts';
import { WHY } from './engine-limits.ts';
import { expectLaps, framesOf, heard, heardAtLeast, type Lap, type Scene, SLOW } from './hearing.ts';
import type { SmokeCase } from './smoke-cases.ts';

const RATE = 44_100;
const SEAMS = 50;
const MINUTE = { timeoutMs: 60_000 };

const tiny = makeWav({ seconds: 0.1, sampleRate: RATE, seed: 3 });
const short = makeWav({ seconds: 1.5, sampleRate: RATE });
const long = makeWav({ seconds: 30, sampleRate: RATE, seed: 2 });
export const LOOP_TRACKS: Readonly<Record<string, Buffer>> = { '/tiny.wav': tiny };

const WEBKIT = [WHY.webkitStarts, WHY.webkitChannels, WHY.webkitLead];

export const LOOP_CASES: readonly SmokeCase[] = [
  {
    name: '50 seams of a whole track are heard without one different sample',
    on: 'harness',
    show: (scene) => showSeams(scene, '/tiny.wav', tiny, { start: 0, end: 0.1 }),
    notShown: { webkit: WEBKIT },
  },
  {
    name: '50 seams of an intro and its loop are heard without one different sample',
    on: 'harness',
    show: (scene) => showSeams(scene, '/short.wav', short, { start: 0.5, end: 0.6 }),
    notShown: { webkit: WEBKIT },
  },
  {
    name: 'a loop of 10 ms is heard without one different sample',
    on: 'harness',
    show: (scene) => showSeams(scene, '/short.wav', short, { start: 0.5, end: 0.51 }),
    notShown: { webkit: WEBKIT },
  },
  {
    name: 'a loop that is taken away is left at its next seam, and the track completes once',
    on: 'harness',
    show: showLeaving,
    notShown: { webkit: [...WEBKIT, WHY.webkitEnd] },
  },
  {
    name: 'loop points that change while they play change at a seam, and without one different sample',
    on: 'harness',
    show: showNewPoints,
    notShown: { webkit: WEBKIT },
  },
];

const inFrames = ({ start, end }: Lap): Lap => ({ start: Math.round(start * RATE), end: Math.round(end * RATE) });
const hasLaps = (count: number): boolean => window.events.filter((name) => name === 'looped').length >= count;

async function playLoop(scene: Scene, url: string, { start, end }: Lap): Promise<number> {
  await addSound(scene.page, url, { loop: true, loopStart: start, loopEnd: end });
  const tap = await recordGame(scene.page);
  await scene.page.evaluate(() => window.sound.play());
  return tap;
}

async function showSeams(scene: Scene, url: string, wav: Buffer, lap: Lap): Promise<void> {
  const tap = await playLoop(scene, url, lap);
  await scene.page.until(hasLaps, SEAMS, MINUTE);
  const stretches = await heardAtLeast(scene, tap, wav, RATE * (lap.start + (SEAMS - 1) * (lap.end - lap.start)));
  const seams = expectLaps(stretches, [inFrames(lap)], scene.limits.start);
  expect(seams).toBeGreaterThanOrEqual(SEAMS - 1);
}

async function showLeaving(scene: Scene): Promise<void> {
  const { page, limits } = scene;
  const lap = { start: 0.5, end: 0.75 };
  const tap = await playLoop(scene, '/short.wav', lap);
  await page.until(hasLaps, 3, SLOW);
  const tookMs = await page.evaluate(
    async () => {
      const asked = performance.now();
      window.sound.loop = false;
      await new Promise((resolve) => window.sound.once('complete', resolve));
      return performance.now() - asked;
    },
    undefined,
    SLOW,
  );
  const stretches = await heard(scene, tap, short);
  const last = expectEnd(stretches, lap, limits.start.repeats);
  expect(last).toBeGreaterThanOrEqual(samplesOf(short).frames - limits.unheardEnd);
  expect(await page.evaluate(() => window.events.filter((name) => name === 'complete').length)).toBe(1);
  if (limits.leadSeconds === 0) expect(tookMs).toBeLessThan(1000 * (1.5 + 0.25 + 0.75 + 0.8));
}

/** Laps, and then the rest of the track up to the frame that is given back. */
function expectEnd(stretches: readonly Stretch[], lap: Lap, repeats: number): number {
  expectLaps(stretches, [inFrames(lap)], { repeats, misses: 0 });
  const last = stretches.at(-1);
  return (last?.wavFrame ?? NaN) + (last?.frames ?? 0);
}

async function showNewPoints(scene: Scene): Promise<void> {
  const { page, limits } = scene;
  const [before, after] = [
    { start: 2, end: 2.5 },
    { start: 1, end: 1.75 },
  ];
  const tap = await playLoop(scene, '/long.wav', before);
  await page.until(hasLaps, 3, SLOW);
  await page.evaluate((lap) => {
    window.sound.loopStart = lap.start;
    window.sound.loopEnd = lap.end;
  }, after);
  await page.until(hasLaps, 9, SLOW);
  const stretches = await heardAtLeast(scene, tap, long, 6 * RATE);
  expectLaps(stretches, [inFrames(before), inFrames(after)], limits.start);
  const starts = stretches.map(({ wavFrame }) => wavFrame);
  const first = starts.indexOf(after.start * RATE);
  expect(first).toBeGreaterThan(3);
  expect(starts.slice(first)).not.toContain(before.start * RATE);
  expect(framesOf(stretches.slice(0, first))).toBeLessThan(RATE * (2 + 3 * 0.5 + 0.25 + 1.5 + 0.5 + 0.8));
}
