/** The smallest game with music that streams. */

import * as Phaser from 'phaser';
import { StreamingAudioPlugin } from 'phaser-streaming-audio';

class Level extends Phaser.Scene {
  preload(): void {
    this.load.streamingAudio('theme', '../../music/prelude.wav'); // its beginning only
  }

  create(): void {
    const theme = this.streamingAudio.add('theme', { volume: 0.8 });
    const hint = this.add.text(32, 32, 'Click for music', { fontSize: '32px', color: '#12343b' });
    this.input.on(Phaser.Input.Events.POINTER_DOWN, () => {
      if (theme.isPlaying) theme.pause();
      else if (!theme.resume()) theme.play();
      hint.setText(theme.isPlaying ? 'Click for silence' : 'Click for music');
    });
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
  scene: Level,
});
