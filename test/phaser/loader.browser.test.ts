import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type Chromium, launchChromium, type TestPage } from '../support/chromium.ts';
import { addSound, mountHarness, openGame } from '../support/game.ts';
import { inTurn, type RangeServer, startRangeServer } from '../support/range-server.ts';
import { until } from '../support/until.ts';
import { makeWav } from '../support/wav.ts';

const wav = makeWav({ seconds: 30 });
const pack = {
  music: {
    prefix: 'music.',
    path: 'tracks/',
    defaultType: 'streamingAudio',
    files: [
      { key: 'theme', url: 'theme.wav' },
      { type: 'streamingAudio', key: 'sting' },
    ],
  },
};

let chromium: Chromium;
let server: RangeServer;
let page: TestPage;

beforeAll(async () => {
  chromium = await launchChromium();
});

beforeEach(async () => {
  server = await startRangeServer({
    '/tracks/theme.wav': wav,
    '/tracks/sting.wav': makeWav({ seconds: 1 }),
    '/page.wav': Buffer.from('<!doctype html><title>Not found</title>'),
    '/pack.json': Buffer.from(JSON.stringify(pack)),
  });
  mountHarness(server);
  page = await openGame(chromium, server);
});

afterEach(async () => {
  expect(page.errors).toEqual([]);
  await page.close();
  await server.close();
});

afterAll(() => chromium.close());

interface Loaded {
  /** What the cache has: each key with its address, without the server. */
  readonly entries: Record<string, string>;
  readonly events: readonly string[];
}

/** Queues with `queue`, which sees nothing but the loader, and loads all of it. */
function load(queue: (loader: Phaser.Loader.LoaderPlugin) => void): Promise<Loaded> {
  return page.evaluate(
    `async () => {
    const { load, cache } = window.game.scene.getScene('scene');
    const events = [];
    load.on('filecomplete', (key, type) => events.push('complete ' + type + ' ' + key));
    load.on('loaderror', (file) => events.push('error ' + file.key + ' ' + (file.error && file.error.code)));
    load.on('progress', (share) => events.push('progress ' + share));
    load.on('fileprogress', (file, share) => events.push('part ' + file.key + ' ' + share));
    (${queue.toString()})(load);
    await new Promise((resolve) => {
      load.once('complete', resolve);
      load.start();
    });
    load.removeAllListeners();
    const { entries } = cache.custom.streamingAudio.entries;
    return {
      events,
      entries: Object.fromEntries(Object.entries(entries).map(([key, { url }]) => [key, url.replace(location.origin, '')])),
    };
  }` as unknown as () => Promise<Loaded>,
  );
}

test('takes a key alone, a key and a URL, an object, and arrays, below its base, path and prefix', async () => {
  const { entries, events } = await load((loader) => {
    loader.setBaseURL(location.origin).setPath('tracks').setPrefix('music.');
    loader.streamingAudio('theme').streamingAudio('a', 'theme.wav').streamingAudio({ key: 'b', url: 'theme.wav' });
    loader.streamingAudio([{ key: 'c', url: `${location.origin}/tracks/theme.wav` }, { key: 'sting' }]);
  });
  const theme = '/tracks/theme.wav';
  expect(entries).toEqual({
    'music.theme': theme,
    'music.a': theme,
    'music.b': theme,
    'music.c': expect.stringContaining(theme),
    'music.sting': '/tracks/sting.wav',
  });
  expect(events.filter((event) => event.startsWith('complete streamingAudio'))).toHaveLength(5);
  expect(events.at(-1)).toBe('complete streamingAudio music.sting');
});

test('takes packs', async () => {
  const { entries } = await load((loader) => void loader.pack('pack', '/pack.json'));
  expect(Object.keys(entries)).toEqual(['music.theme', 'music.sting']);
  await addSound(page, 'music.theme');
  await page.evaluate(() => window.sound.play());
  await page.until(() => window.sound.seek > 0.1);
});

test('takes of several URLs the first that can be played', async () => {
  const { entries, events } = await load((loader) => {
    loader.streamingAudio('theme', ['/missing.wav', '/page.wav', '/tracks/theme.wav', '/tracks/sting.wav']);
    loader.streamingAudio('gone', ['/missing.wav', '/page.wav']);
  });
  expect(entries).toEqual({ theme: '/tracks/theme.wav' });
  expect(events).toContain('error gone malformed-wav');
  expect(server.log.filter(({ path }) => path === '/tracks/sting.wav')).toEqual([]);
});

test('tells how much of a file has come, in growing parts of what it loads', async () => {
  const { events } = await load((loader) => void loader.streamingAudio('theme', '/tracks/theme.wav'));
  const parts = events.filter((event) => event.startsWith('part theme ')).map((event) => Number(event.slice(11)));
  expect(parts.length).toBeGreaterThan(4);
  expect(parts).toEqual(parts.toSorted((a, b) => a - b));
  expect([parts.at(-1), events.indexOf('progress 1') > events.indexOf('part theme 1')]).toEqual([1, true]);
});

test('tries a failed file again as often as maxRetries says', async () => {
  server.policy = ({ path }) => (path === '/tracks/theme.wav' ? faulty : {});
  const faulty = { status: 503 };
  const { events } = await load((loader) => {
    loader.streamingAudio({ key: 'theme', url: '/tracks/theme.wav', maxRetries: 2 });
  });
  expect(events).toContain('error theme http');
  expect(server.log.filter(({ path }) => path === '/tracks/theme.wav')).toHaveLength(3);

  server.clearLog();
  server.mount('/tracks/theme.wav', wav, inTurn({ status: 503 }));
  server.policy = {};
  const again = await load((loader) => {
    loader.maxRetries = 1;
    loader.streamingAudio('theme', '/tracks/theme.wav');
  });
  expect(again.entries).toEqual({ theme: '/tracks/theme.wav' });
});

test('a scene that shuts down ends what it loads, and a later one may load it', async () => {
  server.policy = ({ path }) => (path === '/tracks/theme.wav' ? { hold: 100_000 } : {});
  await page.evaluate(() => {
    const { load: loader } = window.game.scene.getScene('scene');
    loader.streamingAudio('theme', '/tracks/theme.wav');
    loader.start();
  });
  await until(() => server.log.some(({ path, bytesWritten }) => path === '/tracks/theme.wav' && bytesWritten > 0));
  await page.evaluate(() => {
    const next = { key: 'next', create: (): void => undefined };
    window.game.scene.add('next', next, true);
    window.game.scene.stop('scene');
  });
  await until(() => server.log.some(({ path, closedEarly }) => path === '/tracks/theme.wav' && closedEarly));
  server.policy = {};
  const loaded = await page.evaluate(async () => {
    const { load: loader, cache } = window.game.scene.getScene('next');
    loader.streamingAudio('theme', '/tracks/theme.wav');
    await new Promise((resolve) => {
      loader.once('complete', resolve);
      loader.start();
    });
    return [loader.totalComplete, cache.custom['streamingAudio']?.exists('theme')];
  });
  expect(loaded).toEqual([1, true]);
});
