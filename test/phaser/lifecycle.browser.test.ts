import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type Chromium, launchChromium, type TestPage } from '../support/chromium.ts';
import { addSound, mountHarness, openGame } from '../support/game.ts';
import { installLeakWatch, leakedBetween, snapshotLeaks } from '../support/leaks.ts';
import { installMediaTap } from '../support/media-tap.ts';
import { type RangeServer, startRangeServer } from '../support/range-server.ts';
import { makeWav } from '../support/wav.ts';

let chromium: Chromium;
let server: RangeServer;
let page: TestPage;

beforeAll(async () => {
  server = await startRangeServer({ '/long.wav': makeWav({ seconds: 60 }) });
  mountHarness(server);
});

afterAll(() => server.close());

beforeEach(async () => {
  chromium = await launchChromium();
  server.clearLog();
  server.policy = {};
});

afterEach(async () => {
  expect(page.errors).toEqual([]);
  await chromium.close();
});

/** Boots a game, has it play once so that Howler and Phaser have taken what they take for good, and destroys it. */
async function warmUp(): Promise<void> {
  page = await openGame(chromium, server);
  await addSound(page, '/long.wav');
  await page.evaluate(() => window.sound.play());
  await page.until(() => window.sound.seek > 0.2);
  await destroyGame();
}

async function destroyGame(): Promise<void> {
  await page.evaluate(() => window.game.destroy(true));
  await page.until(() => document.querySelector('canvas') === null);
  await new Promise((resolve) => setTimeout(resolve, 500)); // for what was under way to be given back
}

/** Phaser itself leaves one listener on the document for each game. */
const isOurs = ({ stack }: { stack: string }): boolean => !stack.includes('VisibilityHandler');

test.each<[string, () => Promise<unknown>]>([
  ['while it plays', () => page.until(() => window.sound.seek > 0.3)],
  ['while it opens', () => Promise.resolve()],
  ['while paused', () => page.until(() => window.sound.seek > 0.2 && window.sound.pause())],
  ['during a seek', () => page.until(() => window.sound.seek > 0.2 && (window.sound.seek = 40))],
])('game.destroy(true) %s leaves nothing of ours behind', async (_, reach) => {
  await installLeakWatch(chromium);
  await warmUp();
  const before = await snapshotLeaks(page);
  await page.evaluate(() => window.harness.bootGame());
  await addSound(page, '/long.wav?fresh');
  await page.evaluate(() => window.sound.play());
  await reach();
  await destroyGame();

  const left = leakedBetween(before, await snapshotLeaks(page)).filter(isOurs);
  expect(left).toEqual([]);
  const { howls, pooled } = await page.evaluate(() => {
    const howler = window.harness.Howler.Howler as unknown as {
      _howls: unknown[];
      _html5AudioPool: HTMLAudioElement[];
    };
    return { howls: howler._howls.length, pooled: howler._html5AudioPool.filter(({ src }) => src !== '').length };
  });
  expect({ howls, pooled, elements: await page.page.locator('audio').count() }).toEqual({
    howls: 0,
    pooled: 0,
    elements: 0,
  });
  const requests = server.log.length;
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(server.log).toHaveLength(requests);
});

test('a track that the loader preloaded starts without a request', async () => {
  page = await openGame(chromium, server);
  const loaded = await page.evaluate(async () => {
    const scene = window.game.scene.getScene('scene');
    const events: string[] = [];
    scene.load.setPath('/');
    scene.load.streamingAudio('theme', 'long.wav');
    scene.load.streamingAudio([{ key: 'gone', url: 'missing.wav' }]);
    scene.load.on('filecomplete-streamingAudio-theme', () => events.push('complete theme'));
    scene.load.on('loaderror', ({ key }: { key: string }) => events.push(`error ${key}`));
    await new Promise((resolve) => {
      scene.load.once('complete', resolve);
      scene.load.start();
    });
    return events.toSorted();
  });
  expect(loaded).toEqual(['complete theme', 'error gone']);
  const [before] = [server.log.length];
  await addSound(page, 'theme');
  await page.evaluate(() => window.sound.play());
  await page.until(() => window.events.includes('playing'));
  expect(
    server.log.slice(before).filter(({ method, range }) => method === 'GET' && (range?.start ?? 0) < 2 ** 18),
  ).toEqual([]);
  expect(server.log.filter(({ path }) => path === '/long.wav').length).toBeGreaterThan(0);
});

