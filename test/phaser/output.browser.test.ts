import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { alignRecording } from '../support/align-recording.ts';
import { type Chromium, launchChromium, type TestPage } from '../support/chromium.ts';
import { addSound, mountHarness, openGame, recordGame, setOtherContext } from '../support/game.ts';
import { installMediaTap, setContextRate, silentRoutesScript } from '../support/media-tap.ts';
import { type RangeServer, startRangeServer } from '../support/range-server.ts';
import { installRecorder, readRecording } from '../support/recorder.ts';
import { makeWav, samplesOf } from '../support/wav.ts';

const RATE = 44_100;
const SLOW = { timeoutMs: 20_000 };
const long = makeWav({ seconds: 30, sampleRate: RATE, seed: 2 });
/** Digital silence for 5 s, then noise. */
const late = makeWav({ seconds: 30, sampleRate: RATE, seed: 2 });
late.fill(0, samplesOf(late).dataStart, samplesOf(late).dataStart + 5 * RATE * 4);

let chromium: Chromium;
let server: RangeServer;
let page: TestPage;

beforeAll(async () => {
  server = await startRangeServer({ '/long.wav': long, '/late.wav': late });
  mountHarness(server);
});

afterAll(() => server.close());

beforeEach(async () => {
  chromium = await launchChromium();
  await installMediaTap(chromium);
  await installRecorder(chromium);
  await setContextRate(chromium, RATE);
});

afterEach(async () => {
  expect(page.errors).toEqual([]);
  await chromium.close();
});

const isPast = (seconds: number): boolean => window.sound.state === 'playing' && window.sound.seek > seconds;

async function openGameOfSilentRoutes(): Promise<void> {
  await chromium.context.addInitScript({ content: silentRoutesScript() });
  page = await openGame(chromium, server);
}

test('a sound plays on through the graph of another AudioContext', async () => {
  page = await openGame(chromium, server);
  await addSound(page, '/long.wav', { volume: 0.5, loop: true, loopStart: 2, loopEnd: 4 });
  await page.evaluate(() => window.sound.play());
  await page.until(isPast, 1);
  const before = await page.evaluate(setOtherContext);
  await new Promise((resolve) => setTimeout(resolve, 100));
  const after = await page.evaluate(() => window.sound.seek);
  expect(Math.abs(after - before)).toBeLessThan(0.3);
  const tap = await recordGame(page);
  await page.until(isPast, 1.8);
  await page.until(() => window.events.filter((name) => name === 'looped').length >= 2, undefined, SLOW);
  const { left, right, sampleRate } = await readRecording(page, tap);
  const doubled = { sampleRate, left: left.map((x) => 2 * x), right: right.map((x) => 2 * x) };
  const alignment = alignRecording(doubled, samplesOf(long), { loop: { start: 2 * RATE, end: 4 * RATE } });
  expect(alignment).toMatchObject({ differences: 0, gaps: [] });
  expect(alignment.soundingFrames).toBeGreaterThan(2 * RATE);
  expect((alignment.firstFrame ?? 0) / RATE - before).toBeLessThan(0.6);
});

test('a sound whose route is silent plays from its element instead, from its first sample on', async () => {
  await openGameOfSilentRoutes();
  await addSound(page, '/long.wav', { volume: 0.5 });
  await page.evaluate(() => {
    window.game.sound.volume = 0.5;
    window.sound.play();
  });
  await page.until(() => window.sound.output === null, undefined, SLOW);
  await page.until(isPast, 0.2);
  expect(await page.evaluate(() => window.sound.seek)).toBeLessThan(2);
  const levels = (): [number, boolean][] =>
    window.mediaTap.elements.filter(({ src }) => src !== '').map(({ volume, muted }) => [volume, muted]);
  expect(await page.evaluate(levels)).toEqual([[0.25, false]]);
  await page.evaluate(() => {
    window.game.sound.volume = 1;
    window.game.sound.mute = true;
  });
  expect(await page.evaluate(levels)).toEqual([[0.5, true]]);
  await addSound(page, '/late.wav');
  expect(await page.evaluate(() => window.sound.output)).toBeNull();
});

test('blur for 3 s and focus move a sound of a silent route by nothing', async () => {
  await openGameOfSilentRoutes();
  await addSound(page, '/long.wav');
  await page.evaluate(() => window.sound.play());
  await page.until(() => window.sound.output === null, undefined, SLOW);
  await page.until(isPast, 0.5);
  const [before, during] = await page.evaluate(async () => {
    const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
    window.game.events.emit('blur');
    const place = window.sound.seek;
    await wait(3000);
    const later = window.sound.seek;
    window.game.events.emit('focus');
    return [place, later];
  });
  expect(Math.abs((during ?? 0) - (before ?? 1))).toBeLessThan(0.05);
  await page.until(isPast, (during ?? 0) + 0.3);
});

test('a track that is silent itself keeps its route', async () => {
  page = await openGame(chromium, server);
  await addSound(page, '/late.wav');
  await page.evaluate(() => window.sound.play());
  await page.until(isPast, 4, SLOW);
  expect(await page.evaluate(() => window.sound.output !== null)).toBe(true);
});
