/** The properties of Phaser's own sounds, with their `setX` forms and events. */

import * as Phaser from 'phaser';
import type { FadeCurve } from '../howler/fade-curve.ts';
import { Fader } from '../howler/fader.ts';
import { soundInternals, type SoundSettings } from './internals.ts';
import { isSilent } from './output.ts';
import { StreamingSoundEvents } from './streaming-sound-events.ts';

const { Events } = Phaser.Sound;

/** What a change of a property does to the sound. */
export interface SoundControls {
  setVolume(volume: number): void;
  /** Sends the volume along `curve` for so many seconds; false where it must be set step by step. */
  glide(curve: FadeCurve, seconds: number): boolean;
  setMute(mute: boolean): void;
  /** @param pan −1 (left) to 1 (right) */
  setPan(pan: number): void;
  /** `loop`, or where its laps begin and end. */
  setLoop(): void;
  /** @param rate with the manager's rate and both detunes in it */
  setRate(rate: number): void;
}

/** A sound whose properties read, write and announce themselves as `WebAudioSound`'s do. */
export abstract class SoundProperties extends Phaser.Sound.BaseSound {
  /** What the properties act upon; undefined while there is nothing. */
  protected abstract readonly controls: SoundControls | undefined;
  /** Whether sound comes out of it now. */
  protected abstract readonly isHeard: boolean;

  protected readonly fader: Fader = new Fader({
    isHeard: () => this.isHeard,
    onceHeard: (listener) => void this.once(StreamingSoundEvents.PLAYING, listener),
    getVolume: () => this.volume,
    setVolume: (volume, isGliding) => this.#setVolume(volume, isGliding),
    glide: (curve, seconds) => this.controls?.glide(curve, seconds) ?? false,
    stop: () => void this.stop(),
  });

  override calculateRate(): void {
    super.calculateRate();
    this.controls?.setRate(this.totalRate);
  }

  /** The configuration in force: the marker's while one plays. */
  protected get settings(): SoundSettings {
    return soundInternals(this).currentConfig;
  }

  /** While it plays, this and the points of the loop take effect at the next seam that is 1.5 s ahead or more. */
  get loop(): boolean {
    return this.settings.loop;
  }

  set loop(loop: boolean) {
    this.settings.loop = loop;
    this.controls?.setLoop();
    this.emit(Events.LOOP, this, loop);
  }

  setLoop(loop: boolean): this {
    this.loop = loop;
    return this;
  }

  /** Second at which a lap begins; undefined: the WAV's own, else 0. A marker is a lap of its own. */
  get loopStart(): number | undefined {
    return this.settings.loopStart;
  }

  set loopStart(loopStart: number | undefined) {
    this.settings.loopStart = loopStart;
    this.controls?.setLoop();
  }

  /** Second at which a lap ends, exclusive; undefined: the WAV's own, else the end of the track. */
  get loopEnd(): number | undefined {
    return this.settings.loopEnd;
  }

  set loopEnd(loopEnd: number | undefined) {
    this.settings.loopEnd = loopEnd;
    this.controls?.setLoop();
  }

  get rate(): number {
    return this.settings.rate;
  }

  set rate(rate: number) {
    this.settings.rate = rate;
    this.calculateRate();
    this.emit(Events.RATE, this, rate);
  }

  setRate(rate: number): this {
    this.rate = rate;
    return this;
  }

  /** Cents, as Phaser's. */
  get detune(): number {
    return this.settings.detune;
  }

  set detune(cents: number) {
    this.settings.detune = cents;
    this.calculateRate();
    this.emit(Events.DETUNE, this, cents);
  }

  setDetune(cents: number): this {
    this.detune = cents;
    return this;
  }

  get volume(): number {
    return this.settings.volume;
  }

  /** Ends a fade under way. */
  set volume(volume: number) {
    this.fader.cancel();
    this.#setVolume(volume, false);
  }

  setVolume(volume: number): this {
    this.volume = volume;
    return this;
  }

  /** Takes the volume to another within so many milliseconds of sound. */
  fade(to: number, ms: number): this {
    if (!isSilent(this.manager)) this.fader.fadeTo(to, ms);
    return this;
  }

  /** Plays `other` up to its volume, at equal power, while this sound goes silent; then this one stops. */
  crossFade(other: SoundProperties, ms: number): this {
    if (other.isPaused) other.resume();
    else if (!other.isPlaying) other.play();
    if (!isSilent(this.manager)) this.fader.crossFade(other.fader, ms);
    return this;
  }

  get mute(): boolean {
    return this.settings.mute;
  }

  set mute(mute: boolean) {
    this.settings.mute = mute;
    this.controls?.setMute(mute);
    this.emit(Events.MUTE, this, mute);
  }

  setMute(mute: boolean): this {
    this.mute = mute;
    return this;
  }

  /** −1 (left) to 1 (right). */
  get pan(): number {
    return this.settings.pan;
  }

  set pan(pan: number) {
    this.settings.pan = pan;
    this.controls?.setPan(pan);
    this.emit(Events.PAN, this, pan);
  }

  setPan(pan: number): this {
    this.pan = pan;
    return this;
  }

  /** Called by Phaser's HTML5 manager when its volume has changed, as its event tells, too. */
  updateVolume(): void {}

  /** Called by Phaser's HTML5 manager when its mute has changed, as its event tells, too. */
  updateMute(): void {}

  #setVolume(volume: number, isGliding: boolean): void {
    this.settings.volume = volume;
    if (!isGliding) this.controls?.setVolume(volume);
    this.emit(Events.VOLUME, this, volume);
  }
}
