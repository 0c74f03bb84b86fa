/** Two scenes, each with its own music: on the way from one to the other both are heard. */

import * as Phaser from 'phaser';
import { StreamingAudioPlugin, type StreamingSound } from 'phaser-streaming-audio';

const TRACK = '../../music/prelude.wav';
const FADE_MS = 2000;

/** A scene with a part of the track for its music, which it hands over to the next. */
class Place extends Phaser.Scene {
  readonly #name: string;
  readonly #next: string;
  readonly #sky: string;
  readonly #ink: string;
  readonly #from: number;

  constructor(name: string, next: string, sky: string, ink: string, from: number) {
    super(name);
    this.#name = name;
    this.#next = next;
    this.#sky = sky;
    this.#ink = ink;
    this.#from = from;
  }

  /** @param last what played in the scene before */
  create({ last }: { last?: StreamingSound }): void {
    this.cameras.main.setBackgroundColor(this.#sky);
    const style = { fontSize: '32px', color: this.#ink };
    const hint = this.add.text(32, 32, last ? `${this.#name}: click for ${this.#next}` : 'Click for music', style);
    const music = this.streamingAudio.add(TRACK);
    music.addMarker({ name: this.#name, start: this.#from, duration: 120, config: { loop: true } });
    let isHeard = last !== undefined;
    if (last) {
      music.play(this.#name);
      last.crossFade(music, FADE_MS);
      last.once(Phaser.Sound.Events.STOP, () => last.destroy());
    }
    this.input.on(Phaser.Input.Events.POINTER_DOWN, () => {
      if (isHeard) this.scene.start(this.#next, { last: music });
      else isHeard = music.play(this.#name);
      hint.setText(`${this.#name}: click for ${this.#next}`);
    });
  }
}

export const game = new Phaser.Game({
  width: 640,
  height: 360,
  parent: 'game',
  plugins: {
    global: [{ key: 'StreamingAudio', plugin: StreamingAudioPlugin, mapping: 'streamingAudio', start: true }],
  },
  scene: [new Place('Day', 'Night', '#a1fffe', '#12343b', 5.7), new Place('Night', 'Day', '#12343b', '#a1fffe', 250.9)],
});
