import { readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Chromium, launchChromium, type TestPage } from '../support/chromium.ts';
import { mountDemo, trackSize, TRACK_PATH } from '../support/demo.ts';
import { installMediaTap } from '../support/media-tap.ts';
import { type RangeServer, startRangeServer } from '../support/range-server.ts';
import { until } from '../support/until.ts';

const FOLDER = path.join(import.meta.dirname, '../../demo/examples');
const folders = readdirSync(FOLDER, { withFileTypes: true }).filter((entry) => entry.isDirectory());
const names = folders.map(({ name }) => name).toSorted();

let chromium: Chromium;
let server: RangeServer;
let page: TestPage;

beforeAll(async () => {
  server = await startRangeServer();
  mountDemo(server);
});

afterAll(() => server.close());

beforeEach(async () => {
  server.clearLog();
  chromium = await launchChromium({ autoplay: 'locked' });
  await installMediaTap(chromium);
});

afterEach(async () => {
  await chromium.close();
  expect(page.errors).toEqual([]);
  expect(page.consoleLines.filter((line) => line.startsWith('error'))).toEqual([]);
  expect(server.log.filter(({ status }) => status >= 400).map((entry) => entry.path)).toEqual([]);
});

/** How many sounds are being played. */
const playing = (): number =>
  window.mediaTap.elements.filter(({ paused, currentTime }) => !paused && currentTime > 0.2).length;

async function openExample(name: string): Promise<void> {
  page = await chromium.open(`${server.url}/examples/${name}/`);
  await page.until(() => document.querySelector('canvas') !== null);
  await new Promise((resolve) => setTimeout(resolve, 500)); // a game has no sign of its own that it is ready
}

/** A real click on the game, 640 pixels wide and 360 high. */
async function clickGame(x = 320, y = 180): Promise<void> {
  const box = await page.page.locator('canvas').boundingBox();
  if (!box) throw new Error('The game has no place on the page.');
  await page.page.mouse.click(box.x + x, box.y + y);
}

test('the index links every example, and each has its title', async () => {
  page = await chromium.open(`${server.url}/examples/`);
  const links = await page.evaluate(() =>
    [...document.querySelectorAll('dt a')].map((link) => link.getAttribute('href')),
  );
  expect(links.map((link) => String(link).slice(2, -1)).toSorted()).toEqual(names);
  for (const link of links) {
    const title = await page.evaluate(async (href) => {
      const html = await (await fetch(href)).text();
      const parsed = new DOMParser().parseFromString(html, 'text/html');
      const shown = document.querySelector(`a[href="${href}"]`)?.textContent;
      return [parsed.title === shown, parsed.querySelector('link[rel="manifest"]')];
    }, String(link));
    expect(title).toEqual([true, null]);
  }
});

test.each(names)('%s plays once it is clicked', async (name) => {
  await openExample(name);
  expect(await page.evaluate(playing)).toBe(0);
  await clickGame();
  await page.until(playing);
  expect(await page.evaluate(playing)).toBe(1);
});

describe('what an example shows', () => {
  test('the bar of the loading example seeks where it is clicked', async () => {
    await openExample('loading');
    await clickGame();
    await page.until(playing);
    await clickGame(32 + 576 / 2, 112);
    const middle = trackSize() / 2;
    await until(() => server.log.some(({ range }) => Math.abs((range?.start ?? 0) - middle) < 0.05 * trackSize()));
    await page.until(() => window.mediaTap.elements.some(({ paused, currentTime }) => !paused && currentTime > 300));
  });

  test('a signed URL finds on the next visit what was cached under another', async () => {
    await openExample('signed-urls');
    await clickGame();
    await page.until(playing);
    await new Promise((resolve) => setTimeout(resolve, 500)); // blocks are written behind
    await page.close();
    server.clearLog();
    await openExample('signed-urls');
    await clickGame();
    await page.until(playing);
    const gets = server.log.filter((entry) => entry.method === 'GET' && entry.path === TRACK_PATH);
    expect(gets.filter(({ range }) => range?.start === 0 && range.end > 1)).toEqual([]);
  });

  test('the scenes of the cross-fade are both heard, then the second alone', async () => {
    await openExample('cross-fade');
    await clickGame();
    await page.until(playing);
    await clickGame();
    await page.until(() => window.mediaTap.elements.filter(({ paused }) => !paused).length === 2);
    await page.until(() => window.mediaTap.elements.filter(({ paused }) => !paused).length === 1);
  });
});
