import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { StreamingAudioPlugin } from '../../plugin/index.ts';
import { type Chromium, launchChromium, type TestPage } from '../support/chromium.ts';
import { mountHarness } from '../support/game.ts';
import { installLeakWatch, leakedBetween, snapshotLeaks } from '../support/leaks.ts';
import { type RangeServer, startRangeServer } from '../support/range-server.ts';
import { makeWav } from '../support/wav.ts';

let chromium: Chromium;
let server: RangeServer;
let page: TestPage;

declare global {
  interface Window {
    /** Under names of a game's choice. */
    scene: Phaser.Scene & { music?: StreamingAudioPlugin };
  }
}

beforeAll(async () => {
  server = await startRangeServer({ '/theme.wav': makeWav({ seconds: 20 }) });
  mountHarness(server);
});

afterAll(() => server.close());

beforeEach(async () => {
  chromium = await launchChromium();
  await installLeakWatch(chromium);
  page = await chromium.open(`${server.url}/`);
});

afterEach(async () => {
  expect(page.errors).toEqual([]);
  expect(page.consoleLines.filter((line) => line.startsWith('warn') || line.startsWith('error'))).toEqual([]);
  await chromium.close();
});

/** A game without the plugin, its scene as `window.scene`. */
async function bootBareGame(): Promise<void> {
  await page.evaluate(async () => {
    await window.harness.bootGame({ plugins: {} });
    window.scene = window.game.scene.getScene('scene');
  });
}

/** The scene loads a track and plays it through the plugin, by the name `music`. */
async function expectMusic(): Promise<void> {
  await page.evaluate(async () => {
    const { load } = window.scene;
    load.streamingAudio('theme', '/theme.wav');
    await new Promise((resolve) => {
      load.once('complete', resolve);
      load.start();
    });
    if (!window.scene.music) throw new Error('The scene has no music.');
    window.sound = window.scene.music.play('theme');
  });
  await page.until(() => window.sound.seek > 0.1);
}

test('a plugin that is installed while the game runs serves the scenes that there are', async () => {
  await bootBareGame();
  await page.evaluate(() => {
    window.game.plugins.install('Streams', window.harness.library.StreamingAudioPlugin, true, 'music');
  });
  await expectMusic();
  const later = await page.evaluate(() => {
    const scene = window.game.scene.add('later', {}, true) as Window['scene'];
    return [scene.music === window.scene.music, 'streamingAudio' in scene.load];
  });
  expect(later).toEqual([true, true]);
});

test('a scene can install it', async () => {
  await bootBareGame();
  await page.evaluate(() => {
    window.scene.plugins.install('Streams', window.harness.library.StreamingAudioPlugin, true, 'music');
  });
  await expectMusic();
});

test('a scene can load it as a plugin', async () => {
  await bootBareGame();
  await page.evaluate(async () => {
    const { load } = window.scene;
    load.plugin('Streams', window.harness.library.StreamingAudioPlugin, true, 'music');
    await new Promise((resolve) => {
      load.once('complete', resolve);
      load.start();
    });
  });
  await expectMusic();
});

test('it can do without a mapping, and be found by its key', async () => {
  await bootBareGame();
  await page.evaluate(() => {
    window.game.plugins.install('Streams', window.harness.library.StreamingAudioPlugin, true);
    window.scene.music = window.game.plugins.get('Streams') as StreamingAudioPlugin;
  });
  await expectMusic();
});

test('two games on one page have a plugin each, under the same key', async () => {
  const found = await page.evaluate(async () => {
    await window.harness.bootGame();
    const first = window.game;
    await window.harness.bootGame();
    const plugins = [first, window.game].map((game) => game.plugins.get('StreamingAudio') as StreamingAudioPlugin);
    const sounds = plugins.map((plugin) => plugin.play('/theme.wav'));
    await Promise.all(sounds.map((sound) => new Promise((resolve) => sound.once('playing', resolve))));
    first.destroy(true);
    await new Promise((resolve) => first.events.once('destroy', resolve));
    const scene = window.game.scene.getScene('scene');
    const second = scene.streamingAudio.play('/theme.wav');
    await new Promise((resolve) => second.once('playing', resolve));
    return [
      plugins[0] === plugins[1],
      sounds.map(({ pendingRemove }) => pendingRemove),
      scene.streamingAudio === plugins[1],
    ];
  });
  expect(found).toEqual([false, [true, false], true]);
});

test('a game that takes the place of another at once has its plugin', async () => {
  const found = await page.evaluate(async () => {
    await window.harness.bootGame();
    window.game.destroy(true);
    await window.harness.bootGame();
    const sound = window.game.scene.getScene('scene').streamingAudio.play('/theme.wav');
    await new Promise((resolve) => sound.once('playing', resolve));
    return sound.state;
  });
  expect(found).toBe('playing');
});

test('a scene that is restarted a hundred times leaves nothing behind', async () => {
  await page.evaluate(() => {
    const scene = {
      key: 'scene',
      preload(this: Phaser.Scene): void {
        this.load.streamingAudio('theme', '/theme.wav');
      },
      create(this: Phaser.Scene): void {
        const sound = this.streamingAudio.add('theme', { loop: true });
        sound.play();
        this.events.once('shutdown', () => sound.destroy());
      },
    };
    return window.harness.bootGame({ scene });
  });
  const restart = (times: number): Promise<void> =>
    page.evaluate(
      async (count) => {
        const { scene, events } = window.game.scene.getScene('scene');
        for (let i = 0; i < count; i++) {
          const isCreated = new Promise((resolve) => events.once('create', resolve));
          scene.restart();
          await isCreated;
        }
        scene.stop();
        await new Promise((resolve) => setTimeout(resolve, 1000)); // for what was under way to be given back
      },
      times,
      { timeoutMs: 25_000 },
    );
  await restart(3);
  const before = await snapshotLeaks(page);
  await restart(100);
  expect(leakedBetween(before, await snapshotLeaks(page))).toEqual([]);
  const left = await page.evaluate(() => [
    window.game.sound.getAll('theme').length,
    (window.harness.Howler.Howler as unknown as { _howls: unknown[] })._howls.length,
  ]);
  expect(left).toEqual([0, 0]);
});
