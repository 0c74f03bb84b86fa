/** A scene that shows how far its assets are, and one that shows how far its music is. */

import * as Phaser from 'phaser';
import { StreamingAudioPlugin, StreamingBar } from 'phaser-streaming-audio';

const INK = '#12343b';

class Loading extends Phaser.Scene {
  constructor() {
    super('Loading');
  }

  preload(): void {
    this.add.text(32, 32, 'Loading', { fontSize: '32px', color: INK });
    this.add.rectangle(32, 96, 576, 16, 0xe3eeec).setOrigin(0);
    const done = this.add.rectangle(32, 96, 0, 16, 0xe4572e).setOrigin(0);
    this.load.on(Phaser.Loader.Events.FILE_PROGRESS, (_: Phaser.Loader.File, share: number) => {
      done.width = 576 * share;
    });
    this.load.streamingAudio('theme', '../../music/prelude.wav');
  }

  create(): void {
    this.scene.start('Level');
  }
}

class Level extends Phaser.Scene {
  constructor() {
    super('Level');
  }

  create(): void {
    const theme = this.streamingAudio.add('theme');
    this.add.text(32, 32, 'Click to play; click the bar to seek', { fontSize: '24px', color: INK });
    this.add.existing(new StreamingBar(this, 32, 96, theme, { width: 576, height: 32 }));
    this.#addLegend(['played', '#e4572e'], ['buffered', '#2e86ab'], ['cached', '#b7d3d8']);
    this.input.on(Phaser.Input.Events.POINTER_DOWN, () => {
      if (!theme.isPlaying) theme.play();
    });
  }

  #addLegend(...entries: readonly (readonly [name: string, colour: string])[]): void {
    for (const [index, [name, colour]] of entries.entries()) {
      const x = 32 + 120 * index;
      this.add.rectangle(x, 148, 16, 16, Phaser.Display.Color.HexStringToColor(colour).color).setOrigin(0);
      this.add.text(x + 24, 148, name, { fontSize: '16px', color: INK });
    }
  }
}

export const game = new Phaser.Game({
  width: 640,
  height: 360,
  parent: 'game',
  backgroundColor: '#a1fffe',
  plugins: {
    global: [{ key: 'StreamingAudio', plugin: StreamingAudioPlugin, mapping: 'streamingAudio', start: true }],
  },
  scene: [Loading, Level],
});
