import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { launchChromium, type Chromium } from './chromium.ts';
import { startRangeServer, type RangeServer } from './range-server.ts';
import { makeWav } from './wav.ts';

let chromium: Chromium;
let server: RangeServer;

beforeAll(async () => {
  server = await startRangeServer({
    '/': process.env['TEST_HARNESS'] ?? '',
    '/a.wav': makeWav({ seconds: 2 }),
  });
  server.mount('/blank.html', Buffer.from('<!doctype html><link rel="icon" href="data:,"><title>blank</title>'));
  chromium = await launchChromium({ autoplay: 'locked' });
});

afterAll(async () => {
  await chromium.close();
  await server.close();
});

test('the harness page loads without an error', async () => {
  const page = await chromium.open(`${server.url}/index.html`);
  expect(await page.evaluate(() => typeof window.harness.Phaser.Game)).toBe('function');
  expect(page.errors).toEqual([]);
});

test('an evaluation is no gesture, a key press is one', async () => {
  const page = await chromium.open(`${server.url}/blank.html`);
  expect(await page.evaluate(play)).toBe('NotAllowedError');
  await page.press('ArrowUp');
  expect(await page.evaluate(play)).toBe('plays');
});

test('uncaught errors and unhandled rejections are kept', async () => {
  const page = await chromium.open(`${server.url}/blank.html`);
  await page.evaluate(() => {
    setTimeout(() => {
      throw new Error('uncaught');
    });
    void Promise.reject(new Error('unhandled'));
    console.warn('a line');
  });
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 50)));
  expect(page.errors.map((error) => error.message).toSorted()).toEqual(['uncaught', 'unhandled']);
  expect(page.consoleLines).toEqual(['warning: a line']);
});

test('what never comes is given up in time', async () => {
  const page = await chromium.open(`${server.url}/blank.html`);
  const never = page.evaluate(() => new Promise(() => {}), undefined, { timeoutMs: 200 });
  await expect(never).rejects.toThrow('200 ms');
  await expect(page.until(() => false, undefined, { timeoutMs: 200 })).rejects.toThrow('within 200 ms');
  await expect(page.evaluate(() => Promise.reject(new TypeError('no')))).rejects.toThrow('TypeError: no');
});

function play(): Promise<string> {
  return new Audio('/a.wav').play().then(
    () => 'plays',
    (error: Error) => error.name,
  );
}
