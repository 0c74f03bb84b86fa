/** Faults of buffer, decoder, element, AudioContext and page, each once, for every engine: by what reaches the speakers. */
import { expect } from '@jest/globals';
import { addSound, recordGame, setOtherContext } from '../support/game.ts';
import { contextRateScript } from '../support/media-tap.ts';
import { pageScript } from '../support/page-script.ts';
import { makeWav } from '../support/wav.ts';
import { WHY } from './engine-limits.ts';
import { expectOneError, expectWaits, isPast, long, pause, playNarrowly, playOn, told } from './fault-scene.ts';
import { expectContinuous, expectWhole, heard, heardAtLeast, type Scene, SLOW } from './hearing.ts';
import { RATE, type SmokeCase } from './smoke-cases.ts';

const WIDE_RATE = 192_000;
const WIDE_SECONDS = 9;
/** 4.6 MB a second: no engine holds all of it. */
const wide = makeWav({ seconds: WIDE_SECONDS, sampleRate: WIDE_RATE, channels: 8, bitsPerSample: 24, seed: 4 });
export const PAGE_FAULT_TRACKS: Readonly<Record<string, Buffer>> = { '/wide.wav': wide };

const ABSENT_MS = 2000;
const HIDDEN_SECONDS = 5;
const ELSEWHERE = Buffer.from('<!doctype html><link rel="icon" href="data:,"><title>elsewhere</title>');
const QUANTUM = 128; // frames that Web Audio takes at once
const STARTS = { webkit: [WHY.webkitStarts, WHY.webkitChannels] };
const RESUMES = { firefox: [WHY.firefoxResumes], ...STARTS };

export const PAGE_FAULT_CASES: readonly SmokeCase[] = [
  {
    name: 'a track that fills the buffer of its element is heard to its last sample, and less of it is kept ahead',
    on: 'harness',
    scripts: [contextRateScript(WIDE_RATE)],
    show: showFullBuffer,
    notShown: { webkit: [WHY.webkitMixes] },
  },
  { name: 'a segment that the decoder refuses ends the sound with one error', on: 'harness', show: showRefusal },
  {
    name: 'media keys pause the sound and have it play on, as its own verbs do',
    on: 'harness',
    scripts: [pageScript('media-tap.ts')],
    show: showMediaKeys,
    notShown: RESUMES,
  },
  {
    name: 'a sound that plays, and one that is paused, go on where they were through the graph of another AudioContext',
    on: 'harness',
    show: showOtherContext,
    notShown: STARTS,
  },
  {
    name: 'a sound plays on while its window is out of sight',
    on: 'harness',
    show: showHidden,
    notShown: STARTS,
    outOfReach: { chromium: WHY.chromiumWindows },
  },
  {
    name: 'a page that was left and gone back to goes on where it was, or ends the sound with one error',
    on: 'harness',
    show: showReturn,
    notShown: { webkit: [WHY.webkitReturns] },
    outOfReach: { firefox: WHY.firefoxReturns },
  },
];

/** Seconds that lie ahead on the element where its buffer refuses a segment for the first time. */
function aheadWhereFull(): Promise<number> {
  return new Promise((resolve) => {
    const append = Reflect.get<SourceBuffer, 'appendBuffer'>(SourceBuffer.prototype, 'appendBuffer');
    SourceBuffer.prototype.appendBuffer = function (segment) {
      try {
        append.call(this, segment);
      } catch (error) {
        if (error instanceof DOMException && error.name === 'QuotaExceededError') {
          resolve((window.sound.buffered.at(-1)?.[1] ?? 0) - window.sound.seek);
        }
        throw error;
      }
    };
  });
}

