/** A cached track without a network, and one whose file was replaced meanwhile: never a byte of each. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Chromium, TestPage } from '../support/chromium.ts';
import { readBlocks, watchCache, wrongBlocks } from '../support/idb.ts';
import type { Policy } from '../support/range-server.ts';
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
  wholeOf,
} from './cache-pages.ts';

const SIZE = 4_000_000;
const OLD = pseudoRandomBytes(SIZE, 1);
const NEW = pseudoRandomBytes(SIZE, 2); // as long as the old one: only its validators tell
const TRACK = wholeOf('/track.wav', OLD);
const [OLD_HASH] = hashesOf([TRACK], () => OLD) as [string];
const [NEW_HASH] = hashesOf([TRACK], () => NEW) as [string];
const START: Place = { ...TRACK, length: 2 ** 19 }; // two blocks: of a third that arrives as a stream is closed, nothing is kept

let world: CacheWorld;
let chromium: Chromium;
let page: TestPage;

beforeEach(async () => {
  world = await openCacheWorld({ [TRACK.path]: OLD });
  await start();
});

afterEach(async () => {
  expect(page.errors).toEqual([]);
  await chromium.close();
  await closeCacheWorld(world);
});

/** Starts the browser, or reloads its page, and opens the cache. */
async function start(): Promise<void> {
  chromium = await launchIn(world);
  page = await openTab(chromium, world);
  await openCache(page);
}

async function reload(): Promise<void> {
  await page.page.reload();
  await page.until(() => window.harness);
  await openCache(page);
  world.server.clearLog();
}

/** The methods of what the page asks for from now on; the browser repeats some requests by itself. */
function askedMethods(): string[] {
  const methods: string[] = [];
  page.page.on('request', (request) => methods.push(request.method()));
  return methods;
}

/** Gives the hash of what was read, or the message of the error. */
async function readAll(): Promise<string> {
  const reading = readPlaces(page, [TRACK]);
  const outcome = await reading.then(
    ([hash = '']) => hash,
    (error: Error) => error.message,
  );
  await settleCache(page);
  return outcome;
}

/** Whether the database holds blocks of one version alone; gives how many. */
async function checkOneVersion(): Promise<number> {
  const blocks = await readBlocks(page);
  const wrong = [OLD, NEW].map((bytes) => wrongBlocks(blocks, () => bytes).length);
  expect(wrong).toContain(0);
  const [look] = await watchCache(page, CACHE_NAME, async () => {});
  expect(look?.flaws).toEqual([]);
  return blocks.length;
}

test('a complete track is read without a network, also after a restart of the browser', async () => {
  await page.evaluate(() => window.audioCache.download('/track.wav'));
  await chromium.close();
  await start();
  world.server.clearLog();
  await chromium.context.setOffline(true);
  expect(await readAll()).toBe(OLD_HASH);
  await chromium.context.setOffline(false);
  expect(world.server.log).toEqual([]);
});

test('a complete track is read at once though the server keeps silent, with one request a page load', async () => {
  await page.evaluate(() => window.audioCache.download('/track.wav'));
  await reload();
  world.server.policy = { holdHead: true };
  for (let times = 0; times < 3; times += 1) expect(await readAll()).toBe(OLD_HASH);
  expect(world.server.log).toHaveLength(1);
  world.server.release();
});

test('a complete track whose server is gone is compared in vain with two requests a page load, and no more', async () => {
  await page.evaluate(() => window.audioCache.download('/track.wav'));
  await reload();
  const asked = askedMethods();
  await world.server.close();
  expect(await page.evaluate(() => navigator.onLine)).toBe(true);
  for (let times = 0; times < 3; times += 1) expect(await readAll()).toBe(OLD_HASH);
  await sleep(2000); // which tries with a growing wait would use
  expect(asked).toEqual(['HEAD', 'GET']);
});

