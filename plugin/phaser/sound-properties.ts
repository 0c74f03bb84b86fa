/** The properties and markers of Phaser's own sounds, with their `setX` forms and events. */

import * as Phaser from 'phaser';
import type { FadeCurve } from '../howler/fade-curve.ts';
import { Fader, type Glide } from '../howler/fader.ts';
import type { TrackMarker } from '../playback/streaming-audio.ts';
import { CueMarkers } from './cue-markers.ts';
import { soundInternals, type SoundSettings } from './internals.ts';
import { isSilent } from './output.ts';
import type { SpatialPanner } from './spatial-panner.ts';
import { StreamingSoundEvents } from './streaming-sound-events.ts';

/** What a change of a property does to the sound. */
export interface SoundControls {
  setVolume(volume: number): void;
  /** Sends the volume along `curve` for so many seconds; undefined where it must be set step by step. */
  glide(curve: FadeCurve, seconds: number): Glide | undefined;
  setMute(mute: boolean): void;
  /** @param pan −1 (left) to 1 (right) */
  setPan(pan: number): void;
  /** `loop`, or where its laps begin and end. */
  setLoop(): void;
  /** @param rate with the manager's rate and both detunes in it */
  setRate(rate: number): void;
  /** Its place in space, once `isWanted` has been asked for; undefined where the sound is not routed. */
  spatial(isWanted: boolean): SpatialPanner | undefined;
}

/** Each is the name of its event, too; in the order in which Phaser's own sounds apply them. */
const ANNOUNCED = ['mute', 'volume', 'rate', 'detune', 'loop', 'pan'] as const;

/** What the properties of a `NoAudioSound` say, however it is configured. */
const SILENT: SoundSettings = { mute: false, volume: 1, rate: 1, detune: 0, seek: 0, loop: false, delay: 0, pan: 0 };

/**
 * A sound whose properties read, write and announce themselves as `WebAudioSound`'s do; with the NoAudio manager they do
 * nothing, as `NoAudioSound`'s.
 */
export abstract class SoundProperties extends Phaser.Sound.BaseSound {
  /** What the properties act upon; undefined while there is nothing. */
  protected abstract readonly controls: SoundControls | undefined;
  /** Seconds from the start of the marker, or of the track. */
  abstract seek: number;
  /** Whether sound comes out of it now. */
  protected abstract readonly isHeard: boolean;

  protected readonly isSilent = isSilent(this.manager);
  readonly #cues = new CueMarkers(this);
  readonly #silentSettings = { ...SILENT };

  protected readonly fader: Fader = new Fader({
    isHeard: () => this.isHeard,
    onceHeard: (listener) => void this.once(StreamingSoundEvents.PLAYING, listener),
    getVolume: () => this.volume,
    setVolume: (volume, isGliding) => this.#setVolume(volume, isGliding),
    glide: (curve, seconds) => this.controls?.glide(curve, seconds),
    stop: () => void this.stop(),
  });

  override calculateRate(): void {
    if (this.isSilent) return;
    super.calculateRate();
    this.controls?.setRate(this.totalRate);
  }

  override applyConfig(): void {
    if (this.isSilent) return;
    this.#applySource();
    super.applyConfig();
  }

  /** Brings a new output to where the sound is. */
  protected applyLevels(): void {
    this.fader.moveOn();
    this.controls?.setVolume(this.volume);
    this.controls?.setMute(this.mute);
    this.controls?.setPan(this.pan);
    this.#applySource();
    this.controls?.setRate(this.totalRate);
  }