/** The most seconds that lie ahead on the element from now until the sound ends. */
async function mostAhead(): Promise<number> {
  let most = 0;
  while (!window.events.includes('complete')) {
    most = Math.max(most, (window.sound.buffered.at(-1)?.[1] ?? 0) - window.sound.seek);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return most;
}

async function showFullBuffer(scene: Scene): Promise<void> {
  const { page, limits } = scene;
  const full = page.evaluate(aheadWhereFull, undefined, SLOW);
  await addSound(page, '/wide.wav', { buffer: { aheadBytes: wide.length } });
  const tap = await recordGame(page);
  await page.evaluate(() => window.sound.play());
  const held = await full;
  expect(held).toBeLessThan(WIDE_SECONDS - 1);
  await playOn(page, 1);
  expect(await page.evaluate(mostAhead, undefined, SLOW)).toBeLessThan(0.9 * held);
  expect(await page.evaluate(() => [window.sound.state, window.events.includes('error')])).toEqual(['complete', false]);
  const stretches = await heardAtLeast(scene, tap, wide, WIDE_SECONDS * WIDE_RATE - limits.unheardEnd - 1);
  if (!limits.mixesDown) expectWhole(stretches, wide, limits);
}

async function showRefusal(scene: Scene): Promise<void> {
  await playNarrowly(scene);
  await scene.page.evaluate(() => {
    const append = Reflect.get<SourceBuffer, 'appendBuffer'>(SourceBuffer.prototype, 'appendBuffer');
    SourceBuffer.prototype.appendBuffer = function (segment) {
      append.call(this, new Uint8Array(ArrayBuffer.isView(segment) ? segment.byteLength : 8).fill(255));
    };
  });
  await expectOneError(scene, 'playback');
}

async function showMediaKeys(scene: Scene): Promise<void> {
  const { page, limits } = scene;
  await addSound(page, '/long.wav');
  const tap = await recordGame(page);
  await page.evaluate(() => window.sound.play());
  await page.until(isPast, 1, SLOW);
  const press = (verb: 'pause' | 'play'): Promise<void> =>
    page.evaluate(async (method) => {
      const element = window.mediaTap.elements.find(({ src }) => src !== '');
      await element?.[method](); // what the browser does where no page handles the key
    }, verb);
  await press('pause');
  await page.until(() => window.sound.isPaused && window.events.includes('pause'));
  await pause(300);
  await press('play');
  await page.until(() => window.sound.isPlaying && window.events.includes('resume'));
  await playOn(page, 0.5);
  expectContinuous(await heardAtLeast(scene, tap, long, 1.2 * RATE), 0, limits.resume);
  await page.evaluate(() => window.sound.stop());
  await press('play');
  await pause(300);
  const isSilent = await page.evaluate(() => window.mediaTap.elements.every(({ paused }) => paused));
  expect([await page.evaluate(() => window.sound.state), isSilent]).toEqual(['stopped', true]);
}

async function showOtherContext(scene: Scene): Promise<void> {
  const { page, limits } = scene;
  await page.press('a'); // Firefox begins with a context that Phaser takes for locked
  await addSound(page, '/long.wav');
  await page.evaluate(() => window.sound.play());
  await page.until(isPast, 1, SLOW);
  const place = await page.evaluate(setOtherContext);
  const tap = await recordGame(page);
  await page.until(isPast, place + 1, SLOW);
  const playing = await heard(scene, tap, long);
  const from = playing[0]?.wavFrame ?? NaN;
  expectContinuous(playing, from, limits.start);
  expect(Math.abs(from / RATE - place)).toBeLessThan(0.6);

  await page.evaluate(() => window.sound.pause());
  await page.evaluate(setOtherContext);
  await pause(500);
  const paused = await page.evaluate(() => window.sound.seek);
  const lastTap = await recordGame(page);
  await page.evaluate(() => window.sound.resume());
  await page.until(isPast, paused + 0.5, SLOW);
  const resumed = await heardAtLeast(scene, lastTap, long, 0.3 * RATE);
  expectContinuous(resumed, Math.round(paused * RATE), limits.start);
  expect(await told(page, 'error')).toBe(0);
}

async function showHidden(scene: Scene): Promise<void> {
  const { page, limits } = scene;
  await page.evaluate(() => {
    window.game.sound.pauseOnBlur = false;
  });
  const tap = await playNarrowly(scene);
  await page.hide?.();
  await page.until(() => document.visibilityState === 'hidden');
  await playOn(page, HIDDEN_SECONDS);
  expect(await page.evaluate(() => document.visibilityState)).toBe('hidden');
  expectContinuous(await heardAtLeast(scene, tap, long, HIDDEN_SECONDS * RATE), 0, limits.start);
  await expectWaits(scene, 0);
}

/** After an absence: the sound plays on by itself, through what it fetches anew, or ends with one error. */
async function showReturn(scene: Scene): Promise<void> {
  const { page, server, limits } = scene;
  server.mount('/elsewhere.html', ELSEWHERE);
  const tap = await playNarrowly(scene);
  await page.goto(`${server.url}/elsewhere.html`);
  await pause(ABSENT_MS);
  await page.goBack();
  if (!limits.keepsMedia) {
    await expectOneError(scene, 'playback');
    await page.evaluate(() => window.sound.play());
    return void (await page.until(isPast, 1, SLOW));
  }
  await playOn(page, 3);
  // Chromium takes the player of such a page apart, and seeks when it builds it anew.
  expectContinuous(await heardAtLeast(scene, tap, long, 3 * RATE), 0, { repeats: QUANTUM, misses: 0 });
  expect(await told(page, 'error')).toBe(0);
}
