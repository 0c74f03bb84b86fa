/** What must hold in every engine, on a page with a real game, each by what reaches the speakers. */
import { expect } from '@jest/globals';
import type { EngineName } from '../support/engine.ts';
import { addSound, recordGame } from '../support/game.ts';
import { silentRoutesScript } from '../support/media-tap.ts';
import { jumpsOf } from '../support/stretches.ts';
import { makeWav, samplesOf } from '../support/wav.ts';
import { WHY } from './engine-limits.ts';
import {
  expectContinuous,
  expectWhole,
  framesOf,
  heard,
  heardAtLeast,
  heardToTheEnd,
  type Scene,
  silences,
  SLOW,
} from './hearing.ts';
import { showPressOfUp } from './press-of-up.ts';

export interface SmokeCase {
  readonly name: string;
  /** The page it is shown on: the harness, with a game, or the demo, which may not play before a gesture. */
  readonly on: 'harness' | 'demo';
  /** Run in the page before its own. */
  readonly scripts?: readonly string[];
  readonly show: (scene: Scene) => Promise<void>;
  /** True for what shows the tools, not the plugin. */
  readonly isControl?: boolean;
  /** What of it an engine cannot show, and why: the case then asserts what is left. */
  readonly notShown?: Partial<Record<EngineName, readonly string[]>>;
  /** Engines in which it cannot be brought about, and why. */
  readonly outOfReach?: Partial<Record<EngineName, string>>;
}

export const RATE = 44_100;
const STANDSTILL_MS = 300; // until an element that was paused has settled
const CLOCK_STEP_SECONDS = 0.1; // Firefox's element goes by packets

const short = makeWav({ seconds: 1.5, sampleRate: RATE });
const long = makeWav({ seconds: 30, sampleRate: RATE, seed: 2 });
/** What the server must have. */
export const TRACKS: Readonly<Record<string, Buffer>> = { '/short.wav': short, '/long.wav': long };

export const SMOKE_CASES: readonly SmokeCase[] = [
  { name: 'the recorder hears a decoded WAV sample by sample', on: 'harness', show: showRecorder, isControl: true },
  {
    name: 'control: no sample of a native WAV element is lost or repeated over pauses',
    on: 'harness',
    show: showNativeElement,
    isControl: true,
    notShown: { firefox: [WHY.firefoxResumes], webkit: [WHY.webkitStarts, WHY.webkitChannels, WHY.webkitLead] },
  },
  {
    name: 'a sound is heard from its first sample on',
    on: 'harness',
    show: showFirstSound,
    notShown: { webkit: [WHY.webkitStarts, WHY.webkitChannels] },
  },
  {
    name: 'a seek is heard from its exact sample on',
    on: 'harness',
    show: showSeek,
    notShown: { webkit: [WHY.webkitStarts, WHY.webkitChannels] },
  },
  {
    name: 'no sample is lost or repeated over pauses',
    on: 'harness',
    show: showPauses,
    notShown: { firefox: [WHY.firefoxResumes], webkit: [WHY.webkitStarts, WHY.webkitChannels, WHY.webkitLead] },
  },
  {
    name: 'a track plays to its last sample, and completes once',
    on: 'harness',
    show: showEnd,
    notShown: { webkit: [WHY.webkitStarts, WHY.webkitChannels, WHY.webkitEnd, WHY.webkitLead] },
  },
  {
    name: 'a second visit plays what is cached, without a request',
    on: 'harness',
    show: showCachedStart,
    notShown: { webkit: [WHY.webkitStarts, WHY.webkitChannels, WHY.webkitEnd, WHY.webkitLead] },
  },
  {
    name: 'while the game is blurred for 3 s the sound stands still, and no sample is lost or repeated',
    on: 'harness',
    show: showBlur,
    notShown: { firefox: [WHY.firefoxResumes], webkit: [WHY.webkitStarts, WHY.webkitChannels, WHY.webkitLead] },
  },
  {
    name: 'a sound whose route is silent plays beside the graph, and stands still while the game is blurred for 3 s',
    on: 'harness',
    scripts: [silentRoutesScript()],
    show: showUnroutedBlur,
  },
  {
    name: 'one press of Up starts the demo, sample for sample, on a page that might not play before',
    on: 'demo',
    show: showPressOfUp,
    notShown: { webkit: [WHY.webkitTaps] },
  },
];

