/** The demo as a visitor meets it: silent until Up is pressed, and then playing the prelude. */
import { expect } from '@jest/globals';
import type { StreamingSound } from '../../plugin/index.ts';
import { alignRecording } from '../support/align-recording.ts';
import { TRACK_PATH, TRACK_RATE, trackSamples } from '../support/demo.ts';
import { readRecording } from '../support/recorder.ts';
import type { WavSamples } from '../support/wav.ts';
import { type Scene, SLOW } from './hearing.ts';

declare global {
  interface Window {
    /** The tap of a page whose context may not run yet. */
    tap: Promise<number>;
  }
}

export async function showPressOfUp(scene: Scene): Promise<void> {
  const { page, server, limits } = scene;
  await page.until(() => window.game?.scene.isActive('MusicStreamer'), undefined, SLOW);
  const before = await page.evaluate(() => {
    const { sound } = window.game;
    return { hadGesture: navigator.userActivation.hasBeenActive, state: 'context' in sound && sound.context.state };
  });
  expect(before).toEqual({ hadGesture: false, state: 'suspended' });
  if (limits.tapsSuspended) await page.evaluate(beginTap);
  await page.press('ArrowUp');
  await page.until(hasMusicPast, 0.2, SLOW);
  if (!limits.tapsSuspended) await page.evaluate(beginTap);
  await page.until(hasMusicPast, 1.2 + limits.leadSeconds, SLOW);
  const lines = await page.evaluate(() => document.querySelector('#printed')?.textContent?.split('\n') ?? []);
  // On a busy machine the press may last two frames, of which the second finds the music busy.
  expect(lines.filter((line) => line !== 'busy')).toEqual([
    'play',
    `streamHTTP() - Fetching URL [${server.url}${TRACK_PATH}]`,
    'streamHTTP() - Response Status [206] / [Partial Content]',
  ]);
  await expectPrelude(scene);
}

function hasMusicPast(seconds: number): boolean {
  const [music] = window.game.sound.getAllPlaying<StreamingSound>();
  return music !== undefined && music.seek > seconds;
}

/** Its promise is not awaited: a tap says that it is ready once the context runs. */
function beginTap(): void {
  const { sound } = window.game;
  if (!('context' in sound)) throw new Error('Phaser has no Web Audio here.');
  window.tap = window.recorder.attach(sound.context.destination);
  window.tap.catch(() => {});
}

/** What the tap has heard is the demo's track. */
async function expectPrelude({ page, limits }: Scene): Promise<void> {
  const recording = await readRecording(page, await page.evaluate(() => window.tap));
  const beginning = trackSamples(0, 10 * TRACK_RATE);
  if (limits.tapsSuspended) {
    const { firstFrame, differences, soundingFrames } = alignRecording(recording, beginning);
    expect({ firstFrame, differences }).toEqual({ firstFrame: firstSounding(beginning), differences: 0 });
    expect(soundingFrames).toBeGreaterThan(0.5 * TRACK_RATE);
  } else {
    const left = { ...recording, right: recording.left };
    const alignment = alignRecording(left, { ...beginning, channels: beginning.channels.slice(0, 1) });
    expect(alignment.firstFrame).toBeDefined();
    expect(alignment.soundingFrames).toBeGreaterThan(0.5 * TRACK_RATE);
  }
}

/** The first frame that is not all zeros. */
function firstSounding({ channels, frames }: WavSamples): number {
  return Array.from({ length: frames }, (_, i) => channels.some((channel) => channel[i] !== 0)).indexOf(true);
}
