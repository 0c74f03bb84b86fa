/** A streamed track as one of Phaser's sounds. */

import * as Phaser from 'phaser';
import type { SoundStats, StreamingState } from '../howler/contract.ts';
import { StreamingHowl } from '../howler/streaming-howl.ts';
import type { TimeRange } from '../playback/streaming-audio.ts';
import { soundInternals } from './internals.ts';
import { createOutput, type Output } from './output.ts';
import { type SoundControls, SoundProperties } from './sound-properties.ts';
import { phaserConfig, type StreamingSoundConfig } from './streaming-sound-config.ts';
import { StreamingSoundEvents } from './streaming-sound-events.ts';

const { Events } = Phaser.Sound;

/**
 * A sound that the scene's sound manager treats as its own, with the methods, properties, events and payloads of
 * Phaser's `WebAudioSound`. It starts opening its track when it is made. With the NoAudio manager it does nothing.
 */
export class StreamingSound extends SoundProperties {
  /** Fulfilled once the header is read; rejected where that fails. Never an unhandled rejection. */
  ready: Promise<void> = Promise.resolve();

  #howl: StreamingHowl | undefined;
  #output: Output | undefined;
  #error: unknown;
  #hasEnded = false;
  /** Seams heard that are still to be told. */
  #seams = 0;
  /** Until it is over, the sound can neither be paused nor moved, as Phaser's own. */
  #delay: ReturnType<typeof setTimeout> | undefined;

  /** Made by `StreamingAudioPlugin.add`, which also puts it on the manager's list. */
  constructor(
    manager: Phaser.Sound.BaseSoundManager,
    key: string,
    readonly url: string,
    private readonly options: StreamingSoundConfig = {},
  ) {
    super(manager, key, phaserConfig(options));
    if (!this.isSilent) this.#open();
  }

  /** Where the sound stands; `'stopped'` with the NoAudio manager. */
  get state(): StreamingState {
    return this.#howl?.state ?? (this.#error === undefined ? 'stopped' : 'failed');
  }

  /** What can be heard without reading anything, in seconds of the track. */
  get buffered(): TimeRange[] {
    return this.#howl?.buffered ?? [];
  }

  /** What is cached, in seconds of the track. */
  get cached(): TimeRange[] {
    return this.#howl?.cached ?? [];
  }

  /** What the sound has cost so far; undefined with the NoAudio manager. */
  get stats(): SoundStats | undefined {
    return this.#howl?.stats;
  }

  /** The last node before the manager's own, to put effects behind; null where the sound is not routed. */
  get output(): AudioNode | null {
    return this.#output?.node ?? null;
  }

  override play(markerName?: string | StreamingSoundConfig, config?: StreamingSoundConfig): boolean {
    if (this.isSilent || !super.play(markerName, config)) return false;
    if (this.state === 'failed') this.#open();
    this.#hasEnded = false;
    this.fader.finish();
    this.#setRegion();
    const { seek, delay, fadeIn = 0 } = this.settings;
    this.#howl?.seek(this.#start + seek);
    this.applyConfig();
    this.resetConfig();
    if (fadeIn > 0) this.fader.fadeIn(fadeIn);
    this.#endDelay();
    if (delay > 0) this.#playLater(delay);
    else this.#howl?.play();
    this.emit(Events.PLAY, this);
    return true;
  }