const isPast = (seconds: number): boolean => window.sound.seek > seconds;
const isComplete = (): boolean => window.events.includes('complete');

async function showRecorder(scene: Scene): Promise<void> {
  const { page } = scene;
  const tap = await recordGame(page);
  await page.evaluate(
    async () => {
      const { sound } = window.game;
      if (!('context' in sound)) throw new Error('Phaser has no Web Audio here.');
      const bytes = await (await fetch('/short.wav')).arrayBuffer();
      const source = new AudioBufferSourceNode(sound.context, { buffer: await sound.context.decodeAudioData(bytes) });
      source.connect(sound.context.destination);
      source.start();
      await new Promise((resolve) => source.addEventListener('ended', resolve));
    },
    undefined,
    SLOW,
  );
  const { frames } = samplesOf(short);
  expect(await heard(scene, tap, short)).toMatchObject([{ wavFrame: 0, frames }]);
}

/** Where this is exact, the limits of the engine are to be withdrawn. */
async function showNativeElement(scene: Scene): Promise<void> {
  const { page, limits } = scene;
  const tap = await recordGame(page);
  await page.evaluate(
    async () => {
      const { sound } = window.game;
      if (!('context' in sound)) throw new Error('Phaser has no Web Audio here.');
      const element = new Audio('/long.wav');
      sound.context.createMediaElementSource(element).connect(sound.context.destination);
      for (let plays = 0; plays < 4; plays++) {
        await element.play();
        await new Promise((resolve) => setTimeout(resolve, 1000));
        element.pause();
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
    },
    undefined,
    SLOW,
  );
  const stretches = await heard(scene, tap, long);
  expectContinuous(stretches, 0, limits.resume);
  const isExact = jumpsOf(stretches).every((jump) => jump === 0);
  expect(isExact).toBe(limits.resume.repeats === 0);
}

async function showFirstSound(scene: Scene): Promise<void> {
  const { page, limits } = scene;
  await addSound(page, '/long.wav');
  const tap = await recordGame(page);
  expect(await page.evaluate(() => window.sound.play())).toBe(true);
  await page.until(isPast, 0.6, SLOW);
  const stretches = await heardAtLeast(scene, tap, long, 0.4 * RATE);
  expectContinuous(stretches, 0, limits.start);
  expect(silences(stretches)).toBeLessThanOrEqual(limits.silences);
}

async function showSeek(scene: Scene): Promise<void> {
  const { page, limits } = scene;
  const target = 12.5;
  await addSound(page, '/long.wav');
  await page.evaluate(() => window.sound.play());
  await page.until(isPast, 0.4, SLOW);
  const tap = await recordGame(page);
  await page.evaluate((seconds) => {
    window.sound.seek = seconds;
  }, target);
  await page.until(isPast, target + 0.6, SLOW);
  const stretches = await heard(scene, tap, long);
  const after = stretches.slice(stretches.findIndex(({ wavFrame }) => wavFrame === target * RATE));
  expectContinuous(after, target * RATE, limits.start);
  expect(silences(after)).toBeLessThanOrEqual(limits.silences);
  expect(framesOf(after)).toBeGreaterThan(0.4 * RATE);
}

async function showPauses(scene: Scene): Promise<void> {
  const { page, limits } = scene;
  await addSound(page, '/long.wav');
  const tap = await recordGame(page);
  await page.evaluate(() => window.sound.play());
  for (const seconds of [0.5, 2.5, 4.5]) {
    await page.until(isPast, seconds, SLOW);
    const { moved, result } = await page.evaluate(async (standstillMs) => {
      const paused = window.sound.pause();
      await new Promise((resolve) => setTimeout(resolve, standstillMs));
      const place = window.sound.seek;
      await new Promise((resolve) => setTimeout(resolve, 300));
      return { moved: window.sound.seek - place, result: [paused, window.sound.resume()] };
    }, STANDSTILL_MS);
    expect(result).toEqual([true, true]);
    expect(Math.abs(moved)).toBeLessThan(0.001);
  }
  await page.until(isPast, 5.5, SLOW);
  const stretches = await heardAtLeast(scene, tap, long, 5.2 * RATE);
  expectContinuous(stretches, 0, limits.resume);
  expect(silences(stretches)).toBeLessThanOrEqual(3 + limits.silences);
}

async function showEnd(scene: Scene): Promise<void> {
  const { page, limits } = scene;
  await addSound(page, '/short.wav');
  const tap = await recordGame(page);
  await page.evaluate(() => window.sound.play());
  await page.until(isComplete, undefined, SLOW);
  expectWhole(await heardToTheEnd(scene, tap, short), short, limits);
  expect(await page.evaluate(() => window.events.filter((name) => name === 'complete').length)).toBe(1);
  expect(await page.evaluate(() => [window.sound.state, window.sound.isPlaying])).toEqual(['complete', false]);
}

async function showCachedStart(scene: Scene): Promise<void> {
  const { page, server, limits } = scene;
  await addSound(page, '/short.wav');
  await page.evaluate(() => window.sound.play());
  await page.until(isComplete, undefined, SLOW);
  const isStored = async (size: number): Promise<boolean> => {
    const records = await window.idbReader.readAll();
    return records.reduce((sum, { bytes }) => sum + (bytes?.byteLength ?? 0), 0) === size;
  };
  await page.until(isStored, short.length, SLOW);

  await page.goto(`${server.url}/index.html`);
  await page.evaluate(() => window.harness.bootGame({}), undefined, SLOW);
  server.clearLog();
  await addSound(page, '/short.wav');
  const tap = await recordGame(page);
  await page.evaluate(() => window.sound.play());
  await page.until(isComplete, undefined, SLOW);
  expectWhole(await heardToTheEnd(scene, tap, short), short, limits);
  expect(server.askedRanges('/short.wav')).toEqual([]);
}

async function showBlur(scene: Scene): Promise<void> {
  const { page, limits } = scene;
  await addSound(page, '/long.wav');
  const tap = await recordGame(page);
  await page.evaluate(() => window.sound.play());
  await page.until(isPast, 2.5, SLOW);
  await blur(scene, limits.leadSeconds);
  await page.until(isPast, 3.5, SLOW);
  const stretches = await heardAtLeast(scene, tap, long, 3.2 * RATE);
  expectContinuous(stretches, 0, limits.resume);
  expect(silences(stretches)).toBeLessThanOrEqual(1 + limits.silences);
}

/** Nothing to record: the sound is beside the graph. */
async function showUnroutedBlur(scene: Scene): Promise<void> {
  const { page } = scene;
  await addSound(page, '/long.wav');
  await page.evaluate(() => window.sound.play());
  await page.until(() => window.sound.output === null, undefined, SLOW);
  await page.until(isPast, 0.5, SLOW);
  await blur(scene, 0);
  await page.until(isPast, 1.5, SLOW);
}

/** The game loses the focus for 3 s, in which the place stands still; it may fall back by `leadSeconds` at first. */
async function blur({ page }: Scene, leadSeconds: number): Promise<void> {
  await page.press('a'); // Firefox begins with a context that Phaser takes for locked: it leaves that alone
  await page.until(() => !window.game.sound.locked);
  const places = await page.evaluate(
    async (standstillMs) => {
      const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
      window.game.events.emit('blur');
      const before = window.sound.seek;
      await wait(standstillMs);
      const place = window.sound.seek;
      await wait(3000 - standstillMs);
      const after = window.sound.seek;
      window.game.events.emit('focus');
      return { before, place, after };
    },
    STANDSTILL_MS,
    SLOW,
  );
  expect(Math.abs(places.after - places.place)).toBeLessThan(0.001);
  expect(places.after - places.before).toBeLessThan(CLOCK_STEP_SECONDS);
  expect(places.before - places.after).toBeLessThan(CLOCK_STEP_SECONDS + leadSeconds);
}
