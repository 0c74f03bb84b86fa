/** A database that falls silent: what reads through the cache waits for it no longer than its limit. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Chromium, TestPage } from '../support/chromium.ts';
import { readBlocks, wrongBlocks } from '../support/idb.ts';
import { pseudoRandomBytes } from '../support/served-content.ts';
import {
  CACHE_NAME,
  type CacheWorld,
  closeCacheWorld,
  hashesOf,
  launchIn,
  msOf,
  openCache,
  openCacheWorld,
  openTab,
  type Place,
  readPlaces,
  settleCache,
  wholeOf,
} from './cache-pages.ts';

const FILES = new Map([
  ['/track.wav', pseudoRandomBytes(5_000_000, 1)],
  ['/new.wav', pseudoRandomBytes(12_000_000, 3)], // more than may wait to be written
]);
const [TRACK, NEW] = [...FILES].map(([name, bytes]) => wholeOf(name, bytes)) as [Place, Place];

let world: CacheWorld;
let chromium: Chromium;
let page: TestPage;

beforeEach(async () => {
  world = await openCacheWorld(Object.fromEntries(FILES));
  chromium = await launchIn(world);
  page = await openTab(chromium, world);
});

afterEach(async () => {
  expect(page.errors).toEqual([]);
  await chromium.close();
  await closeCacheWorld(world);
});

const fileOf = (track: string): Uint8Array => FILES.get(new URL(track, world.server.url).pathname) ?? new Uint8Array();

/** Reads a whole file, and holds it to what it is. */
async function readRight(place: Place): Promise<void> {
  expect(await readPlaces(page, [place])).toEqual(hashesOf([place], fileOf));
  await settleCache(page);
}

describe('a transaction that another page never ends', () => {
  /** Resolves once it is begun, and keeps every other one waiting. */
  const hold = (holder: TestPage): Promise<void> =>
    holder.evaluate(
      (name) =>
        new Promise<void>((resolve) => {
          const request = indexedDB.open(name);
          request.addEventListener('success', () => {
            const rows = request.result.transaction('blocks', 'readwrite').objectStore('blocks');
            const askAgain = (): void => {
              rows.count('').addEventListener('success', askAgain);
              resolve();
            };
            askAgain();
          });
        }),
      CACHE_NAME,
    );

  test.each([
    ['a track that is stored is read from the network, after 9 s in all', '/track.wav', TRACK],
    ['a track that is new is read on, after 9 s in all', '/new.wav', NEW],
  ])('%s', async (_, name, track) => {
    await openCache(page);
    await readRight(TRACK);
    await page.page.reload(); // so that nothing is in memory
    await page.until(() => window.harness);
    world.server.clearLog();
    await openCache(page);
    await page.evaluate(() => window.audioCache.entries());
    const holder = await openTab(chromium, world);
    await hold(holder);
    expect(await msOf(() => readRight(track))).toBeLessThan(11_000);
    expect(await msOf(() => readRight(track))).toBeLessThan(2000);
    expect(world.server.askedRanges(name).length).toBeGreaterThan(0);
    expect(page.consoleLines.filter((line) => line.startsWith('warning: '))).toEqual([]);

    await holder.close();
    await openCache(page);
    await readRight(track);
    const blocks = await readBlocks(page);
    expect(wrongBlocks(blocks, fileOf)).toEqual([]);
    expect(blocks.reduce((sum, { byteLength }) => sum + byteLength, 0)).toBeGreaterThanOrEqual(track.length);
  });
});
