/** Puts on `window.harness` what the browser tests call: the page has no other code of its own. */
import * as Howler from 'howler';
import * as Phaser from 'phaser';
import * as library from '../../../plugin/index.ts';

const harness = { Phaser, Howler, library, bootGame };

/** Starts a game with the plugin and one empty scene, `window.game`, and waits until the scene runs. */
async function bootGame(config: Partial<Phaser.Types.Core.GameConfig> = {}): Promise<void> {
  const scene = { key: 'scene', create: (): void => undefined };
  window.game = new Phaser.Game({
    type: Phaser.CANVAS,
    width: 64,
    height: 64,
    banner: false,
    plugins: {
      global: [
        {
          key: 'StreamingAudio',
          plugin: library.StreamingAudioPlugin,
          mapping: 'streamingAudio',
          data: { retry: { tries: 1 } },
        },
      ],
    },
    scene,
    ...config,
  });
  while (!window.game.scene.isActive('scene')) await new Promise((resolve) => setTimeout(resolve, 10));
}

export type Harness = typeof harness;

declare global {
  interface Window {
    /** Complete once the page has loaded. */
    harness: Harness;
    /** What a test keeps from one `evaluate` to the next. */
    sound: library.StreamingSound;
    /** The names of the events that `window.sound` has emitted, in order, where `watch` was called. */
    events: string[];
  }
}

window.harness = harness;
