/** Several tabs, caches and streams over one database: every byte right, each block once. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Chromium, TestPage } from '../support/chromium.ts';
import { readBlocks, watchCache, wrongBlocks } from '../support/idb.ts';
import { pseudoRandomBytes, digest } from '../support/served-content.ts';
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
  readPlaces,
  settleCache,
  wholeOf,
} from './cache-pages.ts';

const BLOCK_BYTES = 2 ** 18;
const BYTES = pseudoRandomBytes(6_000_000, 1);
const TRACK = wholeOf('/track.wav', BYTES);
const BLOCKS = Math.ceil(BYTES.length / BLOCK_BYTES);
const LONG = pseudoRandomBytes(20_000_000, 2); // more than memory keeps of a track
const SOUND = makeWav({ seconds: 4 });
const RIGHT = hashesOf([TRACK], () => BYTES);

let world: CacheWorld;
let chromium: Chromium;
let tabs: TestPage[];

beforeAll(async () => {
  world = await openCacheWorld({ [TRACK.path]: BYTES, '/long.wav': LONG, '/sound.wav': SOUND });
  chromium = await launchIn(world);
});

beforeEach(async () => {
  tabs = [await openTab(chromium, world), await openTab(chromium, world)];
  await tabs[0]?.evaluate((name) => {
    const request = indexedDB.deleteDatabase(name);
    return new Promise<void>((resolve) => request.addEventListener('success', () => resolve()));
  }, CACHE_NAME);
  world.server.clearLog();
});

afterEach(async () => {
  expect(tabs.flatMap((tab) => tab.errors)).toEqual([]);
  for (const tab of tabs) await tab.close();
});

afterAll(async () => {
  await chromium.close();
  await closeCacheWorld(world);
});

/** All blocks of the track lie there, each once and as a record names it. */
async function checkStore(tab: TestPage): Promise<void> {
  const blocks = await readBlocks(tab);
  expect(blocks.map(({ index }) => index).toSorted((a, b) => a - b)).toEqual([...Array(BLOCKS).keys()]);
  expect(wrongBlocks(blocks, () => BYTES)).toEqual([]);
  const [look] = await watchCache(tab, CACHE_NAME, async () => {});
  expect(look).toMatchObject({ bytes: BYTES.length, flaws: [] });
}

test('two tabs that read one track at once read it right, and store each block once', async () => {
  const [one, two] = tabs as [TestPage, TestPage];
  await Promise.all(tabs.map((tab) => openCache(tab)));
  const reading = tabs.map(async (tab) => {
    for (let times = 0; times < 3; times += 1) expect(await readPlaces(tab, [TRACK])).toEqual(RIGHT);
    await settleCache(tab);
  });
  await Promise.all(reading);
  await checkStore(one);

  await two.evaluate(() => window.audioCache.remove('/track.wav'));
  expect(await readPlaces(one, [TRACK])).toEqual(RIGHT);
  await settleCache(one);
  await checkStore(one);
  expect(await readPlaces(two, [TRACK])).toEqual(RIGHT);
});

test('what one tab removes while another plays it is a miss there, and comes again', async () => {
  const [player, remover] = tabs as [TestPage, TestPage];
  await Promise.all(tabs.map((tab) => openCache(tab)));
  const reading = player.evaluate(
    async () => {
      const { openSeekableStream } = window.harness.library;
      const stream = await openSeekableStream('/long.wav', { cache: window.audioCache });
      const sums: number[] = [];
      for (let times = 0; times < 5; times += 1) {
        await stream.seek(0);
        const bytes = await stream.read();
        sums.push(new Uint32Array(bytes.buffer, 0, bytes.length / 4).reduce((sum, word) => (sum + word) >>> 0, 0));
      }
      stream.close();
      return sums;
    },
    undefined,
    { timeoutMs: 25_000 },
  );
  for (let times = 0; times < 6; times += 1) {
    await sleep(200);
    await remover.evaluate(() => window.audioCache.remove('/long.wav'));
    await remover.evaluate(() => window.audioCache.clear());
  }
  const sum = new Uint32Array(LONG.buffer, 0, LONG.length / 4).reduce((all, word) => (all + word) >>> 0, 0);
  expect(await reading).toEqual(Array<number>(5).fill(sum));
  const [look] = await watchCache(player, CACHE_NAME, async () => {});
  expect(look?.flaws).toEqual([]);
});

