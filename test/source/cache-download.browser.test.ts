/** A track kept for offline: what a download says is stored is stored, whatever became of what was stored before. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Chromium, TestPage } from '../support/chromium.ts';
import { readBlocks, wrongBlocks } from '../support/idb.ts';
import { pseudoRandomBytes } from '../support/served-content.ts';
import {
  CACHE_NAME,
  type CacheWorld,
  closeCacheWorld,
  damageBlock,
  launchIn,
  openCache,
  openCacheWorld,
  openTab,
} from './cache-pages.ts';

const PATH = '/track.wav';
const BYTES = pseudoRandomBytes(5_000_000, 1);
const BLOCK_BYTES = 2 ** 18;
const BLOCKS = Math.ceil(BYTES.length / BLOCK_BYTES);

let world: CacheWorld;
let chromium: Chromium;
let page: TestPage;

beforeEach(async () => {
  world = await openCacheWorld({ [PATH]: BYTES });
  chromium = await launchIn(world);
  page = await openTab(chromium, world);
  await openCache(page);
});

afterEach(async () => {
  expect(page.errors).toEqual([]);
  await chromium.close();
  await closeCacheWorld(world);
});

const download = (): Promise<void> => page.evaluate(() => window.audioCache.download('/track.wav'));
const entry = () => page.evaluate(async () => (await window.audioCache.entries())[0]);

/** Every block lies in the database, as the file has it. */
async function checkAllStored(): Promise<void> {
  const blocks = await readBlocks(page);
  expect(blocks).toHaveLength(BLOCKS);
  expect(wrongBlocks(blocks, () => BYTES)).toEqual([]);
}

test('tells of no byte that is not in the database yet, and at its end of all', async () => {
  const told = await page.evaluate(async (name) => {
    const done = (target: EventTarget, event = 'success'): Promise<unknown> =>
      new Promise((resolve) => target.addEventListener(event, resolve));
    const opening = indexedDB.open(name);
    await done(opening);
    /** What lies there as of now: a transaction sees all that was completed before it began. */
    const count = async (): Promise<number> => {
      const rows = opening.result.transaction('blocks').objectStore('blocks').getAll(IDBKeyRange.lowerBound([]));
      await done(rows);
      return (rows.result as ArrayBuffer[]).reduce((sum, { byteLength }) => sum + byteLength, 0);
    };
    const looks: Promise<{ loaded: number; stored: number }>[] = [];
    const onProgress = ({ loadedBytes: loaded }: { loadedBytes: number }): void => {
      looks.push(count().then((stored) => ({ loaded, stored })));
    };
    await window.audioCache.download('/track.wav', { onProgress });
    const all = await Promise.all(looks);
    opening.result.close();
    return all;
  }, CACHE_NAME);
  expect(told.length).toBeGreaterThan(3);
  for (const { loaded, stored } of told) expect(loaded).toBeLessThanOrEqual(stored);
  expect(told.at(-1)).toEqual({ loaded: BYTES.length, stored: BYTES.length });
  await checkAllStored();
});

test('whose page is closed leaves the track pinned and incomplete, and the next one asks for the rest alone', async () => {
  world.server.mount(PATH, BYTES, { bytesPerSecond: 4e6 });
  await page.evaluate(
    (bytes) =>
      new Promise<void>((resolve) => {
        const onProgress = ({ loadedBytes }: { loadedBytes: number }): void => {
          if (loadedBytes >= bytes) resolve();
        };
        void window.audioCache.download('/track.wav', { onProgress });
      }),
    2 ** 20,
  );
  await page.close();

  page = await openTab(chromium, world);
  await openCache(page);
  const left = await entry();
  expect(left).toMatchObject({ complete: false, pinned: true });
  expect(left?.cachedBytes).toBeGreaterThanOrEqual(2 ** 20);
  world.server.mount(PATH, BYTES);
  world.server.clearLog();
  await download();
  expect(world.server.bytesWritten(PATH)).toBe(BYTES.length - (left?.cachedBytes ?? 0));
  expect(await entry()).toMatchObject({ complete: true, pinned: true });
  await checkAllStored();
});

describe.each(['garbled', 'short', 'gone'] as const)('a block that is %s', (kind) => {
  test.each([0, 13])(
    'number %i of a whole track, is fetched again, alone, before a download is done',
    async (index) => {
      await download();
      await damageBlock(page, index, kind);
      await page.page.reload();
      await page.until(() => window.harness);
      await openCache(page);
      world.server.clearLog();
      await download();
      await checkAllStored();
      expect(world.server.askedRanges(PATH)).toHaveLength(1);
    },
  );
});
