import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { launchChromium, type Chromium, type TestPage } from './chromium.ts';
import { installLeakWatch, leakedBetween, snapshotLeaks } from './leaks.ts';
import { startRangeServer, type RangeServer } from './range-server.ts';
import { makeWav } from './wav.ts';

let chromium: Chromium;
let server: RangeServer;
let page: TestPage;

beforeAll(async () => {
  const blank = Buffer.from('<!doctype html><link rel="icon" href="data:,"><title>blank</title>');
  server = await startRangeServer({ '/blank.html': blank, '/a.wav': makeWav({ seconds: 10 }) }, ({ path }) =>
    path === '/a.wav' ? { hold: 100_000 } : {},
  );
  chromium = await launchChromium();
  await installLeakWatch(chromium);
});

afterAll(async () => {
  await chromium.close();
  await server.close();
});

beforeEach(async () => {
  page = await chromium.open(`${server.url}/blank.html`);
});

interface Case {
  readonly name: string;
  /** Runs in the page. */
  readonly work: () => unknown;
}

const LEFT_BEHIND: readonly (Case & { readonly found: string })[] = [
  { name: 'an object URL', work: () => URL.createObjectURL(new Blob()), found: 'objectUrl blob:' },
  { name: 'a timeout', work: () => Number(setTimeout(() => {}, 60_000)), found: 'timeout 60000 ms' },
  { name: 'an interval', work: () => Number(setInterval(() => {}, 60_000)), found: 'interval 60000 ms' },
  { name: 'a listener', work: () => window.addEventListener('blur', () => {}), found: 'listener blur on Window' },
  {
    name: 'a listener that waits for its one call',
    work: () => document.body.addEventListener('custom', () => {}, { once: true }),
    found: 'listener custom on HTMLBodyElement',
  },
  { name: 'a body not read', work: async () => (await fetch('/a.wav')).status, found: 'fetch /a.wav' },
  {
    name: 'a body half read',
    work: async () => (await (await fetch('/a.wav')).body?.getReader().read())?.done,
    found: 'fetch /a.wav',
  },
  {
    name: 'a body whose reader let go of it',
    work: async () => (await fetch('/a.wav')).body?.getReader().releaseLock(),
    found: 'fetch /a.wav',
  },
  { name: 'an audio element', work: () => document.body.append(new Audio('x')), found: 'audioElement x' },
  {
    name: 'one made by name',
    work: () => document.body.append(document.createElement('audio')),
    found: 'audioElement',
  },
  { name: 'a media source', work: () => Object.assign(window, { kept: new MediaSource() }).name, found: 'mediaSource' },
];

const GIVEN_BACK: readonly Case[] = [
  { name: 'a revoked object URL', work: () => URL.revokeObjectURL(URL.createObjectURL(new Blob())) },
  { name: 'a cleared timeout', work: () => window.clearTimeout(window.setTimeout(() => {}, 60_000)) },
  { name: 'a cleared interval', work: () => window.clearInterval(window.setInterval(() => {}, 60_000)) },
  { name: 'a timeout that is over', work: () => new Promise((resolve) => setTimeout(resolve, 1)) },
  {
    name: 'a removed listener',
    work: () => {
      const listener = { handleEvent: () => {} };
      window.addEventListener('blur', listener, { capture: true });
      window.removeEventListener('blur', listener, true);
    },
  },
  {
    name: 'a listener that had its one call',
    work: () => {
      document.addEventListener('custom', () => {}, { once: true });
      document.dispatchEvent(new Event('custom'));
    },
  },
  {
    name: 'a listener whose signal aborted',
    work: () => {
      const controller = new AbortController();
      window.addEventListener('blur', () => {}, { signal: controller.signal });
      controller.abort();
    },
  },
  { name: 'a listener on a garbage element', work: () => new Audio().addEventListener('ended', () => {}) },
  { name: 'a body read whole', work: async () => (await fetch('/blank.html')).text() },
  {
    name: 'a body read through a pipe by a reader',
    work: async () => {
      const reader = (await fetch('/blank.html')).body?.pipeThrough(new TextDecoderStream()).getReader();
      for (let done = reader === undefined; !done;) done = (await reader?.read())?.done ?? true;
    },
  },
  {
    name: 'a body read by a reader',
    work: async () => {
      const reader = (await fetch('/blank.html')).body?.getReader();
      for (let done = reader === undefined; !done;) done = (await reader?.read())?.done ?? true;
    },
  },
  { name: 'a cancelled body', work: async () => (await fetch('/a.wav')).body?.cancel() },
  {
    name: 'an aborted fetch',
    work: async () => {
      const controller = new AbortController();
      await fetch('/a.wav', { signal: controller.signal });
      controller.abort();
    },
  },
  { name: 'a fetch that failed', work: () => fetch('http://127.0.0.1:1/').catch(() => {}) },
  { name: 'garbage media', work: () => [new Audio(), new MediaSource()].length },
];

/** What `work` leaves behind in the page, as `kind detail`. */
async function leftBy(work: () => unknown): Promise<string[]> {
  const before = await snapshotLeaks(page);
  await page.evaluate(work);
  return leakedBetween(before, await snapshotLeaks(page)).map(({ kind, detail }) => `${kind} ${detail}`);
}

describe('left behind', () => {
  test.each(LEFT_BEHIND)('$name is found', async ({ work, found }) => {
    expect(await leftBy(work)).toEqual([expect.stringContaining(found)]);
  });

  test('a duplicate listener counts once, and the stack names who took it', async () => {
    const before = await snapshotLeaks(page);
    await page.evaluate(function addTwice() {
      const listener = { handleEvent: () => {} };
      for (let time = 0; time < 2; time++) document.addEventListener('focus', listener);
    });
    const leaked = leakedBetween(before, await snapshotLeaks(page));
    expect(leaked).toMatchObject([{ kind: 'listener', stack: expect.stringContaining('addTwice') }]);
  });
});

describe('given back', () => {
  test.each(GIVEN_BACK)('$name is no leak', async ({ work }) => {
    expect(await leftBy(work)).toEqual([]);
  });

  test('timers, listeners and requests still work', async () => {
    const heard = await page.evaluate(async () => {
      const lines: string[] = [];
      await new Promise<void>((resolve) => setTimeout((word: string) => resolve(void lines.push(word)), 1, 'timer'));
      const listener = { handleEvent: ({ type }: Event): void => void lines.push(type) };
      document.addEventListener('custom', listener);
      document.dispatchEvent(new Event('custom'));
      document.removeEventListener('custom', listener);
      document.dispatchEvent(new Event('custom'));
      lines.push((await fetch('/blank.html')).url, String(new Audio() instanceof Audio));
      return lines;
    });
    expect(heard).toEqual(['timer', 'custom', `${server.url}/blank.html`, 'true']);
  });
});