  /** Puts the sound where it is configured to stand in space. */
  #applySource(): void {
    const { source } = this.settings;
    if (source) this.controls?.spatial(true)?.configure(source);
  }

  /** Adds a marker; one of the user takes the place of the file's own of that name. */
  override addMarker(marker: Phaser.Types.Sound.SoundMarker): boolean {
    if (this.isSilent) return false;
    this.#cues.yield(marker?.name);
    return super.addMarker(marker);
  }

  override updateMarker(marker: Phaser.Types.Sound.SoundMarker): boolean {
    return !this.isSilent && super.updateMarker(marker);
  }

  override removeMarker(name: string): Phaser.Types.Sound.SoundMarker | null {
    return this.isSilent ? null : super.removeMarker(name);
  }

  /** Adds what the file marks to the markers, where none of the user's is in its way. */
  protected offerMarkers(markers: readonly TrackMarker[]): void {
    this.#cues.offer(markers);
  }

  /** The configuration in force: the marker's while one plays. */
  protected get settings(): SoundSettings {
    return this.isSilent ? this.#silentSettings : soundInternals(this).currentConfig;
  }

  /** Tells all levels, as Phaser's own sounds do whenever they start to sound. */
  protected announce(): void {
    for (const name of ANNOUNCED) this.emit(name, this, this.settings[name]);
  }

  /** While it plays, this and the points of the loop take effect at the next seam that is 1.5 s ahead or more. */
  get loop(): boolean {
    return this.settings.loop;
  }

  set loop(loop: boolean) {
    this.#set('loop', loop, () => this.controls?.setLoop());
  }

  setLoop(loop: boolean): this {
    if (!this.isSilent) this.loop = loop;
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
    this.#set('rate', rate, () => this.calculateRate());
  }

  setRate(rate: number): this {
    if (!this.isSilent) this.rate = rate;
    return this;
  }

  /** Cents, as Phaser's. */
  get detune(): number {
    return this.settings.detune;
  }

  set detune(cents: number) {
    this.#set('detune', cents, () => this.calculateRate());
  }

  setDetune(cents: number): this {
    if (!this.isSilent) this.detune = cents;
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
    if (!this.isSilent) this.volume = volume;
    return this;
  }

  /** Takes the volume to another within so many milliseconds of sound. */
  fade(to: number, ms: number): this {
    if (!this.isSilent) this.fader.fadeTo(to, ms);
    return this;
  }

  /** Plays `other` up to its volume, at equal power, while this sound goes silent; then this one stops. */
  crossFade(other: SoundProperties, ms: number): this {
    if (other.isPaused) other.resume();
    else if (!other.isPlaying) other.play();
    if (!this.isSilent) this.fader.crossFade(other.fader, ms);
    return this;
  }

  get mute(): boolean {
    return this.settings.mute;
  }

  set mute(mute: boolean) {
    this.#set('mute', mute, () => this.controls?.setMute(mute));
  }

  setMute(mute: boolean): this {
    if (!this.isSilent) this.mute = mute;
    return this;
  }

  /** −1 (left) to 1 (right). */
  get pan(): number {
    return this.pendingRemove ? 0 : this.settings.pan;
  }

  set pan(pan: number) {
    this.#set('pan', pan, () => this.controls?.setPan(pan));
  }

  setPan(pan: number): this {
    if (!this.isSilent) this.pan = pan;
    return this;
  }

  setSeek(seconds: number): this {
    this.seek = seconds;
    return this;
  }

  /** Place in space, in Phaser's own units; 0 where the sound is not routed. */
  get x(): number {
    return this.controls?.spatial(false)?.x ?? 0;
  }

  set x(x: number) {
    const spatial = this.controls?.spatial(true);
    if (spatial) spatial.x = x;
  }

  /** As `x`. */
  get y(): number {
    return this.controls?.spatial(false)?.y ?? 0;
  }

  set y(y: number) {
    const spatial = this.controls?.spatial(true);
    if (spatial) spatial.y = y;
  }

  /** Called by Phaser's HTML5 manager when its volume has changed, as its event tells, too. */
  updateVolume(): void {}

  /** Called by Phaser's HTML5 manager when its mute has changed, as its event tells, too. */
  updateMute(): void {}

  #setVolume(volume: number, isGliding: boolean): void {
    this.#set('volume', volume, () => {
      if (!isGliding) this.controls?.setVolume(volume);
    });
  }

  #set<Name extends (typeof ANNOUNCED)[number]>(name: Name, value: SoundSettings[Name], apply: () => void): void {
    this.settings[name] = value;
    if (this.isSilent) return;
    apply();
    this.emit(name, this, value);
  }
}