test('preloading from a server without Range leaves its connections free', async () => {
  page = await openGame(chromium, server);
  server.policy = ({ path }) => (path === '/long.wav' ? { ranges: false } : {});
  const loaded = await page.evaluate(async () => {
    const { load } = window.game.scene.getScene('scene');
    for (let i = 0; i < 8; i++) load.streamingAudio(`track ${i}`, `/long.wav?${i}`);
    await new Promise((resolve) => {
      load.once('complete', resolve);
      load.start();
    });
    const answer = await fetch('/', { cache: 'no-store' });
    return { complete: load.totalComplete, status: answer.status };
  });
  expect(loaded).toEqual({ complete: 8, status: 200 });
});

test('the NoAudio manager gets a sound that does nothing', async () => {
  page = await openGame(chromium, server, { noAudio: true });
  await addSound(page, '/long.wav');
  const answers = await page.evaluate(() => {
    const { sound } = window;
    return [sound.play(), sound.pause(), sound.resume(), sound.stop(), sound.isPlaying, sound.output, sound.state];
  });
  expect(answers).toEqual([false, false, false, false, false, null, 'stopped']);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(server.log.filter(({ path }) => path === '/long.wav')).toEqual([]);
});

test('plays through the HTML5 manager, with its volume, mute, focus and unlocking', async () => {
  await installMediaTap(chromium);
  page = await openGame(chromium, server, { disableWebAudio: true });
  await addSound(page, '/long.wav');
  await page.evaluate(() => window.sound.play({ volume: 0.5 }));
  await page.until(() => window.sound.seek > 0.3);
  expect(await page.evaluate(() => window.sound.output)).toBeNull();
  await page.evaluate(() => {
    window.game.sound.volume = 0.5;
    window.game.sound.mute = true;
    window.game.sound.emit('unlocked', window.game.sound);
  });
  const levels = (): [number, boolean][] =>
    window.mediaTap.elements.filter(({ src }) => src !== '').map(({ volume, muted }) => [volume, muted]);
  expect(await page.evaluate(levels)).toEqual([[0.25, true]]);
  expect(await page.evaluate(() => [window.sound.volume, window.sound.totalDuration])).toEqual([0.5, 60]);

  const moved = await page.evaluate(async () => {
    window.game.events.emit('blur');
    await new Promise((resolve) => setTimeout(resolve, 100));
    const place = window.sound.seek;
    await new Promise((resolve) => setTimeout(resolve, 300));
    const distance = window.sound.seek - place;
    window.game.events.emit('focus');
    return distance;
  });
  expect(moved).toBe(0);
  const place = await page.evaluate(() => window.sound.seek);
  await page.until((before) => window.sound.seek > before + 0.2, place);
});

test('a sound that failed opens its track again when told to play again', async () => {
  page = await openGame(chromium, server);
  await addSound(page, '/late.wav');
  await page.evaluate(() => window.sound.play());
  await page.until(() => window.events.includes('error'));
  await page.until(() => window.sound.state === 'failed'); // a second time where the first came before it was to play
  expect(await page.evaluate(() => window.sound.isPlaying)).toBe(false);
  server.mount('/late.wav', makeWav({ seconds: 2 }));
  await page.evaluate(() => void (window.events.length = 0));
  expect(await page.evaluate(() => window.sound.play())).toBe(true);
  await page.until(() => window.sound.seek > 0.2);
  expect(await page.evaluate(() => window.events.includes('error'))).toBe(false);
});

test('plays at the first gesture where the page was locked', async () => {
  await chromium.close();
  chromium = await launchChromium({ autoplay: 'locked' });
  page = await openGame(chromium, server);
  await addSound(page, '/long.wav');
  await page.evaluate(() => window.sound.play());
  await page.until(() => window.sound.duration > 0);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await page.evaluate(() => [window.sound.state, window.sound.seek])).toEqual(['waiting', 0]);
  await page.press('a');
  await page.until(() => window.sound.state === 'playing' && window.sound.seek > 0.2);
});
