import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type Chromium, launchChromium, type TestPage } from '../support/chromium.ts';
import { addSound, mountHarness, openGame, recordGame } from '../support/game.ts';
import { setContextRate } from '../support/media-tap.ts';
import { type Policy, type RangeServer, startRangeServer } from '../support/range-server.ts';
import { installRecorder, readRecording } from '../support/recorder.ts';
import { jumpsOf, type Stretch, stretchesOf } from '../support/stretches.ts';
import { makeWav, samplesOf } from '../support/wav.ts';

const RATE = 44_100;
const SLOW = { timeoutMs: 30_000 };
const long = makeWav({ seconds: 60, sampleRate: RATE, seed: 7 });

let chromium: Chromium;
let server: RangeServer;
let page: TestPage;

beforeAll(async () => {
  server = await startRangeServer({ '/long.wav': long });
  mountHarness(server);
});

afterAll(() => server.close());

beforeEach(async () => {
  chromium = await launchChromium();
  await installRecorder(chromium);
  await setContextRate(chromium, RATE);
  page = await openGame(chromium, server);
  server.policy = {};
});

afterEach(async () => {
  server.policy = {};
  expect(page.errors).toEqual([]);
  await chromium.close();
});

const isPast = (seconds: number): boolean => window.sound.state === 'playing' && window.sound.seek > seconds;
const hasState = (state: string): boolean => window.sound.state === state;
const count = (name: string): number => window.events.filter((event) => event === name).length;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function heard(tap: number): Promise<Stretch[]> {
  return stretchesOf(await readRecording(page, tap), samplesOf(long), 'left');
}

/** Plays with little ahead, so that a fault is soon heard. */
async function playNarrowly(): Promise<number> {
  server.policy = { bytesPerSecond: 400_000 };
  await addSound(page, '/long.wav', { buffer: { aheadSeconds: 3 } });
  const tap = await recordGame(page);
  await page.evaluate(() => window.sound.play());
  await page.until(isPast, 1);
  return tap;
}

const FAULTS: Readonly<Record<string, Policy>> = {
  'a server that breaks every connection': { dropHead: true },
  'a server that answers 503': { status: 503 },
  'a server that is silent': { holdHead: true },
};

test.each(Object.entries(FAULTS))(
  'no sample is lost or doubled over ten seconds of %s',
  async (_, fault) => {
    const tap = await playNarrowly();
    server.policy = fault;
    server.hangUp();
    await page.until(hasState, 'waiting', SLOW);
    await pause(10_000);
    expect(await page.evaluate(() => window.sound.state)).toBe('waiting');
    const place = await page.evaluate(() => window.sound.seek);
    server.policy = {};
    server.release();
    await page.until(isPast, place + 1, SLOW);
    const stretches = await heard(tap);
    expect(stretches[0]?.wavFrame).toBe(0);
    expect(jumpsOf(stretches).filter((jump) => jump !== 0)).toEqual([]);
    expect([await page.evaluate(count, 'waiting'), await page.evaluate(count, 'error')]).toEqual([1, 0]);
  },
  90_000,
);