test('a download stores what another tab has removed of a track that is open', async () => {
  const [player, remover] = tabs as [TestPage, TestPage];
  await Promise.all(tabs.map((tab) => openCache(tab)));
  await player.evaluate(async () => {
    const { openSeekableStream } = window.harness.library;
    const stream = await openSeekableStream('/track.wav', { cache: window.audioCache });
    await stream.read();
    await window.audioCache.usage();
  });
  await remover.evaluate(() => window.audioCache.remove('/track.wav'));
  await player.evaluate(() => window.audioCache.download('/track.wav'));
  await checkStore(remover);
});

test('caches of one name on one page, and streams of one track in each, share its blocks', async () => {
  const [page] = tabs as [TestPage, TestPage];
  const hashes = await page.evaluate(async () => {
    const { openAudioCache, openSeekableStream } = window.harness.library;
    const hashOf = async (bytes: Uint8Array<ArrayBuffer>): Promise<string> => {
      const hash = new Uint8Array(await crypto.subtle.digest('SHA-1', bytes));
      return `${bytes.length} bytes, ${Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
    };
    const caches = await Promise.all(Array.from({ length: 3 }, () => openAudioCache()));
    const readings = caches.flatMap((cache) =>
      Array.from({ length: 3 }, async (_, nth) => {
        const stream = await openSeekableStream('/track.wav', { cache });
        await stream.seek(nth * 2_000_000);
        const end = await stream.read();
        await stream.seek(0);
        const start = await stream.read(nth * 2_000_000);
        stream.close();
        return hashOf(new Uint8Array(await new Blob([start, end]).arrayBuffer()));
      }),
    );
    const all = await Promise.all(readings);
    await caches[0]?.usage();
    caches[0]?.close(); // which must not end the others
    const late = await openSeekableStream('/track.wav', { cache: caches[1] });
    all.push(await hashOf(await late.read()));
    late.close();
    for (const cache of caches.slice(1)) {
      await cache.usage();
      cache.close();
    }
    return all;
  });
  expect(hashes).toEqual(Array<string>(10).fill(digest(BYTES)));
  await checkStore(page);
});

test('two games on one page, each with two sounds of one track, are all heard, and store each block once', async () => {
  const [page] = tabs as [TestPage, TestPage];
  await page.evaluate(async () => {
    const games: Phaser.Game[] = [];
    // Phaser keeps one table of plugins for all games of a page: each needs a key of its own.
    for (const key of ['One', 'Other']) {
      const plugin = { key, plugin: window.harness.library.StreamingAudioPlugin, mapping: 'streamingAudio' };
      await window.harness.bootGame({ plugins: { global: [plugin] } });
      games.push(window.game);
    }
    const plugins = games.map((game) => game.scene.getScenes()[0]?.streamingAudio);
    const sounds = plugins.flatMap((plugin) => [plugin?.play('/sound.wav'), plugin?.play('/sound.wav')]);
    await Promise.all(sounds.map((sound) => new Promise((resolve) => sound?.once('complete', resolve))));
    for (const plugin of plugins) await plugin?.cache.usage();
    for (const game of games) game.destroy(true);
  });
  const blocks = await readBlocks(page);
  expect(blocks.map(({ index }) => index)).toEqual([...Array(Math.ceil(SOUND.length / BLOCK_BYTES)).keys()]);
  expect(wrongBlocks(blocks, () => SOUND)).toEqual([]);
});
