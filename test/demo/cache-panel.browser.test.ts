import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { AudioCacheEntry } from '../../plugin/index.ts';
import { type Chromium, launchChromium, type TestPage } from '../support/chromium.ts';
import { mountDemo, openDemo } from '../support/demo.ts';
import { readIndexedDb } from '../support/idb.ts';
import { type RangeServer, startRangeServer } from '../support/range-server.ts';
import { makeWav } from '../support/wav.ts';

const TRACK = '/track.wav';
const wav = makeWav({ seconds: 60 });

let chromium: Chromium;
let server: RangeServer;
let page: TestPage;

beforeAll(async () => {
  server = await startRangeServer({ [TRACK]: wav });
  mountDemo(server);
});

afterAll(() => server.close());

beforeEach(async () => {
  server.policy = {};
  chromium = await launchChromium();
  page = await openDemo(chromium, server, `?url=${TRACK}`);
});

afterEach(async () => {
  expect(page.errors).toEqual([]);
  await chromium.close();
});

/** What the panel shows of its first track; undefined while it lists none. */
const shown = (): { name: string; held: number; size: number; words: string; isKept: boolean } | undefined => {
  const item = document.querySelector('#tracks li');
  const bar = item?.querySelector('progress');
  if (!item || !bar) return undefined;
  const words = (selector: string): string => item.querySelector(selector)?.textContent ?? '';
  const isKept = item.querySelector('.keep')?.ariaPressed === 'true';
  return { name: words('.name'), held: bar.value, size: bar.max, words: words('.share span'), isKept };
};
/** `false`, `mixed` while it downloads, then `true`. */
const pressedIs = (state: string): boolean => document.querySelector('#tracks .keep')?.ariaPressed === state;
/** What the cache itself holds of its first track. */
const entry = async (): Promise<AudioCacheEntry | undefined> => {
  const [scene] = window.game.scene.getScenes();
  return (await scene?.streamingAudio.cache.entries())?.[0];
};

/** Plays the beginning of the track, while no more of it can come than `bytesPerSecond` of each request. */
async function playSlowly(bytesPerSecond: number): Promise<void> {
  server.policy = ({ path }) => (path === TRACK ? { bytesPerSecond } : {});
  await page.press('ArrowUp');
  await page.until(shown);
}

test('lists nothing at first, and then the track that plays, its size, its share, and that of the budget', async () => {
  const { page: tab } = page;
  expect(await tab.locator('#no-tracks').isVisible()).toBe(true);
  expect(await tab.getByLabel('Budget').getAttribute('value')).toBe('0');

  await page.press('ArrowUp');
  await page.until((size) => Number(document.querySelector<HTMLProgressElement>('#used')?.value) > size, 5e6);
  const row = await page.evaluate(shown);
  expect(row).toMatchObject({ name: 'track.wav', size: wav.length, isKept: false });
  expect(row?.words).toBe(`${Math.floor((100 * (row?.held ?? 0)) / wav.length)} % of 10.6 MB`);
  expect(await tab.locator('#no-tracks').isVisible()).toBe(false);
  expect(await tab.textContent('#budget span')).toBe('1 % of 536.9 MB');
});

test('keeps a track for offline, shows how far that is, and lets go of it again', async () => {
  await playSlowly(1e6);
  const { page: tab } = page;
  await tab.getByRole('button', { name: 'Keep offline: track.wav' }).click();
  const bar = tab.getByLabel('Share of track.wav that is cached');
  const seen = new Set<number>();
  for (let held = -1; held < wav.length; held = Number(await bar.getAttribute('value'))) seen.add(held);
  expect(seen.size).toBeGreaterThan(4);
  expect([...seen]).toEqual([...seen].toSorted((a, b) => a - b));
  await page.until(pressedIs, 'true');
  expect(await page.evaluate(shown)).toMatchObject({ held: wav.length, words: '100 % of 10.6 MB', isKept: true });
  expect(await page.evaluate(entry)).toMatchObject({ complete: true, pinned: true });

  await page.click('#tracks .keep');
  await page.until(pressedIs, 'false');
  expect(await page.evaluate(entry)).toMatchObject({ complete: true, pinned: false });
});

test('a second press ends a download, and what has arrived stays', async () => {
  await playSlowly(400_000);
  await page.click('#tracks .keep');
  await page.until(pressedIs, 'mixed');
  await page.click('#tracks .keep');
  await page.until(pressedIs, 'false');
  const held = await page.evaluate(entry);
  expect(held).toMatchObject({ complete: false, pinned: false });
  expect(held?.cachedBytes).toBeGreaterThan(0);
  expect(await page.page.locator('#tracks .problem').isVisible()).toBe(false);
});

test('removes a track, also one that is being downloaded, and leaves nothing of it in IndexedDB', async () => {
  await playSlowly(400_000);
  await page.until(() => window.game.sound.getAllPlaying().length > 0);
  await page.evaluate(() => window.game.sound.removeAll());
  await page.click('#tracks .keep');
  await page.until(pressedIs, 'mixed');
  await page.page.getByRole('button', { name: 'Remove: track.wav' }).click();
  await page.until(() => document.querySelectorAll('#tracks li').length === 0);
  expect(await page.page.locator('#no-tracks').isVisible()).toBe(true);
  expect(await page.page.textContent('#budget span')).toBe('0 % of 536.9 MB');
  expect(await readIndexedDb(page)).toEqual([]);
});

test('a kept track is kept after a reload', async () => {
  await page.press('ArrowUp');
  await page.until(shown);
  await page.click('#tracks .keep');
  await page.until(pressedIs, 'true');
  await page.goto(`${server.url}/?url=${TRACK}`);
  expect(await page.until(shown)).toMatchObject({ held: wav.length, isKept: true });
});

test('tells below the track what ends its download', async () => {
  await playSlowly(400_000);
  server.policy = ({ path }) => (path === TRACK ? { status: 404 } : {});
  await page.click('#tracks .keep');
  const problem = page.page.locator('#tracks').getByRole('alert');
  await problem.waitFor();
  expect(await problem.textContent()).toMatch(/404/);
  await page.until(pressedIs, 'false');
});
