import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Chromium, launchChromium } from '../support/chromium.ts';
import { isBooted, keepTrack, playOffline, type Site, startSite } from './offline.ts';

let profile: string;
let site: Site;
let chromium: Chromium;

beforeEach(async () => {
  profile = mkdtempSync(path.join(tmpdir(), 'profile-'));
  site = await startSite();
  chromium = await launchChromium({ profile });
});

afterEach(async () => {
  await chromium.close();
  await site.server.close();
  rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
});

const isControlled = (): boolean => navigator.serviceWorker.controller !== null;
const saysOffline = (): boolean => document.querySelector<HTMLElement>('#offline')?.hidden === false;

test('a browser started anew opens the page without its server and plays the kept track to its end', async () => {
  await keepTrack(chromium, site);
  await chromium.close();
  await site.server.close();

  chromium = await launchChromium({ profile, autoplay: 'locked' });
  const page = await chromium.open();
  const answeredElsewhere: string[] = [];
  page.page.on('response', (response) => {
    if (!response.fromServiceWorker()) answeredElsewhere.push(response.url());
  });
  await playOffline(page, site);
  expect(answeredElsewhere.filter((url) => url.startsWith('http'))).toEqual([]);
  expect(page.errors).toEqual([]);
}, 60_000);

test('the page says that it is offline once the network is gone, or a press finds no server', async () => {
  const page = await chromium.open(site.page);
  await page.until(isControlled);
  expect(await page.evaluate(saysOffline)).toBe(false);
  await chromium.context.setOffline(true);
  await page.until(saysOffline);
  await chromium.context.setOffline(false);
  await page.until(() => document.querySelector<HTMLElement>('#offline')?.hidden);

  await site.server.close();
  await page.press('ArrowUp');
  await page.until(saysOffline);
  expect(await page.page.textContent('#problem')).toMatch(/No answer/);
});

test('the demo can be installed', async () => {
  const page = await chromium.open(site.page);
  await page.until(isControlled);
  const { errors } = await page.devtools.send('Page.getAppManifest');
  expect(errors).toEqual([]);
  const { installabilityErrors } = await page.devtools.send('Page.getInstallabilityErrors');
  expect(installabilityErrors).toEqual([]);
});

test("the service worker keeps the page's own files, and answers for no track", async () => {
  const page = await chromium.open(site.page);
  await page.until(isControlled);
  const kept = await page.evaluate(async () => {
    const opened = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
    const requests = await Promise.all(opened.map((cache) => cache.keys()));
    return requests.flat().map(({ url }) => new URL(url).pathname);
  });
  expect(kept).toContain('/index.html');
  expect(kept.filter((file) => !/\.(html|css|js|svg|png|webmanifest)$/.test(file))).toEqual([]);

  const workers: string[] = [];
  page.page.on('response', (response) => {
    if (response.fromServiceWorker()) workers.push(new URL(response.url()).pathname);
  });
  await page.goto(site.page);
  await page.until(isBooted);
  await page.press('ArrowUp');
  await page.until(() => document.querySelector('#state')?.textContent === 'over');
  expect(workers).toEqual(expect.arrayContaining(['/']));
  expect(workers).not.toContain('/short.wav');
  expect(site.server.log.find((request) => request.path === '/short.wav')).toMatchObject({
    status: 206,
    method: 'GET',
  });
});
