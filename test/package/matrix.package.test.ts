import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type * as Library from '../../plugin/index.ts';
import { type Chromium, launchChromium, type TestPage } from '../support/chromium.ts';
import { type RangeServer, startRangeServer } from '../support/range-server.ts';
import { makeWav } from '../support/wav.ts';
import { installProject, type InstalledProject } from './installed-project.ts';

const INSTALL_TIMEOUT_MS = 300_000; // 150 MB from the registry, the first time
const PAGES = { 'as modules, built by Vite': 'dist/matrix.html', 'from script tags': 'matrix-script-tag.html' };
const RENDERERS = ['CANVAS', 'WEBGL', 'HEADLESS'] as const;
const MANAGERS = {
  WebAudioSoundManager: {},
  HTML5AudioSoundManager: { disableWebAudio: true },
  NoAudioSoundManager: { noAudio: true },
};
const GAMES = RENDERERS.flatMap((renderer) =>
  Object.entries(MANAGERS).map(([manager, audio]) => ({ renderer, manager, audio })),
);

/** What the pages hand over. */
interface Libraries {
  readonly libraries: { readonly Phaser: typeof Phaser; readonly library: typeof Library };
}

let chromium: Chromium;

beforeAll(async () => {
  chromium = await launchChromium();
});

afterAll(() => chromium.close());

describe.each(['4.2.1', '3.90.0'])('games with Phaser %s', (version) => {
  let project: InstalledProject;
  let server: RangeServer;

  beforeAll(async () => {
    project = await installProject('game', { versions: { phaser: version } });
    await project.run('vite', 'build');
    server = await startRangeServer({
      '/': project.folder,
      '/theme.wav': makeWav({ seconds: 20 }),
      '/theme.json': Buffer.from('{"spritemap":{"hit":{"start":1,"end":1.2}}}'),
    });
  }, INSTALL_TIMEOUT_MS);

  afterAll(async () => {
    await server?.close();
    await project?.dispose();
  });

  describe.each(Object.entries(PAGES))('%s', (_, path) => {
    let page: TestPage;

    beforeAll(async () => {
      page = await chromium.open(`${server.url}/${path}`);
      await page.until(() => 'libraries' in window);
    });

    afterAll(() => page.close());

    test.each(GAMES)('$renderer and $manager: loads, plays, shows and ends', async ({ renderer, manager, audio }) => {
      const found = await page.evaluate(playOnce, { renderer, audio });
      const isHeard = manager !== 'NoAudioSoundManager';
      const isGone = isHeard; // Phaser's NoAudio manager outlives its game, and its sounds with it
      expect(found).toEqual({ version, manager, isHeard, isDrawn: true, sounds: 1, plays: isHeard, isGone });
      expect(page.errors).toEqual([]);
    });

    test('a new copy of the plugin takes over on a page that goes on', async () => {
      const states = await page.evaluate(
        playWithCopies,
        '/node_modules/phaser-streaming-audio/dist/phaser-streaming-audio.min.js',
      );
      expect(states).toEqual(['playing', 'playing', 'playing']);
      expect(page.errors).toEqual([]);
    });
  });
});

/** Runs in the page: boots a game, preloads a track, plays it, shows it in a bar, and destroys the game. */
async function playOnce({ renderer, audio }: { renderer: (typeof RENDERERS)[number]; audio: object }): Promise<object> {
  const { Phaser, library } = (window as unknown as Libraries).libraries;
  const { sound, bar, game } = await new Promise<{
    sound: Library.StreamingSound;
    bar: Library.StreamingBar;
    game: Phaser.Game;
  }>((resolve) => {
    const started = new Phaser.Game({
      type: Phaser[renderer],
      width: 64,
      height: 64,
      banner: false,
      audio,
      // Phaser drops the plugins of a headless game's configuration.
      callbacks: {
        preBoot: ({ plugins }) =>
          void plugins.install('StreamingAudio', library.StreamingAudioPlugin, true, 'streamingAudio'),
      },
      scene: {
        preload(this: Phaser.Scene): void {
          this.load.streamingAudio({ key: 'theme', url: ['/missing.wav', '/theme.wav'], jsonURL: '/theme.json' });
        },
        create(this: Phaser.Scene): void {
          const theme = this.streamingAudio.add('theme', { loop: true });
          const shown = this.add.existing(new library.StreamingBar(this, 0, 0, theme, { width: 64 }));
          theme.play();
          resolve({ sound: theme, bar: shown, game: started });
        },
      },
    });
  });
  const until = async (isTrue: () => boolean, limitMs: number): Promise<boolean> => {
    for (const end = performance.now() + limitMs; !isTrue() && performance.now() < end;) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return isTrue();
  };
  const isSilent = game.sound instanceof Phaser.Sound.NoAudioSoundManager;
  const isHeard = await until(() => sound.seek > 0.1, isSilent ? 200 : 5000);
  const isDrawn = await until(() => bar.commandBuffer.length > 0, 1000);
  const names = ['WebAudioSoundManager', 'HTML5AudioSoundManager', 'NoAudioSoundManager'] as const;
  const manager = names.find((name) => game.sound instanceof Phaser.Sound[name]);
  const sounds = game.sound.getAll('theme').length;
  const plugin = game.plugins.get('StreamingAudio') as Library.StreamingAudioPlugin;
  const plays =
    plugin.playAudioSprite('theme', 'hit') && (await until(() => game.sound.getAll('theme').length === 1, 5000));
  game.destroy(true);
  const isGone = await until(() => sound.pendingRemove, isSilent ? 200 : 2000);
  return { version: Phaser.VERSION, manager, isHeard, isDrawn, sounds, plays, isGone };
}

/** Runs in the page, as hot reload does: a scene of the old game loads after the copy, and a new game follows at once. */
async function playWithCopies(script: string): Promise<string[]> {
  const { Phaser, library } = (window as unknown as Libraries).libraries;
  const boot = (plugin: typeof Library.StreamingAudioPlugin): Promise<Phaser.Scene> =>
    new Promise((resolve) => {
      const global = [{ key: 'StreamingAudio', plugin, mapping: 'streamingAudio', start: true }];
      const create = function (this: Phaser.Scene): void {
        resolve(this);
      };
      // eslint-disable-next-line no-new -- a game starts itself
      new Phaser.Game({ type: Phaser.CANVAS, banner: false, plugins: { global }, scene: { create } });
    });
  const play = async (scene: Phaser.Scene): Promise<string> => {
    scene.load.streamingAudio('theme', '/theme.wav');
    await new Promise((resolve) => scene.load.once('complete', resolve).start());
    const sound = scene.streamingAudio.play('theme');
    await new Promise((resolve) => sound.once('playing', resolve));
    return sound.state;
  };
  const old = await boot(library.StreamingAudioPlugin);
  const states = [await play(old)];
  // The copy registers its file type with the page; it looks for Phaser and Howler there.
  Object.assign(window, { Phaser });
  const element = Object.assign(document.createElement('script'), { src: script });
  document.head.append(element);
  await new Promise((resolve) => element.addEventListener('load', resolve));
  const { StreamingAudioPlugin: Copy } = (window as unknown as { PhaserStreamingAudio: typeof Library })
    .PhaserStreamingAudio;
  const later = old.game.scene.add('later', {}, true) as Phaser.Scene;
  const first = boot(Copy);
  states.push(await play(later));
  old.game.destroy(true);
  const scene = await first;
  states.push(await play(scene));
  scene.game.destroy(true);
  return states;
}
