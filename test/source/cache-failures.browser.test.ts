/** The disk fails under a cache: reading goes on from network and memory. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Chromium, TestPage } from '../support/chromium.ts';
import { readBlocks, watchCache, wrongBlocks } from '../support/idb.ts';
import { pseudoRandomBytes } from '../support/served-content.ts';
import {
  CACHE_NAME,
  type CacheWorld,
  closeCacheWorld,
  damageBlock,
  hashesOf,
  launchIn,
  msOf,
  openCache,
  openCacheWorld,
  openTab,
  readPlaces,
  settleCache,
  wholeOf,
} from './cache-pages.ts';

const BLOCK_BYTES = 2 ** 18;
const FILES = new Map([
  ['/track.wav', pseudoRandomBytes(5_000_000, 1)],
  ['/other.wav', pseudoRandomBytes(3_000_000, 2)],
]);
const TRACK = wholeOf('/track.wav', FILES.get('/track.wav') ?? new Uint8Array());
const OTHER = wholeOf('/other.wav', FILES.get('/other.wav') ?? new Uint8Array());

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
const warnings = (): string[] => page.consoleLines.filter((line) => line.startsWith('warning: '));

/** Reads whole files one after the other, and holds them to what they are. */
async function readRight(...places: readonly (typeof TRACK)[]): Promise<void> {
  expect(await readPlaces(page, places)).toEqual(hashesOf(places, fileOf));
  await settleCache(page);
}

