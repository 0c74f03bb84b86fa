/** What has arrived and is not stored yet, while the disk is slower than the line. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type Chromium, launchChromium, type TestPage } from '../support/chromium.ts';
import { mountHarness } from '../support/game.ts';
import { pageScript } from '../support/page-script.ts';
import { type RangeServer, startRangeServer } from '../support/range-server.ts';
import { pseudoRandomBytes } from '../support/served-content.ts';
import { CACHE_NAME } from './cache-pages.ts';

const MIB = 2 ** 20;
const LONG = pseudoRandomBytes(100 * MIB, 1);
const SHORTER = pseudoRandomBytes(20 * MIB, 2);
const TIMEOUT_MS = 90_000;

let chromium: Chromium;
let servers: RangeServer[];
let page: TestPage;

beforeAll(async () => {
  chromium = await launchChromium();
});

beforeEach(async () => {
  const mounts = { '/long.wav': LONG, ...Object.fromEntries([0, 1, 2, 3].map((nth) => [`/${nth}.wav`, SHORTER])) };
  servers = await Promise.all(Array.from({ length: 4 }, () => startRangeServer(mounts, { cors: 'expose' })));
  const [site] = servers as [RangeServer];
  mountHarness(site);
  page = await chromium.open(`${site.url}/`);
  await page.until(() => window.harness);
  await page.inject(pageScript('slow-disk.ts'));
});

afterEach(async () => {
  expect(page.errors).toEqual([]);
  await page.close();
  for (const server of servers) await server.close();
});

afterAll(() => chromium.close());

/** Downloads one track and reads three on a disk that takes 1 MiB every 40 ms; gives the bytes that waited at each look. */
function watchWaiting(urls: { downloaded: string; read: string[] }): Promise<number[]> {
  return page.evaluate(
    async ({ name, downloaded, read }) => {
      const { openAudioCache, openSeekableStream } = window.harness.library;
      const cache = await openAudioCache({ name });
      const readAll = async (url: string): Promise<void> => {
        const stream = await openSeekableStream(url, { cache });
        while ((await stream.read(2 ** 20)).length > 0);
        stream.close();
      };
      const looks = await window.slowDisk.watch(name, { holdMs: 40, lookEveryMs: 20 }, async () => {
        await Promise.all([cache.download(downloaded), ...read.map(readAll)]);
        await cache.usage();
      });
      cache.close();
      return looks;
    },
    { name: CACHE_NAME, ...urls },
    { timeoutMs: TIMEOUT_MS },
  );
}

function expectFewWaiting(looks: readonly number[]): void {
  expect(Math.max(...looks)).toBeLessThanOrEqual(8 * MIB);
  expect(Math.max(...looks)).toBeGreaterThan(5 * MIB); // else the disk was not put to the test
  expect(looks.length).toBeGreaterThan(100);
  expect(looks.at(-1)).toBe(0); // what has arrived is stored, to the last byte
}

test('no more than 8 MiB wait for a slow disk, of a download and three streams of one server', async () => {
  const { url = '' } = servers[0] ?? {};
  const read = [1, 2, 3].map((nth) => `${url}/${nth}.wav`);
  expectFewWaiting(await watchWaiting({ downloaded: `${url}/long.wav`, read }));
}, 120_000);

test('no more than 8 MiB wait for a slow disk, though each track has a server of its own', async () => {
  const [downloaded = '', ...read] = servers.map(({ url }, nth) => `${url}/${nth}.wav`);
  expectFewWaiting(await watchWaiting({ downloaded, read }));
}, 120_000);
