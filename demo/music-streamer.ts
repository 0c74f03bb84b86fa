/** The scene: asks each frame whether Up is held, as the PyGame sample does, and prints what it did. */

import * as Phaser from 'phaser';
import {
  isStreamingAudioError,
  type OpeningResponse,
  type StreamingSound,
  StreamingSoundEvents,
} from '../plugin/index.ts';
import { checkConnection } from './connection.ts';
import { clearProblem, print, showProblem } from './printed.ts';

export class MusicStreamer extends Phaser.Scene {
  /** The sound of the last press that found none playing. */
  music: StreamingSound | undefined;

  #ticks: Phaser.GameObjects.Text | undefined;
  #up: Phaser.Input.Keyboard.Key | undefined;
  /** A press that began since the last frame, however short it was. */
  #isNewPress = false;
  #hasFailed = false;

  constructor(private readonly url: string) {
    super('MusicStreamer');
  }

  create(): void {
    this.#ticks = this.add.text(32, 32, '0', { fontFamily: 'sans-serif', fontSize: '32px', color: '#000000' });
    const onPress = (): void => {
      this.#isNewPress = true;
    };
    this.#up = this.input.keyboard?.addKey(Phaser.Input.Keyboard.KeyCodes.UP);
    this.#up?.on(Phaser.Input.Keyboard.Events.DOWN, onPress);
    this.input.on(Phaser.Input.Events.POINTER_DOWN, onPress);
  }

  override update(time: number): void {
    this.#ticks?.setText(String(Math.floor(time)));
    const isHeld = this.#up?.isDown || this.input.activePointer.isDown;
    if (isHeld || this.#isNewPress) this.#onUp(this.#isNewPress);
    this.#isNewPress = false;
  }

  /** Every frame of a press comes here; after a failure only a new press tries again. */
  #onUp(isNewPress: boolean): void {
    if (this.#isBusy) {
      print('busy');
    } else if (isNewPress || !this.#hasFailed) {
      print('play');
      this.#play();
    }
  }

  get #isBusy(): boolean {
    return this.music !== undefined && !this.music.pendingRemove;
  }

  #play(): void {
    this.#hasFailed = false;
    clearProblem();
    this.music = this.streamingAudio.play(this.url);
    this.music.on(StreamingSoundEvents.RESPONSE, ({ url, status, statusText, fromCache }: OpeningResponse) => {
      print(`streamHTTP() - Fetching URL [${url}]`);
      print(`streamHTTP() - Response Status [${status}] / [${statusText}]${fromCache ? ' (from cache)' : ''}`);
    });
    this.music.on(StreamingSoundEvents.ERROR, (error: unknown) => {
      this.#hasFailed = true;
      print(`streamHTTP() - Error Fetching URL [${this.url}]`);
      showProblem(isStreamingAudioError(error) ? error.message : String(error));
      checkConnection();
    });
  }
}