/** What is stored is right and whole; gives its bytes. */
async function storedBytes(): Promise<number> {
  const blocks = await readBlocks(page);
  expect(wrongBlocks(blocks, fileOf)).toEqual([]);
  return blocks.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/** Reloads the page, so that nothing is in memory. */
async function reload(): Promise<void> {
  await page.page.reload();
  await page.until(() => window.harness);
  world.server.clearLog();
}

describe('a quota below the budget', () => {
  const setQuota = (quotaSize?: number): Promise<unknown> =>
    page.devtools.send('Storage.overrideQuotaForOrigin', {
      origin: world.server.url,
      ...(quotaSize === undefined ? {} : { quotaSize }),
    });

  test('stores what fits, reads the rest from the network, and says so once', async () => {
    await setQuota(3_500_000);
    await openCache(page);
    await readRight(TRACK, OTHER, TRACK);
    const bytes = await storedBytes();
    expect(bytes).toBeGreaterThan((10 * BLOCK_BYTES) / 2);
    expect(bytes).toBeLessThanOrEqual(3_500_000);
    expect(warnings()).toHaveLength(1);

    await setQuota();
    await readRight(OTHER, TRACK);
    expect(await storedBytes()).toBe(TRACK.length + OTHER.length);
  });

  test('gives a new track the room of the one used longest ago', async () => {
    await setQuota(4_500_000);
    await openCache(page);
    await readRight(OTHER);
    await readRight(TRACK);
    const blocks = await readBlocks(page);
    const held = (name: string): number => blocks.filter(({ track }) => track.endsWith(name)).length;
    expect(held('/track.wav')).toBeGreaterThan(held('/other.wav'));
    expect(await storedBytes()).toBeLessThanOrEqual(4_500_000);
  });
});

describe('a damaged block', () => {
  for (const kind of ['garbled', 'short', 'gone'] as const) {
    test.each([0, 1, 7, 19])(`that is ${kind}, number %i, is fetched again, alone, and mended`, async (index) => {
      await openCache(page);
      await readRight(TRACK);
      await damageBlock(page, index, kind);
      await reload();
      await openCache(page);
      await readRight(TRACK);
      expect(world.server.askedRanges('/track.wav').length).toBe(1);
      expect(await storedBytes()).toBe(TRACK.length);

      await reload();
      await openCache(page);
      await readRight(TRACK);
      const asked = world.server.log.filter(({ path }) => path === '/track.wav');
      expect(asked.filter(({ bytesWritten }) => bytesWritten >= BLOCK_BYTES)).toEqual([]);
    });
  }
});

describe('a database', () => {
  test('deleted under a track that is read costs requests alone, and is filled again', async () => {
    await openCache(page);
    await readRight(TRACK);
    const reading = readRight(TRACK, OTHER, TRACK, OTHER, TRACK);
    const deleted = page.evaluate(async (name) => {
      for (let times = 0; times < 5; times += 1) {
        const request = indexedDB.deleteDatabase(name);
        await new Promise((resolve, reject) => {
          request.addEventListener('success', resolve);
          request.addEventListener('error', reject);
        });
        await new Promise((resolve) => setTimeout(resolve, 60));
      }
    }, CACHE_NAME);
    await Promise.all([reading, deleted]);
    await readRight(TRACK, OTHER);
    expect(await storedBytes()).toBe(TRACK.length + OTHER.length);
    const [look] = await watchCache(page, CACHE_NAME, async () => {});
    expect(look?.flaws).toEqual([]);
  });

  test('that the browser takes away under a track that is read costs requests alone, and is filled again', async () => {
    await openCache(page);
    await readRight(TRACK);
    const reading = readRight(TRACK, OTHER, TRACK, OTHER, TRACK);
    const asked = { origin: world.server.url, storageTypes: 'indexeddb' };
    for (let times = 0; times < 5; times += 1) {
      await page.devtools.send('Storage.clearDataForOrigin', asked);
      await sleep(200); // three losses in a row, with nothing done in between, would end its use
    }
    await reading;
    await readRight(TRACK, OTHER);
    expect(await storedBytes()).toBe(TRACK.length + OTHER.length);
  });

  test('that the browser does not have at all costs requests alone, and little memory', async () => {
    await page.page.addInitScript('delete globalThis.indexedDB; delete Window.prototype.indexedDB;');
    await reload();
    expect(await page.evaluate(() => typeof indexedDB)).toBe('undefined');
    await openCache(page, { maxBytes: 512 * 2 ** 20 });
    expect(await readPlaces(page, [TRACK, OTHER, TRACK])).toEqual(hashesOf([TRACK, OTHER, TRACK], fileOf));
    const { maxBytes, bytes } = await page.evaluate(() => window.audioCache.usage());
    expect([maxBytes, bytes]).toEqual([64 * 2 ** 20, TRACK.length + OTHER.length]);
    expect(warnings()).toEqual([]);
  });

  test('that the browser refuses costs requests alone', async () => {
    // A page of no origin: the browser lends it no storage.
    const headers = { 'content-security-policy': 'sandbox allow-scripts' };
    world.server.policy = ({ path }) => ({ cors: 'expose', ...(path === '/' ? { headers } : {}) });
    await reload();
    const refusal = await page.evaluate(() => {
      try {
        indexedDB.open('any');
      } catch (error) {
        return (error as Error).name;
      }
      return 'none';
    });
    expect(refusal).toBe('SecurityError');
    await openCache(page);
    const sizes = await page.evaluate(async () => {
      const { openSeekableStream } = window.harness.library;
      const read = async (): Promise<number> => {
        const stream = await openSeekableStream('/track.wav', { cache: window.audioCache });
        const { length } = await stream.read();
        stream.close();
        return length;
      };
      return [await read(), await read(), (await window.audioCache.usage()).bytes];
    });
    expect(sizes).toEqual([TRACK.length, TRACK.length, TRACK.length]);
    expect(world.server.bytesWritten('/track.wav')).toBe(TRACK.length);
  });

  /** Makes the database as it is after a kill in the middle of its making, or by somebody else. */
  const makeWithoutStore = (maker: TestPage, isHeld: boolean): Promise<void> =>
    maker.evaluate(
      async (asked) => {
        const request = indexedDB.open(asked.name);
        await new Promise((resolve) => request.addEventListener('success', resolve));
        if (!asked.isHeld) request.result.close();
      },
      { name: CACHE_NAME, isHeld },
    );

  test('whose object store is missing is given one', async () => {
    await makeWithoutStore(page, false);
    const tabs = [page, await openTab(chromium, world), await openTab(chromium, world)];
    await Promise.all(tabs.map((tab) => openCache(tab)));
    await readRight(TRACK);
    expect(await storedBytes()).toBe(TRACK.length);
    for (const tab of tabs) {
      expect(await tab.evaluate(async () => (await window.audioCache.entries()).length)).toBe(1);
    }
  });

  test('whose object store is missing while a page holds it as it is, is waited for no longer than the limit', async () => {
    const holder = await openTab(chromium, world);
    await makeWithoutStore(holder, true);
    expect(await msOf(() => openCache(page))).toBeLessThan(7000);
    await readRight(TRACK);
    await holder.close();
    await openCache(page);
    await readRight(TRACK);
    expect(await storedBytes()).toBe(TRACK.length);
  });

  test('that another page holds in an upgrade is waited for no longer than the time limit', async () => {
    const holder = await openTab(chromium, world);
    await holder.evaluate(
      (name) =>
        new Promise<void>((resolve) => {
          const request = indexedDB.open(name, 2);
          request.addEventListener('upgradeneeded', () => {
            const rows = request.result.createObjectStore('other');
            const askAgain = (): void => rows.count().addEventListener('success', askAgain);
            askAgain();
            resolve();
          });
        }),
      CACHE_NAME,
    );
    expect(await msOf(() => openCache(page))).toBeLessThan(7000);
    await readRight(TRACK);
    await holder.close();
  });

  test('that other pages upgrade under a track that is read is let go of at once', async () => {
    await openCache(page);
    await readRight(OTHER);
    const upgrader = await openTab(chromium, world);
    const reading = readRight(TRACK, OTHER, TRACK, OTHER);
    for (const version of [2, 3, 4]) {
      const upgrade = (): Promise<void> =>
        upgrader.evaluate(
          (asked) =>
            new Promise<void>((resolve) => {
              const request = indexedDB.open(asked.name, asked.version);
              request.addEventListener('success', () => {
                request.result.close();
                resolve();
              });
            }),
          { name: CACHE_NAME, version },
        );
      expect(await msOf(upgrade)).toBeLessThan(2000);
    }
    await reading;
    await readRight(TRACK, OTHER);
    expect(await storedBytes()).toBe(TRACK.length + OTHER.length);
  });
});
