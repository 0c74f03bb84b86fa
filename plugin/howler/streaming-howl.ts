/** A remote track as one sound. */

import type { PlayRegion, TimeRange, TrackMarker } from '../playback/streaming-audio.ts';
import type { SoundStats, StreamingHowlHost, StreamingHowlOptions, StreamingState } from './contract.ts';
import { Fader } from './fader.ts';
import { createElement, type OwnedHowl } from './owned-howl.ts';
import { Reconciler } from './reconciler.ts';
import { SoundEvents } from './sound-events.ts';

const ALWAYS_AUDIBLE: StreamingHowlHost = { isAudible: () => true };

/** A streaming sound. It starts opening when constructed, and may be told to play at once. */
export class StreamingHowl {
  /** Fulfilled once the header is read; rejected where that fails. Never an unhandled rejection. */
  readonly ready: Promise<void>;
  readonly element: HTMLAudioElement;

  readonly #events = new SoundEvents();
  readonly #sound: Reconciler;
  readonly #fadeInMs: number;
  readonly #fader = new Fader({
    isHeard: () => this.#sound.isHeard,
    onceHeard: (listener) => this.#events.once('playing', listener),
    getVolume: () => this.volume,
    setVolume: (volume) => this.#sound.setLevels({ volume }),
    stop: () => this.stop(),
  });

  /**
   * @throws UnsupportedPlatformError (`unsupported-platform`)
   * @throws InvalidArgumentError (`invalid-argument`)
   */
  constructor(
    readonly url: string,
    options: StreamingHowlOptions = {},
    host: StreamingHowlHost = ALWAYS_AUDIBLE,
  ) {
    this.element = host.element ?? createElement();
    this.#fadeInMs = options.fadeIn ?? 0;
    this.#sound = new Reconciler(url, this.element, options, host, this.#events);
    this.ready = this.#sound.ready;
    this.#events.on('end', () => this.#fader.finish());
  }

  /** The Howl. Its own `seek()` and `duration()` are the element's, not the track's. */
  get howl(): OwnedHowl['howl'] {
    return this.#sound.owned.howl;
  }

  get state(): StreamingState {
    return this.#sound.state;
  }

  /** Second of the track being heard; while a seek is under way, its target. */
  get position(): number {
    return this.#sound.position;
  }

  /** Seconds; 0 until `ready`, `Infinity` where only the end of the file will tell. */
  get duration(): number {
    return this.#sound.audio.duration;
  }

  /** What can be heard without reading anything, in seconds of the track. */
  get buffered(): TimeRange[] {
    return this.#sound.audio.buffered;
  }

  /** What is cached, in seconds of the track. */
  get cached(): TimeRange[] {
    return this.#sound.audio.cached;
  }

  /** What the file marks (`cue `), as far as that is known, in the order of the track. */
  get markers(): TrackMarker[] {
    return this.#sound.audio.markers;
  }

  get stats(): SoundStats {
    const { audio, requestedAt, firstSoundAt } = this.#sound;
    return { ...audio.stats, requestedAt, firstSoundAt, waitsFor: audio.gate?.waitsFor ?? 0 };
  }

  /** Plays from where the sound stands; after `stop` or its end, from the start. */
  play(): void {
    if (this.#sound.wantsPlay) return;
    if (this.#fadeInMs > 0 && this.state !== 'paused') this.#fader.fadeIn(this.#fadeInMs);
    this.#sound.play();
  }

  /** Holds the sound where it is. */
  pause(): void {
    this.#sound.pause();
  }

  /** Ends the sound; the next `play` begins at the start. */
  stop(): void {
    this.#sound.stop();
    this.#fader.finish();
  }

  /** Moves to a second of the track; outside it, to its first or last frame. */
  seek(seconds: number): void {
    this.#sound.seek(seconds);
  }

  get loop(): boolean {
    return this.#sound.region.loop;
  }

  /** While it plays, this and the points of the loop take effect at the next seam that is 1.5 s ahead or more. */
  set loop(loop: boolean) {
    this.setRegion({ ...this.#sound.region, loop });
  }

  /** Second at which a lap begins; undefined: the WAV's own, else 0. */
  get loopStart(): number | undefined {
    return this.#sound.region.loopStart;
  }

  set loopStart(loopStart: number | undefined) {
    this.setRegion({ ...this.#sound.region, loopStart });
  }

  /** Second at which a lap ends, exclusive; undefined: the WAV's own, else the end of the track. */
  get loopEnd(): number | undefined {
    return this.#sound.region.loopEnd;
  }

  set loopEnd(loopEnd: number | undefined) {
    this.setRegion({ ...this.#sound.region, loopEnd });
  }

  /** Plays another part of the track: from the next `seek` on, or as a change of `loop`. */
  setRegion(region: PlayRegion): void {
    this.#sound.setRegion(region);
  }

  /** 0 to 1. */
  get volume(): number {
    return this.#sound.levels.volume;
  }

  /** Ends a fade under way. */
  set volume(volume: number) {
    this.#fader.cancel();
    this.#sound.setLevels({ volume });
  }

  /** Takes the volume to another within so many milliseconds of sound. */
  fade(to: number, ms: number): void {
    this.#fader.fadeTo(to, ms);
  }

  /** Plays `other` up to its volume, at equal power, while this sound goes silent; then this one stops. */
  crossFade(other: StreamingHowl, ms: number): void {
    other.play();
    this.#fader.crossFade(other.#fader, ms);
  }

  get mute(): boolean {
    return this.#sound.levels.mute;
  }

  set mute(mute: boolean) {
    this.#sound.setLevels({ mute });
  }

  /** Speed and pitch; what the element gets is clamped to 0.0625 to 16. */
  get rate(): number {
    return this.#sound.levels.rate;
  }

  set rate(rate: number) {
    this.#sound.setLevels({ rate });
  }

  /** Whether the track itself is to be heard somewhere between two of its seconds. */
  hasSound(start: number, end: number): Promise<boolean> {
    return this.#sound.audio.hasSound(start, end);
  }

  /** Listens to one of `StreamingHowlEvents`. */
  readonly on: SoundEvents['on'] = (name, listener) => this.#events.on(name, listener);

  readonly off: SoundEvents['off'] = (name, listener) => this.#events.off(name, listener);

  /** Brings Howl and element to what is wished, as far as they allow now. Cheap, and never wrong to call. */
  settle(): void {
    this.#sound.settle();
  }

  /** Ends everything: requests, timers, listeners, the Howl and its object URL. Idempotent. */
  dispose(): void {
    this.#fader.dispose();
    this.#sound.dispose();
  }
}
