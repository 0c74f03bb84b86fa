import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Chromium, launchChromium, type TestPage } from '../support/chromium.ts';
import { mountHarness } from '../support/game.ts';
import { type RangeServer, startRangeServer } from '../support/range-server.ts';
import { makeWav } from '../support/wav.ts';

const SLOW = { timeoutMs: 20_000 };
const LONG_SECONDS = 300;

let chromium: Chromium;
let server: RangeServer;
let page: TestPage;

beforeAll(async () => {
  server = await startRangeServer({
    '/track.wav': makeWav({ seconds: 20 }),
    '/long.wav': makeWav({ seconds: LONG_SECONDS, channels: 2 }),
  });
  mountHarness(server);
  chromium = await launchChromium();
});

afterAll(async () => {
  await chromium.close();
  await server.close();
});

beforeEach(async () => {
  server.policy = {};
  page = await chromium.open(`${server.url}/`);
  await page.until(() => window.harness);
});

afterEach(async () => {
  expect(page.errors).toEqual([]);
  await page.close();
});

async function openTrack(url: string): Promise<void> {
  await page.evaluate(async (asked) => {
    window.seen = [];
    window.track = new window.harness.library.StreamingHowl(asked);
    for (const name of ['playing', 'waiting', 'end', 'error', 'paused', 'resumed'] as const) {
      window.track.on(name, () => window.seen.push(name));
    }
    await window.track.ready;
  }, url);
}

declare global {
  interface Window {
    seen: string[];
    track: InstanceType<Window['harness']['library']['StreamingHowl']>;
  }
}

const isPast = (seconds: number): boolean => window.track.state === 'playing' && window.track.position > seconds;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test('60 seeks in 2 s to places nobody has read cost 6 requests at most, and the last one is played', async () => {
  server.policy = { latencyMs: 100 };
  await openTrack('/long.wav?seeks');
  await page.evaluate(() => window.track.play());
  await page.until(isPast, 0.3, SLOW);
  const before = server.log.length;
  const target = await page.evaluate(async (seconds) => {
    let place = 0;
    const begin = performance.now();
    for (let i = 0; i < 60; i++) {
      place = 20 + ((i * 7919) % (seconds - 40));
      window.track.seek(place);
      const isTarget = window.track.position === place;
      if (!isTarget) throw new Error(`At ${window.track.position} instead of ${place}.`);
      await new Promise((resolve) => setTimeout(resolve, begin + ((i + 1) * 2000) / 60 - performance.now()));
    }
    return place;
  }, LONG_SECONDS);
  await page.until(isPast, target + 0.3, SLOW);
  expect(await page.evaluate(() => window.track.position)).toBeLessThan(target + 3);
  const asked = server.log.slice(before).map(({ range }) => range?.start);
  expect(asked.length).toBeLessThanOrEqual(6);
  expect(await page.evaluate(() => window.seen.includes('error'))).toBe(false);
});

