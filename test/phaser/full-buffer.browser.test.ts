import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Chromium, launchChromium, type TestPage } from '../support/chromium.ts';
import { addSound, mountHarness, openGame, recordGame } from '../support/game.ts';
import { setContextRate } from '../support/media-tap.ts';
import { type RangeServer, startRangeServer } from '../support/range-server.ts';
import { installRecorder, readRecording } from '../support/recorder.ts';
import { jumpsOf, stretchesOf } from '../support/stretches.ts';
import { makeWav, samplesOf } from '../support/wav.ts';

const RATE = 192_000;
const SECONDS = 6;
const SLOW = { timeoutMs: 40_000 };
/** 4.6 MB a second: Chromium holds less than 3 s of it. */
const wide = makeWav({ seconds: SECONDS, sampleRate: RATE, channels: 8, bitsPerSample: 24, seed: 4 });

let chromium: Chromium;
let server: RangeServer;
let page: TestPage;

beforeAll(async () => {
  server = await startRangeServer({ '/wide.wav': wide });
  mountHarness(server);
  chromium = await launchChromium();
  await installRecorder(chromium);
  await setContextRate(chromium, RATE);
  page = await openGame(chromium, server);
});

afterAll(async () => {
  await chromium.close();
  await server.close();
});

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
  while (window.sound.isPlaying) {
    most = Math.max(most, (window.sound.buffered.at(-1)?.[1] ?? 0) - window.sound.seek);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return most;
}

test('a track that fills the buffer of its element is heard to its last sample, and less of it is kept ahead', async () => {
  const full = page.evaluate(aheadWhereFull, undefined, SLOW);
  await addSound(page, '/wide.wav', { buffer: { aheadBytes: wide.length } });
  const tap = await recordGame(page);
  await page.evaluate(() => window.sound.play());
  const held = await full;
  expect(held).toBeLessThan(SECONDS - 1);
  await page.until(() => window.sound.seek > 1.5, undefined, SLOW);
  expect(await page.evaluate(mostAhead, undefined, SLOW)).toBeLessThan(0.9 * held);
  expect(await page.evaluate(() => [window.sound.state, window.events.includes('error')])).toEqual(['complete', false]);
  const stretches = stretchesOf(await readRecording(page, tap), samplesOf(wide), 'left');
  expect(stretches[0]?.wavFrame).toBe(0);
  expect(jumpsOf(stretches).filter((jump) => jump !== 0)).toEqual([]);
  expect(stretches.reduce((sum, { frames }) => sum + frames, 0)).toBe(SECONDS * RATE);
  expect(page.errors).toEqual([]);
}, 60_000);
