import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { LIMITS } from '../e2e/engine-limits.ts';
import { expectContinuous, framesOf, heard } from '../e2e/hearing.ts';
import { type Chromium, launchChromium, type TestPage } from '../support/chromium.ts';
import { addSound, mountHarness, openGame, recordGame } from '../support/game.ts';
import { setContextRate } from '../support/media-tap.ts';
import { type Policy, type RangeServer, startRangeServer } from '../support/range-server.ts';
import { installRecorder } from '../support/recorder.ts';
import { makeWav } from '../support/wav.ts';

const RATE = 22_050;
const SECONDS = 20;
const BYTES_PER_SECOND = 4 * RATE;
const SLOW: Policy = { bytesPerSecond: 0.6 * BYTES_PER_SECOND };
const FAST: Policy = { bytesPerSecond: 10 * BYTES_PER_SECOND };
const WAIT_FRAMES = RATE / 2; // a busy machine's own silences are shorter
const CASE_TIMEOUT_MS = 90_000;
const wav = makeWav({ seconds: SECONDS, sampleRate: RATE, seed: 7 });

let chromium: Chromium;
let server: RangeServer;
const policies: Record<string, Policy> = {};

beforeAll(async () => {
  server = await startRangeServer({}, ({ path }) => policies[path] ?? {});
  mountHarness(server);
  chromium = await launchChromium();
  await installRecorder(chromium);
  await setContextRate(chromium, RATE);
});

afterAll(async () => {
  await chromium.close();
  await server.close();
});

/** A page with the track as its sound, told to play, and the tap that hears it. */
async function play(path: string, policy: Policy, config: object = {}): Promise<{ page: TestPage; tap: number }> {
  server.mount(path, wav);
  policies[path] = policy;
  const page = await openGame(chromium, server);
  await addSound(page, path, config);
  const tap = await recordGame(page);
  await page.evaluate(() => window.sound.play());
  return { page, tap };
}

/** What the page says of its wait, once it says so. */
async function waitOf(page: TestPage): Promise<{ state: string; seconds: number }> {
  const limit = { timeoutMs: 1000 * SECONDS };
  const seconds = await page.until(() => window.sound.stats?.waitsFor, undefined, limit);
  return { state: await page.evaluate(() => window.sound.state), seconds: Number(seconds) };
}

/** The sound comes to its end: every sample of it is heard, once, with so many waits, and every byte fetched, once. */
async function expectWhole(page: TestPage, tap: number, path: string, waits: number): Promise<void> {
  await page.until(() => window.events.includes('complete'), undefined, { timeoutMs: 4000 * SECONDS });
  const stretches = await heard({ page, server, limits: LIMITS.chromium }, tap, wav);
  expectContinuous(stretches, 0, LIMITS.chromium.resume);
  expect(framesOf(stretches)).toBe(RATE * SECONDS);
  expect(stretches.slice(1).filter(({ silence }) => silence > WAIT_FRAMES)).toHaveLength(waits);
  expect(server.bytesWritten(path)).toBe(wav.length);
  expect(await page.evaluate(() => window.sound.stats?.waitsFor)).toBe(0);
  expect(page.errors).toEqual([]);
}

// Side by side, since they mostly wait.
test.concurrent(
  'on a network slower than the track a sound waits once, says how long, and then plays to its end',
  async () => {
    const { page, tap } = await play('/slow.wav', SLOW);
    const { state, seconds } = await waitOf(page);
    expect(state).toBe('waiting');
    expect(seconds).toBeGreaterThan(10);
    expect(seconds).toBeLessThan(30);
    await expectWhole(page, tap, '/slow.wav', 0);
    const told = await page.evaluate(() => window.events.filter((name) => name === 'waiting' || name === 'playing'));
    expect(told.slice(0, 2)).toEqual(['waiting', 'playing']);
  },
  CASE_TIMEOUT_MS,
);

test.concurrent(
  'where the network becomes slower than the track, a sound plays what it has, waits once, and plays to its end',
  async () => {
    const { page, tap } = await play('/slower.wav', FAST, { buffer: { aheadSeconds: 4 } });
    await page.until(() => window.sound.seek > 1);
    expect(await page.evaluate(() => window.sound.stats?.waitsFor)).toBe(0);
    policies['/slower.wav'] = SLOW;
    const { state, seconds } = await waitOf(page);
    expect(state).toBe('waiting');
    expect(seconds).toBeGreaterThan(1);
    await expectWhole(page, tap, '/slower.wav', 1);
  },
  CASE_TIMEOUT_MS,
);
