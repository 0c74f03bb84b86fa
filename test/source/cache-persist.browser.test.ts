/** `persist`: whether the browser is asked for storage that lasts, and that nothing hangs on its answer. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Chromium, launchChromium, type TestPage } from '../support/chromium.ts';
import { pseudoRandomBytes } from '../support/served-content.ts';
import { type CacheWorld, closeCacheWorld, openCache, openCacheWorld, openTab } from './cache-pages.ts';

declare global {
  interface Window {
    /** What each call of `navigator.storage.persist` came to. */
    persisted: Promise<boolean>[];
  }
}

const BYTES = pseudoRandomBytes(600_000, 1);
const INSECURE_HOST = 'insecure.test';

let world: CacheWorld;
let chromium: Chromium;
let page: TestPage;

beforeEach(async () => {
  world = await openCacheWorld({ '/track.wav': BYTES });
  chromium = await launchChromium({
    profile: world.profile,
    flags: [`--host-resolver-rules=MAP ${INSECURE_HOST} 127.0.0.1`],
  });
  page = await openTab(chromium, world);
});

afterEach(async () => {
  expect(page.errors).toEqual([]);
  await chromium.close();
  await closeCacheWorld(world);
});

/** Counts the calls that reach the browser. */
const countCalls = (): Promise<void> =>
  page.evaluate(() => {
    const { storage } = navigator;
    const persist = storage.persist.bind(storage);
    window.persisted = [];
    storage.persist = () => {
      const answer = persist();
      window.persisted.push(answer);
      return answer;
    };
  });

const answers = (): Promise<boolean[]> => page.evaluate(() => Promise.all(window.persisted));

/** Reads the track through `window.audioCache`; gives how many of its bytes are stored then. */
async function storedBytes(): Promise<number> {
  await page.evaluate(async () => {
    const stream = await window.harness.library.openSeekableStream('/track.wav', { cache: window.audioCache });
    await stream.read();
    stream.close();
    await window.audioCache.entries();
  });
  return page.evaluate(async () => (await window.audioCache.usage()).bytes);
}

test('asks once where it is wished, and goes on where the browser refuses', async () => {
  await countCalls();
  await openCache(page, { persist: true });
  expect(await storedBytes()).toBe(BYTES.length);
  expect(await answers()).toEqual([false]);
});

test('is granted where the site has the right to it', async () => {
  const asked = { origin: world.server.url, permissions: ['durableStorage' as const] };
  await page.devtools.send('Browser.grantPermissions', asked);
  await countCalls();
  await openCache(page, { persist: true });
  expect(await storedBytes()).toBe(BYTES.length);
  expect(await answers()).toEqual([true]);
  expect(await page.evaluate(() => navigator.storage.persisted())).toBe(true);
});

test.each([{}, { persist: false }])('asks for nothing with %j', async (options) => {
  await countCalls();
  await openCache(page, options);
  expect(await storedBytes()).toBe(BYTES.length);
  expect(await answers()).toEqual([]);
});

test('does not wait for a user who is asked in turn', async () => {
  await page.evaluate(() => {
    navigator.storage.persist = () => new Promise(() => {});
  });
  await openCache(page, { persist: true });
  expect(await storedBytes()).toBe(BYTES.length);
});

test('does no harm where an insecure page has no such storage', async () => {
  const url = new URL(world.server.url);
  url.hostname = INSECURE_HOST;
  await page.goto(url.href);
  await page.until(() => window.harness);
  expect(await page.evaluate(() => 'storage' in navigator)).toBe(false);
  await openCache(page, { persist: true });
  expect(await storedBytes()).toBe(BYTES.length);
  expect(await page.evaluate(async () => (await window.audioCache.usage()).quotaBytes)).toBeUndefined();
  expect((await page.evaluate(() => indexedDB.databases())).length).toBe(1);
});
