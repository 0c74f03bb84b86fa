import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type Chromium, launchChromium, type TestPage } from '../support/chromium.ts';
import { mountHarness } from '../support/game.ts';
import { type RangeServer, startRangeServer } from '../support/range-server.ts';
import { makeWav } from '../support/wav.ts';

const track = makeWav({ seconds: 2 });

let chromium: Chromium;
let server: RangeServer;
let page: TestPage;

beforeAll(async () => {
  server = await startRangeServer({ '/track.wav': track });
  mountHarness(server);
});

afterAll(() => server.close());

beforeEach(async () => {
  server.policy = {};
  chromium = await launchChromium();
  page = await chromium.open(`${server.url}/`);
  await page.until(() => window.harness);
  server.clearLog();
});

afterEach(async () => {
  expect(page.errors).toEqual([]);
  await chromium.close();
});

/** Opens the track in the tier, and keeps the names of its events. */
async function open(options: object = {}): Promise<void> {
  await page.evaluate(async (asked) => {
    window.track = new window.harness.library.StreamingHowl('/track.wav', { ...asked, tier: 'blob' });
    window.events = [];
    for (const name of ['waiting', 'playing', 'looped', 'end', 'error'] as const) {
      window.track.on(name, () => window.events.push(name));
    }
    await window.track.ready;
  }, options);
}

const count = (name: string): number => window.events.filter((event) => event === name).length;
const isPast = (seconds: number): boolean => window.track.state === 'playing' && window.track.position > seconds;
const has = (name: string): boolean => window.events.includes(name);

test('the whole track is fetched before its first sound, once, and can be heard everywhere then', async () => {
  server.policy = { bytesPerSecond: 400_000 };
  await open();
  await page.evaluate(() => window.track.play());
  expect(await page.evaluate(() => [window.track.state, window.track.stats.tier, window.track.buffered])).toEqual([
    'waiting',
    'blob',
    [],
  ]);
  await page.until(isPast, 0.1);
  expect(await page.evaluate(() => [window.track.buffered, window.track.stats.bytesReceived])).toEqual([
    [[0, 2]],
    track.length,
  ]);
});

test('what is wished while the track is fetched holds once it is there', async () => {
  server.policy = { bytesPerSecond: 400_000 };
  await open();
  await page.evaluate(() => {
    window.track.play();
    window.track.seek(1);
    window.track.rate = 0.5;
  });
  expect(await page.evaluate(() => window.track.position)).toBe(1);
  await page.until(isPast, 1.05);
  expect(await page.evaluate(() => [window.track.element.playbackRate, window.track.position < 2])).toEqual([
    0.5,
    true,
  ]);
});

test('loops jump from their end to their start, and are told; without the loop the track plays to its end', async () => {
  await open({ loop: true, loopStart: 0.5, loopEnd: 1 });
  await page.evaluate(() => window.track.play());
  await page.until(() => window.events.filter((name) => name === 'looped').length === 3);
  expect(await page.evaluate(() => window.track.position)).toBeLessThan(0.9);
  await page.evaluate(() => (window.track.loop = false));
  await page.until(has, 'end');
  expect([await page.evaluate(count, 'looped'), await page.evaluate(count, 'end')]).toEqual([3, 1]);
  expect(await page.evaluate(() => window.track.state)).toBe('complete');
});

test('a track that loops as a whole begins again and again, and one that does not can be played again', async () => {
  await open({ loop: true });
  await page.evaluate(() => window.track.play());
  await page.until(() => window.events.filter((name) => name === 'looped').length === 2);
  await page.evaluate(() => (window.track.loop = false));
  await page.until(has, 'end');
  await page.evaluate(() => window.track.play());
  await page.until(isPast, 0.2);
  expect(await page.evaluate(() => window.track.position)).toBeLessThan(1);
});

test('a region ends where it is told to', async () => {
  await open();
  await page.evaluate(() => {
    window.track.setRegion({ end: 0.5, loop: false, loopStart: undefined, loopEnd: undefined });
    window.track.play();
  });
  await page.until(has, 'end');
  expect(await page.evaluate(() => window.track.element.currentTime)).toBeLessThan(0.8);
});

test('its object URL is revoked with the sound', async () => {
  await open();
  await page.evaluate(() => window.track.play());
  await page.until(isPast, 0.1);
  const answer = await page.evaluate(async () => {
    const { src } = window.track.element;
    window.track.dispose();
    return fetch(src).then(
      () => 'still there',
      () => 'gone',
    );
  });
  expect(answer).toBe('gone');
});