  override pause(): boolean {
    // One whose end was heard can only complete, in the next frame.
    if (this.#hasEnded || this.#delay !== undefined || !super.pause()) return false;
    this.#howl?.pause();
    this.emit(Events.PAUSE, this);
    return true;
  }

  override resume(): boolean {
    if (!super.resume()) return false;
    this.#howl?.play();
    this.announce();
    this.emit(Events.RESUME, this);
    return true;
  }

  override stop(): boolean {
    if (!super.stop()) return false;
    this.#hasEnded = false;
    this.#seams = 0;
    this.#endDelay();
    this.#howl?.stop();
    this.fader.finish();
    this.emit(Events.STOP, this);
    return true;
  }

  /** Called by the manager each frame: COMPLETE and LOOPED come from here, as with Phaser's own sounds. */
  override update(): void {
    this.#output?.look();
    if (this.isPlaying) this.controls.spatial(false)?.follow();
    while (this.#seams > 0) {
      this.#seams -= 1;
      this.emit(Events.LOOPED, this);
    }
    if (!this.#hasEnded) return;
    this.#hasEnded = false;
    super.stop();
    this.fader.finish();
    this.emit(Events.COMPLETE, this);
  }

  override destroy(): void {
    if (this.pendingRemove) return;
    this.#endDelay();
    this.fader.dispose();
    super.destroy();
    this.#close();
  }

  /** Seconds from the start of the marker, or of the track; what is wished while it is being reached. */
  override get seek(): number {
    if (this.#hasEnded) return this.duration; // until the next frame completes it
    return this.#howl && (this.isPlaying || this.isPaused) ? this.#howl.position - this.#start : 0;
  }

  override set seek(seconds: number) {
    if (this.#delay !== undefined || (!this.isPlaying && !this.isPaused)) return;
    const last = this.duration > 0 ? this.duration : Infinity;
    const target = Math.min(Math.max(0, seconds), last);
    this.#howl?.seek(this.#start + target);
    if (this.isPlaying) this.announce();
    this.emit(Events.SEEK, this, target);
  }

  /** Phaser's HTML5 manager asks a sound's elements for their duration when it is unlocked. */
  get tags(): readonly { readonly duration: number }[] {
    return [{ duration: this.#howl?.duration ?? 0 }];
  }

  /** Called by Phaser's HTML5 manager when the game loses the focus: counts as paused meanwhile, and says nothing. */
  onBlur(): void {
    this.#setBlurred(true);
  }

  /** Called by Phaser's HTML5 manager when the game has the focus again. */
  onFocus(): void {
    this.#setBlurred(false);
  }

  protected override readonly controls: SoundControls = {
    setVolume: (volume) => this.#output?.setVolume(volume),
    glide: (curve, seconds) => this.#output?.glide(curve, seconds),
    setMute: (mute) => this.#output?.setMute(mute),
    setPan: (pan) => this.#output?.setPan(pan),
    spatial: (isWanted) => this.#output?.spatial(isWanted),
    setLoop: () => this.#setRegion(),
    setRate: (rate) => {
      if (this.#howl) this.#howl.rate = rate;
    },
  };

  protected override get isHeard(): boolean {
    return this.state === 'playing' && (this.#output?.isAudible() ?? false);
  }

  /** Second of the track at which the marker begins. */
  get #start(): number {
    return this.currentMarker?.start ?? 0;
  }

  #open(): void {
    try {
      const output = (this.#output = createOutput(this.manager, {
        onChange: () => this.#howl?.settle(),
        onLost: (from) => this.#moveOn(from),
      }));
      // Levels and rate are the output's affair and come with `play`.
      const options = { ...this.options, volume: 1, mute: false, rate: 1, fadeIn: 0 };
      const howl = new StreamingHowl(this.url, options, output);
      output.join(howl);
      this.#howl = howl;
      this.ready = howl.ready;
      this.#listenTo(howl);
    } catch (error) {
      // What this browser cannot do at all is told like any other failure: by an event, after this call.
      this.ready = Promise.reject(error);
      this.ready.catch(() => undefined);
      queueMicrotask(() => this.#fail(error));
    }
  }

  #listenTo(howl: StreamingHowl): void {
    howl.on('response', (response) => this.emit(StreamingSoundEvents.RESPONSE, response, this));
    howl.on('ready', () => {
      this.#setDuration(howl.duration);
      this.offerMarkers(howl.markers);
      this.emit(StreamingSoundEvents.READY, this);
    });
    howl.on('markers', () => this.offerMarkers(howl.markers));
    howl.on('playing', () => this.emit(StreamingSoundEvents.PLAYING, this));
    howl.on('waiting', () => this.emit(StreamingSoundEvents.WAITING, this));
    howl.on('progress', () => {
      if (howl.duration !== this.totalDuration) this.#setDuration(howl.duration);
      this.emit(StreamingSoundEvents.PROGRESS, this);
    });
    howl.on('changed', () => this.emit(StreamingSoundEvents.CHANGED, this));
    howl.on('paused', () => this.pause());
    howl.on('resumed', () => this.resume());
    howl.on('error', (error) => this.#fail(error));
    howl.on('looped', () => {
      this.#seams += 1;
    });
    howl.on('end', () => {
      this.#hasEnded = true;
    });
  }

  /** A marker that was added before the length was known, and has none of its own, reaches to the end. */
  #setDuration(duration: number): void {
    const sound = soundInternals(this);
    sound.totalDuration = duration;
    for (const marker of Object.values(this.markers)) {
      if (marker && !(Number(marker.duration) > 0)) marker.duration = duration - (marker.start ?? 0);
    }
    sound.duration = this.currentMarker?.duration ?? duration;
  }

  #fail(error: unknown): void {
    if (this.pendingRemove) return;
    this.#error = error;
    this.#close();
    super.stop();
    this.emit(StreamingSoundEvents.ERROR, error, this);
  }

  #setBlurred(isBlurred: boolean): void {
    if (this.isPlaying || this.isPaused)
      Object.assign(soundInternals(this), { isPlaying: !isBlurred, isPaused: isBlurred });
    this.#output?.setBlurred(isBlurred);
    this.#howl?.settle();
  }

  /** Another element plays on: the one there was is cut off from the speakers. */
  #moveOn(from = this.#howl?.position ?? 0): void {
    this.#close();
    this.#open();
    this.#setRegion();
    this.#howl?.seek(from);
    this.applyLevels();
    if (this.isPlaying && this.#delay === undefined) this.#howl?.play();
  }

  #playLater(seconds: number): void {
    this.#howl?.pause();
    this.#delay = setTimeout(() => {
      this.#delay = undefined;
      this.#howl?.play();
    }, seconds * 1000);
  }

  #endDelay(): void {
    clearTimeout(this.#delay);
    this.#delay = undefined;
  }

  #close(): void {
    this.#howl?.dispose();
    this.#output?.dispose();
    this.#howl = undefined;
    this.#output = undefined;
  }

  /** A marker is a region of its own, and its lap; else the loop points of the configuration, or the WAV's, count. */
  #setRegion(): void {
    const { loop, loopStart, loopEnd } = this.settings;
    const marker = this.currentMarker;
    const end = marker && this.duration > 0 ? this.#start + this.duration : undefined;
    const lap = marker ? { loopStart: this.#start, loopEnd: end } : { loopStart, loopEnd };
    this.#howl?.setRegion({ end, loop, ...lap });
  }
}
