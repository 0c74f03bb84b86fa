/** The budget, watched from outside while two tabs read more than fits. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Chromium, TestPage } from '../support/chromium.ts';
import { readBlocks, watchCache, wrongBlocks } from '../support/idb.ts';
import { pseudoRandomBytes } from '../support/served-content.ts';
import {
  CACHE_NAME,
  type CacheWorld,
  closeCacheWorld,
  hashesOf,
  launchIn,
  openCache,
  openCacheWorld,
  openTab,
  type Place,
  readPlaces,
  settleCache,
} from './cache-pages.ts';

const MIB = 2 ** 20;
const BLOCK_BYTES = 32 * 2 ** 10;
const MAX_BYTES = 3 * MIB;
const READS = 500; // of each tab
const MOST_READ_BYTES = 200_000;
const FILES = new Map(
  Array.from({ length: 10 }, (_, at) => [`/track-${at}.wav`, pseudoRandomBytes(600_000 + 50_001 * at, at + 1)]),
);

let world: CacheWorld;
let chromium: Chromium;
let pages: TestPage[] = [];

beforeAll(async () => {
  world = await openCacheWorld(Object.fromEntries(FILES));
  chromium = await launchIn(world);
});

afterEach(async () => {
  expect(pages.flatMap((page) => page.errors)).toEqual([]);
  for (const page of pages.splice(0)) await page.close();
});

afterAll(async () => {
  await chromium.close();
  await closeCacheWorld(world);
});

const fileOf = (track: string): Uint8Array => FILES.get(new URL(track, world.server.url).pathname) ?? new Uint8Array();

/** Places all over the tracks; some tracks come more often than others, as in a game. */
function randomPlaces(seed: number): Place[] {
  const [words, paths] = [new Uint32Array(pseudoRandomBytes(READS * 12, seed).buffer), [...FILES.keys()]];
  return Array.from({ length: READS }, (_, at) => {
    const share = (nth: number): number => (words[at * 3 + nth] ?? 0) / 2 ** 32;
    const name = paths[Math.floor(share(0) ** 1.5 * paths.length)] ?? '';
    const start = Math.floor(share(1) * fileOf(name).length);
    return { path: name, start, length: Math.ceil(share(2) * MOST_READ_BYTES) };
  });
}

test('the blocks of all tabs never exceed the budget, through 1,000 reads of two tabs, and every byte is right', async () => {
  pages = [await openTab(chromium, world), await openTab(chromium, world), await openTab(chromium, world)];
  const [watcher, ...tabs] = pages as [TestPage, TestPage, TestPage];
  for (const tab of tabs) await openCache(tab, { maxBytes: MAX_BYTES });
  const looks = await watchCache(watcher, CACHE_NAME, async () => {
    const readings = tabs.map(async (tab, at) => {
      const places = randomPlaces(at + 1);
      expect(await readPlaces(tab, places, BLOCK_BYTES)).toEqual(hashesOf(places, fileOf));
      await settleCache(tab);
    });
    await Promise.all(readings);
  });

  expect(Math.max(...looks.map(({ bytes }) => bytes))).toBeLessThanOrEqual(MAX_BYTES);
  expect(looks.flatMap(({ flaws }) => flaws)).toEqual([]);
  expect(wrongBlocks(await readBlocks(watcher), fileOf)).toEqual([]);
  // Else nothing was put to the test: the store was full, and its tracks went and came.
  expect(Math.max(...looks.map(({ bytes }) => bytes))).toBeGreaterThan(MAX_BYTES - MIB);
  expect(new Set(looks.flatMap(({ tracks }) => tracks)).size).toBe(FILES.size);
}, 120_000);
