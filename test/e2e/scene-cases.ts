/** What a scene does with a sound, in every engine: its place, left and right, and a bar that seeks. */
import { expect } from '@jest/globals';
import { addSound, recordGame } from '../support/game.ts';
import { readRecording } from '../support/recorder.ts';
import { makeWav, samplesOf } from '../support/wav.ts';
import { stretchesOf } from '../support/stretches.ts';
import { type Scene, SLOW } from './hearing.ts';
import type { SmokeCase } from './smoke-cases.ts';

const RATE = 44_100;
const track = makeWav({ seconds: 20, sampleRate: RATE, seed: 4 });
export const SCENE_TRACKS: Readonly<Record<string, Buffer>> = { '/track.wav': track };

export const SCENE_CASES: readonly SmokeCase[] = [
  {
    name: 'a sound is heard where it stands, where it goes, and where the listener goes',
    on: 'harness',
    show: showPlaces,
  },
  { name: 'a pan is heard on its side', on: 'harness', show: showPan },
  { name: 'a click on a bar is heard from its place on', on: 'harness', show: showBar },
];

const PLACES: Readonly<Record<string, () => void>> = {
  right: () => undefined,
  left: () => {
    window.sound.x = -5;
  },
  'right of a listener who moves': () => {
    const { sound } = window.game;
    if ('setListenerPosition' in sound) sound.setListenerPosition(-10, 0);
  },
};

async function showPlaces(scene: Scene): Promise<void> {
  const tap = await play(scene, { source: { x: 5, y: 0, refDistance: 5 } });
  const heard: Record<string, string> = {};
  for (const [place, move] of Object.entries(PLACES)) {
    await scene.page.evaluate(move);
    heard[place] = sideOf(await loudness(scene, tap));
  }
  expect(heard).toEqual({ right: 'right', left: 'left', 'right of a listener who moves': 'right' });
}

async function showPan(scene: Scene): Promise<void> {
  const tap = await play(scene, { pan: -1 });
  const left = await loudness(scene, tap);
  await scene.page.evaluate(() => void window.sound.setPan(1));
  const right = await loudness(scene, tap);
  expect(Math.max(left.right, right.left)).toBeLessThan(1e-9); // the cosine of a right angle is not 0 in floats
  expect([sideOf(left), sideOf(right)]).toEqual(['left', 'right']);
}

/** The bar fills the canvas, so that a click in its middle is one in the middle of the track. */
async function showBar(scene: Scene): Promise<void> {
  const { page } = scene;
  const tap = await play(scene, {});
  await page.evaluate(() => {
    const { width, height } = window.game.canvas;
    const shown = window.game.scene.getScene('scene');
    shown.add.existing(new window.harness.library.StreamingBar(shown, 0, 0, window.sound, { width, height }));
  });
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 100))); // until it has been drawn
  await page.click('canvas');
  await page.until(() => window.sound.seek > 10.3 && window.sound.seek < 15, undefined, SLOW);
  await new Promise((resolve) => setTimeout(resolve, 500 + 1000 * scene.limits.leadSeconds));
  const stretches = stretchesOf(await readRecording(page, tap), samplesOf(track), 'left');
  const sought = stretches.find(({ wavFrame = 0 }) => wavFrame > 5 * RATE);
  expect((sought?.wavFrame ?? NaN) / RATE).toBeCloseTo(10, 0);
}

async function play({ page }: Scene, config: object): Promise<number> {
  await page.press('a'); // Firefox begins with a context that Phaser takes for locked
  await addSound(page, '/track.wav');
  const tap = await recordGame(page);
  await page.evaluate((asked) => void window.sound.play(asked), config);
  await page.until(() => window.sound.seek > 0.2, undefined, SLOW);
  return tap;
}

interface Loudness {
  readonly left: number;
  readonly right: number;
}

/** The loudest sample of each side, once what was done before is heard. */
async function loudness({ page, limits }: Scene, tap: number): Promise<Loudness> {
  await new Promise((resolve) => setTimeout(resolve, 300 + 1000 * limits.leadSeconds));
  const { frames: from } = await page.evaluate((id) => window.recorder.measure(id), tap);
  await page.until(
    (asked) => window.recorder.measure(asked.tap).frames > asked.least,
    { tap, least: from + 9000 },
    SLOW,
  );
  const { left, right } = await readRecording(page, tap);
  const loudest = (samples: Float32Array): number =>
    samples.slice(from).reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  return { left: loudest(left), right: loudest(right) };
}

function sideOf({ left, right }: Loudness): string {
  if (Math.max(left, right) < 0.01) return 'silent';
  return left > 1.5 * right ? 'left' : right > 1.5 * left ? 'right' : 'middle';
}
