/** The budget, watched from outside while two tabs play and read more than fits. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Chromium, TestPage } from '../support/chromium.ts';
import { readBlocks, watchCache, wrongBlocks } from '../support/idb.ts';
import { pseudoRandomBytes } from '../support/served-content.ts';
import { makeWav } from '../support/wav.ts';
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
const FILES = new Map<string, Uint8Array>(
  Array.from({ length: 10 }, (_, at) => [`/track-${at}.wav`, makeWav({ frames: 150_000 + 12_345 * at, seed: at + 1 })]),
);
const PLAYS = 500; // of each tab, seeks included
const SEEKS = 4; // of each sound, at most
const MOST_LISTENED_MS = 100;
const MOST_WAITED_MS = 10_000; // on a busy machine
const LISTEN_TIMEOUT_MS = 100_000; // where alone on the machine it takes 20 s

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

/** Shares of one, so many a turn. */
function randomShares(turns: number, perTurn: number, seed: number): number[][] {
  const words = new Uint32Array(pseudoRandomBytes(turns * perTurn * 4, seed).buffer);
  const shareOf = (word = 0): number => word / 2 ** 32;
  return Array.from({ length: turns }, (_, at) =>
    Array.from({ length: perTurn }, (__, nth) => shareOf(words[at * perTurn + nth])),
  );
}

/** Some tracks come more often than others, as in a game. */
function trackAt(share: number): string {
  return [...FILES.keys()][Math.floor(share ** 1.5 * FILES.size)] ?? '';
}

/** Places all over the tracks. */
function randomPlaces(seed: number): Place[] {
  return randomShares(READS, 3, seed).map(([track = 0, start = 0, length = 0]) => {
    const name = trackAt(track);
    return { path: name, start: Math.floor(start * fileOf(name).length), length: Math.ceil(length * MOST_READ_BYTES) };
  });
}

/** One sound's life. */
interface Listening {
  readonly path: string;
  /** Where it is sent to, as shares of its duration; it is paused now and then. */
  readonly seeks: readonly number[];
  readonly listenMs: number;
}

function randomListenings(seed: number): Listening[] {
  const listenings: Listening[] = [];
  let left = PLAYS;
  for (const [track = 0, time = 0, count = 0, ...seeks] of randomShares(PLAYS, 3 + SEEKS, seed)) {
    if (left === 0) break;
    const taken = seeks.slice(0, Math.min(left - 1, Math.floor(count * (SEEKS + 1))));
    listenings.push({ path: trackAt(track), seeks: taken, listenMs: time * MOST_LISTENED_MS });
    left -= 1 + taken.length;
  }
  return listenings;
}

/** Plays sounds through `window.audioCache`, three at a time; gives how often one was heard after a play or a seek. */
function listen(tab: TestPage, listenings: readonly Listening[]): Promise<number> {
  const work = async (asked: { listenings: readonly Listening[]; mostMs: number }): Promise<number> => {
    const left = [...asked.listenings];
    let heard = 0;
    const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
    const play = async ({ path, seeks, listenMs }: Listening): Promise<void> => {
      const sound = await window.harness.library.openStreamingHowl(path, { cache: window.audioCache });
      const hear = async (): Promise<void> => {
        const startedAt = performance.now();
        while (sound.state !== 'playing' || sound.element.seeking) {
          if (performance.now() > startedAt + asked.mostMs) throw new Error(`${path} is ${sound.state} for too long.`);
          await sleep(5);
        }
        await sleep(listenMs);
        heard += 1;
      };
      sound.play();
      await hear();
      for (const [at, share] of seeks.entries()) {
        if (at % 2 === 1) sound.pause();
        sound.seek(share * (sound.duration - 1));
        sound.play();
        await hear();
      }
      sound.dispose();
    };
    const player = async (): Promise<void> => {
      for (let next = left.pop(); next !== undefined; next = left.pop()) await play(next);
    };
    await Promise.all([player(), player(), player()]);
    return heard;
  };
  return tab.evaluate(work, { listenings, mostMs: MOST_WAITED_MS }, { timeoutMs: LISTEN_TIMEOUT_MS });
}

/** Watches the database, every 100 ms, while `work` goes on in two tabs, and holds what it saw to the budget. */
async function watchBudget(work: (tab: TestPage, seed: number) => Promise<void>): Promise<void> {
  pages = [await openTab(chromium, world), await openTab(chromium, world), await openTab(chromium, world)];
  const [watcher, ...tabs] = pages as [TestPage, TestPage, TestPage];
  for (const tab of tabs) await openCache(tab, { maxBytes: MAX_BYTES });
  const looks = await watchCache(watcher, CACHE_NAME, async () => {
    await Promise.all(tabs.map((tab, at) => work(tab, at + 1).then(() => settleCache(tab))));
  });

  const sizes = looks.map(({ bytes }) => bytes);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(MAX_BYTES);
  expect(looks.flatMap(({ flaws }) => flaws)).toEqual([]);
  expect(wrongBlocks(await readBlocks(watcher), fileOf)).toEqual([]);
  // Else nothing was put to the test: the store was full, and its tracks went and came.
  expect(Math.max(...sizes)).toBeGreaterThan(MAX_BYTES - MIB);
  expect(new Set(looks.flatMap(({ tracks }) => tracks)).size).toBe(FILES.size);
}

test('the blocks of all tabs never exceed the budget, through 1,000 reads of two tabs, and every byte is right', async () => {
  await watchBudget(async (tab, seed) => {
    const places = randomPlaces(seed);
    expect(await readPlaces(tab, places, BLOCK_BYTES)).toEqual(hashesOf(places, fileOf));
  });
}, 120_000);

test('nor do they through 1,000 plays and seeks of sounds in two tabs, each of which is heard', async () => {
  await watchBudget(async (tab, seed) => {
    expect(await listen(tab, randomListenings(seed))).toBe(PLAYS);
  });
}, 180_000);