describe('a seek', () => {
  test.each([
    ['forward to what is buffered', 3, true],
    ['back', 0.25, true],
    ['forward to what nobody has read', 200, true],
    ['while paused', 100, false],
  ])('%s is the place at once, and is played from there', async (_, target, plays) => {
    await openTrack('/long.wav');
    await page.evaluate(() => window.track.play());
    await page.until(isPast, 0.5, SLOW);
    const reported = await page.evaluate(
      ({ seconds, goesOn }) => {
        if (!goesOn) window.track.pause();
        window.track.seek(seconds);
        return window.track.position;
      },
      { seconds: target, goesOn: plays },
    );
    expect(reported).toBe(target);
    await page.evaluate(() => window.track.play());
    await page.until(isPast, target + 0.3, SLOW);
    expect(await page.evaluate(() => window.track.position)).toBeLessThan(target + 3);
  });

  test.each([
    ['to exactly the end', 20],
    ['past the end', 1000],
  ])('%s plays the last frame, and ends the sound once', async (_, target) => {
    await openTrack('/track.wav');
    await page.evaluate((seconds) => {
      window.track.play();
      window.track.seek(seconds);
    }, target);
    await page.until(() => window.track.state === 'complete', undefined, SLOW);
    await pause(300);
    expect(await page.evaluate(() => window.seen.filter((name) => name === 'end'))).toHaveLength(1);
    expect(await page.evaluate(() => window.track.position)).toBe(0);
  });

  test('while it waits for data goes to the new place, and not to the old one', async () => {
    await openTrack('/long.wav?waiting');
    await page.evaluate(() => window.track.play());
    await page.until(isPast, 0.3, SLOW);
    server.policy = ({ range }) => ((range?.start ?? 0) > 40_000_000 ? { latencyMs: 60_000 } : {});
    await page.evaluate(() => window.track.seek(280));
    await page.until(() => window.track.state === 'waiting');
    await page.evaluate(() => window.track.seek(100));
    await page.until(isPast, 100.3, SLOW);
    expect(await page.evaluate(() => window.track.position)).toBeLessThan(103);
  });

  test('asks for what it needs while the former place is still to be cleared away', async () => {
    await page.evaluate(() => {
      const fetch = window.fetch.bind(window);
      window.fetch = (...request) => {
        const { length } = window.track.element.buffered;
        window.seen.push(length > 0 ? 'asked before' : 'asked after');
        return fetch(...request);
      };
    });
    await openTrack('/long.wav?clearing');
    await page.evaluate(() => window.track.play());
    await page.until(isPast, 0.3, SLOW);
    await page.evaluate(() => {
      window.seen = [];
      window.track.seek(200);
    });
    await page.until(isPast, 200.3, SLOW);
    expect(await page.evaluate(() => window.seen.find((what) => what.startsWith('asked')))).toBe('asked before');
  });

  test('that is under way is given up by stop', async () => {
    await openTrack('/long.wav?stop');
    await page.evaluate(() => window.track.play());
    await page.until(isPast, 0.3, SLOW);
    server.policy = { latencyMs: 300 };
    const after = await page.evaluate(async () => {
      window.track.seek(150);
      window.track.stop();
      await new Promise((resolve) => setTimeout(resolve, 1000));
      return [window.track.state, window.track.position, window.track.element.paused];
    });
    expect(after).toEqual(['stopped', 0, true]);
    server.policy = {};
    await page.evaluate(() => window.track.play());
    await page.until(isPast, 0.3, SLOW);
    expect(await page.evaluate(() => window.track.position)).toBeLessThan(5);
  });
});

test('play twice at once is play once', async () => {
  await openTrack('/track.wav');
  await page.evaluate(() => {
    window.track.play();
    window.track.play();
  });
  await page.until(isPast, 0.3, SLOW);
  await page.evaluate(() => window.track.play());
  await page.until(isPast, 0.6, SLOW);
  expect(await page.evaluate(() => window.seen)).toEqual(['playing']);
});

test.each(['opening', 'ready', 'playing', 'waiting', 'paused', 'stopped', 'complete', 'failed'])(
  'dispose while %s ends requests, element and Howl, and is followed by no event',
  async (state) => {
    if (state === 'opening') server.policy = ({ path }) => (path === '/long.wav' ? { latencyMs: 60_000 } : {});
    if (state === 'waiting') server.policy = ({ range }) => ((range?.start ?? 0) > 9e6 ? { latencyMs: 60_000 } : {});
    const url = { failed: '/missing.wav', complete: '/track.wav' }[state] ?? `/long.wav?${state}`;
    await page.evaluate(
      async (asked) => {
        window.seen = [];
        window.track = new window.harness.library.StreamingHowl(asked.url, { retry: { tries: 1 } });
        const { track } = window;
        if (asked.state === 'opening') return;
        await track.ready.catch(() => undefined);
        if (asked.state === 'ready' || asked.state === 'failed') return;
        track.seek(asked.state === 'complete' ? 19.8 : 0);
        track.play();
        await new Promise<void>((resolve) => track.on(asked.state === 'complete' ? 'end' : 'playing', resolve));
        if (asked.state === 'paused') track.pause();
        if (asked.state === 'stopped') track.stop();
        if (asked.state === 'waiting') track.seek(200);
      },
      { url, state },
      SLOW,
    );
    await page.until((wanted) => window.track.state === wanted, state);
    const after = await page.evaluate(async () => {
      const { track } = window;
      for (const name of ['playing', 'waiting', 'end', 'error', 'progress', 'ready'] as const) {
        track.on(name, () => window.seen.push(name));
      }
      track.dispose();
      track.dispose();
      track.play();
      track.seek(3);
      track.fade(0, 100);
      track.pause();
      track.stop();
      await new Promise((resolve) => setTimeout(resolve, 100));
      return { seen: window.seen, howl: track.howl.state(), src: track.element.getAttribute('src') };
    });
    expect(after).toEqual({ seen: [], howl: 'unloaded', src: null });
    const { length } = server.log;
    await pause(300);
    expect(server.log).toHaveLength(length);
    expect(server.log.filter(({ path, endedAt }) => path === '/long.wav' && endedAt === undefined)).toEqual([]);
  },
);
