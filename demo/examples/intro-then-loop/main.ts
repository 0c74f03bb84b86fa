/** Music that begins once and then goes round, without a gap, for as long as the game wants. */

import * as Phaser from 'phaser';
import { StreamingAudioPlugin, type StreamingSound } from 'phaser-streaming-audio';

const LOOP = { loopStart: 5.7, loopEnd: 19.7214 }; // seconds: four bars, behind the chord that opens the piece

class Level extends Phaser.Scene {
  #theme: StreamingSound | undefined;
  #place: Phaser.GameObjects.Text | undefined;
  #laps = 0;

  create(): void {
    const style = { fontSize: '24px', color: '#12343b', lineSpacing: 8 };
    this.add.text(32, 32, 'Click: the intro, then the loop', style);
    this.#place = this.add.text(32, 96, '', style);
    this.#theme = this.streamingAudio.add('../../music/prelude.wav', { loop: true, ...LOOP });
    this.#theme.on(Phaser.Sound.Events.LOOPED, () => {
      this.#laps += 1;
    });
    this.input.on(Phaser.Input.Events.POINTER_DOWN, () => {
      this.#laps = 0;
      this.#theme?.play();
    });
  }

  override update(): void {
    const seconds = this.#theme?.seek ?? 0;
    const part = seconds < LOOP.loopStart ? 'intro' : 'loop';
    this.#place?.setText([`${part}, at ${seconds.toFixed(1)} s`, `${this.#laps} laps behind it`]);
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
