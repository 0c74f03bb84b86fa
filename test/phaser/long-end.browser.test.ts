import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type Chromium, launchChromium, type TestPage } from '../support/chromium.ts';
import { addSound, mountHarness, openGame } from '../support/game.ts';
import { type RangeServer, startRangeServer } from '../support/range-server.ts';
import { makeWav } from '../support/wav.ts';

const SLOW = { timeoutMs: 25_000 };
const TEST_TIMEOUT_MS = 60_000;

let chromium: Chromium;
let server: RangeServer;
let page: TestPage;

beforeAll(async () => {
  server = await startRangeServer({ '/minute.wav': makeWav({ seconds: 60 }), '/short.wav': makeWav({ seconds: 3 }) });
  mountHarness(server);
});

afterAll(() => server.close());

beforeEach(async () => {
  chromium = await launchChromium();
  page = await openGame(chromium, server);
});

afterEach(async () => {
  expect(page.errors).toEqual([]);
  await chromium.close();
});

const has = (name: string): boolean => window.events.includes(name);

test(
  'a track completes though what is behind the playhead was cut after its last sample was appended',
  async () => {
    await addSound(page, '/minute.wav');
    await page.evaluate(() => void window.sound.setRate(4).play());
    await page.until(has, 'complete', SLOW);
    expect(await page.evaluate(() => window.sound.state)).toBe('complete');
  },
  TEST_TIMEOUT_MS,
);

test(
  'a loop that was taken away completes though its older laps were cut since',
  async () => {
    await addSound(page, '/short.wav', { loop: true });
    await page.evaluate(() => void window.sound.setRate(4).play());
    await page.until(() => window.events.filter((name) => name === 'looped').length > 12, undefined, SLOW);
    await page.evaluate(() => void window.sound.setLoop(false));
    await page.until(has, 'complete', SLOW);
  },
  TEST_TIMEOUT_MS,
);
