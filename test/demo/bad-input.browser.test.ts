import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type Chromium, launchChromium, type TestPage } from '../support/chromium.ts';
import { mountDemo, openDemo, printedLines } from '../support/demo.ts';
import { installMediaTap } from '../support/media-tap.ts';
import { type Policy, type RangeServer, startRangeServer } from '../support/range-server.ts';
import { makeWav } from '../support/wav.ts';

const wav = makeWav({ seconds: 2 });
const HTML = '<!doctype html><title>Not found</title><p>No such page.</p>';

let chromium: Chromium;
let site: RangeServer;
/** Another origin than the page's. */
let elsewhere: RangeServer;
let page: TestPage;

beforeAll(async () => {
  site = await startRangeServer();
  mountDemo(site);
});

afterAll(() => site.close());

beforeEach(async () => {
  elsewhere = await startRangeServer({
    '/track.wav': wav,
    '/text.wav': Buffer.from('This is no WAV.'),
    '/empty.wav': Buffer.alloc(0),
  });
  chromium = await launchChromium();
  await installMediaTap(chromium);
});

afterEach(async () => {
  expect(page.errors).toEqual([]);
  await chromium.close();
  await elsewhere.close();
});

const ticks = (): number => window.game.loop.frame;
const problem = (): string | null => {
  const shown = document.querySelector<HTMLElement>('#problem');
  return shown && !shown.hidden ? shown.textContent : null;
};
const hasPlayed = (seconds: number): boolean =>
  window.mediaTap.elements.some((element) => element.currentTime > seconds);

test.each<[string, string, Policy, RegExp]>([
  ['a host without CORS', '/track.wav', { cors: 'none' }, /Access-Control-Allow-Origin/],
  ['a 404', '/missing.wav', { cors: 'allow' }, /404/],
  ['a web page instead of audio', '/track.wav', { cors: 'allow', html: HTML }, /web page/],
  ['a file that is no WAV', '/text.wav', { cors: 'allow' }, /WAV/],
  ['an empty file', '/empty.wav', { cors: 'allow' }, /WAV/],
])('%s gives one error line, the game goes on, and a new press tries again', async (_, path, policy, reason) => {
  elsewhere.policy = policy;
  const url = `${elsewhere.url}${path}`;
  page = await openDemo(chromium, site, `?url=${encodeURIComponent(url)}`);

  await page.page.keyboard.down('ArrowUp');
  const message = await page.until(problem);
  expect(message).toMatch(reason);
  const frame = await page.evaluate(ticks);
  await page.until((before) => window.game.loop.frame > before + 20, frame); // Up still held
  await page.page.keyboard.up('ArrowUp');
  const lines = printedLines(page);
  expect(lines.filter((line) => line === 'play')).toHaveLength(1);
  expect(lines.filter((line) => line.includes('Error'))).toEqual([`streamHTTP() - Error Fetching URL [${url}]`]);
  expect(lines.at(-1)).toBe(`streamHTTP() - Error Fetching URL [${url}]`);

  elsewhere.policy = { cors: 'allow' };
  if (path !== '/track.wav') elsewhere.mount(path, wav);
  await page.press('ArrowUp');
  await page.until(hasPlayed, 0.2);
  expect(await page.evaluate(problem)).toBeNull();
});

test('an unreachable host gives one error line, and a press after it has come back plays', async () => {
  const { url } = elsewhere;
  await elsewhere.close();
  page = await openDemo(chromium, site, `?url=${encodeURIComponent(`${url}/track.wav`)}`);
  await page.press('ArrowUp');
  expect(await page.until(problem)).toMatch(/No answer/);
  expect(printedLines(page).filter((line) => line !== 'busy')).toEqual([
    'play',
    `streamHTTP() - Error Fetching URL [${url}/track.wav]`,
  ]);
});

test.each<[string, Policy]>([
  ['with exposed headers', { cors: 'expose' }],
  ['with hidden headers', { cors: 'allow' }],
  ['without Range', { cors: 'allow', ranges: false }],
  ['without Range or length', { cors: 'allow', ranges: false, noLength: true }],
])('a server of another origin %s plays', async (_, policy) => {
  elsewhere.policy = policy;
  page = await openDemo(chromium, site, `?url=${encodeURIComponent(`${elsewhere.url}/track.wav`)}`);
  await page.press('ArrowUp');
  await page.until(hasPlayed, 1.5);
  await page.until(() => document.querySelector('#state')?.textContent === 'over');
  expect(await page.evaluate(problem)).toBeNull();
});

test('a server without Range is heard while most of the file is still to come', async () => {
  elsewhere.mount('/track.wav', makeWav({ seconds: 60 }));
  elsewhere.policy = { cors: 'allow', ranges: false, bytesPerSecond: 400_000 };
  page = await openDemo(chromium, site, `?url=${encodeURIComponent(`${elsewhere.url}/track.wav`)}`);
  await page.press('ArrowUp');
  await page.until(hasPlayed, 0.5, { timeoutMs: 4000 });
  expect(elsewhere.bytesWritten('/track.wav')).toBeLessThan(2e6);
  expect(elsewhere.log.filter(({ method }) => method === 'GET')).toHaveLength(1);
});
