/** Assets from a pack file: see `pack.json` beside it. */

import * as Phaser from 'phaser';
import { StreamingAudioPlugin } from 'phaser-streaming-audio';

class Level extends Phaser.Scene {
  preload(): void {
    this.load.pack('pack', 'pack.json');
  }

  create(): void {
    const theme = this.streamingAudio.add('music.theme');
    const bars = this.add.image(320, 180, 'bars');
    this.add.text(32, 32, 'Click the bars for music', { fontSize: '24px', color: '#12343b' });
    bars.setInteractive().on(Phaser.Input.Events.POINTER_DOWN, () => {
      if (theme.isPlaying) return;
      theme.play();
      this.tweens.add({ targets: bars, angle: 10, duration: 400, yoyo: true, repeat: -1, ease: 'Sine.easeInOut' });
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