test.each<[string, Policy, string[]]>([
  ['one request where HEAD is answered', {}, ['HEAD']],
  ['one more, for a byte, where HEAD is refused', { status: 405 }, ['HEAD', 'GET']],
  ['one more, for a byte, where HEAD gets no answer', { dropHead: true }, ['HEAD', 'GET']],
])('a complete track is compared, once a page load, with %s', async (_, policyOfHead, methods) => {
  await page.evaluate(() => window.audioCache.download('/track.wav'));
  await reload();
  const asked = askedMethods();
  world.server.policy = ({ method }) => (method === 'HEAD' ? policyOfHead : {});
  for (let times = 0; times < 3; times += 1) expect(await readAll()).toBe(OLD_HASH);
  await sleep(500);
  expect(asked).toEqual(methods);
  expect(world.server.askedRanges()).toEqual(methods.slice(1).map(() => 'bytes=0-0'));
});

test('a file replaced between two plays is played anew after a play, however short, in which the server has said so', async () => {
  expect(await readAll()).toBe(OLD_HASH);
  world.server.mount(TRACK.path, NEW, { latencyMs: 500 }); // by which the stream is closed
  await reload();
  expect(await readAll()).toBe(OLD_HASH);
  // A HEAD that tells of another version is followed by a GET that must confirm it.
  for (let times = 0; times < 3; times += 1) {
    await page.until((url) => fetch(url, { method: 'HEAD' }).then(() => true), TRACK.path);
  }
  await checkOneVersion();
  await reload();
  expect(await readAll()).toBe(NEW_HASH);
  expect(await checkOneVersion()).toBe(Math.ceil(SIZE / 2 ** 18));
});

test('a file replaced while it was half cached is not mixed with what was cached', async () => {
  await readPlaces(page, [START]);
  await settleCache(page);
  world.server.mount(TRACK.path, NEW);
  await reload();
  const outcome = await readAll();
  expect(outcome).not.toBe(OLD_HASH);
  if (outcome !== NEW_HASH) expect(outcome).toMatch(/changed|replaced/i);
  await checkOneVersion();
  expect(await readAll()).toBe(NEW_HASH);
  expect(await checkOneVersion()).toBe(Math.ceil(SIZE / 2 ** 18));
});

test('a file replaced while the page was offline is played as it was, and anew after that', async () => {
  expect(await readAll()).toBe(OLD_HASH);
  await reload();
  await chromium.context.setOffline(true);
  world.server.mount(TRACK.path, NEW);
  expect(await readAll()).toBe(OLD_HASH);
  await chromium.context.setOffline(false);
  await reload();
  expect([OLD_HASH, NEW_HASH]).toContain(await readAll());
  await checkOneVersion();
  await reload();
  expect(await readPlaces(page, [START])).toEqual(hashesOf([START], () => NEW));
  await settleCache(page);
  await checkOneVersion();
  expect(await readAll()).toBe(NEW_HASH);
  expect(await checkOneVersion()).toBe(Math.ceil(SIZE / 2 ** 18));
});

test.each([
  ['goes on where the file is the same', OLD],
  ['ends where the file was replaced', NEW],
])('a half cached track is read offline as far as it goes, waits for the network, and then %s', async (_, bytes) => {
  await readPlaces(page, [START]);
  await settleCache(page);
  await reload();
  await chromium.context.setOffline(true);
  expect(await readPlaces(page, [START])).toEqual(hashesOf([START], () => OLD));
  const reading = readAll();
  await sleep(500); // of waiting
  world.server.mount(TRACK.path, bytes);
  await chromium.context.setOffline(false);
  const outcome = await reading;
  if (bytes === OLD) expect(outcome).toBe(OLD_HASH);
  else expect(outcome).toMatch(/changed|replaced/i);
  await checkOneVersion();
  expect(await readAll()).toBe(bytes === OLD ? OLD_HASH : NEW_HASH);
  expect(await checkOneVersion()).toBe(Math.ceil(SIZE / 2 ** 18));
});
