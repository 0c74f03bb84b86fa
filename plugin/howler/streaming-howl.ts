/** A remote track as one sound: what is wished of it, and the one place that brings Howl and element to that. */

import { ClosedError, PlaybackError } from '../errors.ts';
import { type PlayRegion, StreamingAudio, type TimeRange } from '../playback/streaming-audio.ts';
import type { SoundStats, StreamingHowlHost, StreamingHowlOptions, StreamingState } from './contract.ts';
import { watchElement } from './element-watch.ts';
import { onGestures } from './gestures.ts';
import { createElement, OwnedHowl } from './owned-howl.ts';
import { PageVisit } from './page-visit.ts';
import { Playhead } from './playhead.ts';
import { SoundEvents } from './sound-events.ts';

const ALWAYS_AUDIBLE: StreamingHowlHost = { isAudible: () => true };

/** A streaming sound. It starts opening when constructed, and may be told to play at once. */
export class StreamingHowl {
  /** Fulfilled once the header is read; rejected where that fails. Never an unhandled rejection. */
  readonly ready: Promise<void>;
  readonly element: HTMLAudioElement = createElement();

  readonly #audio: StreamingAudio;
  readonly #owned: OwnedHowl;
  readonly #events = new SoundEvents();
  readonly #unwatch: () => void;
  readonly #visit = new PageVisit(() => this.settle());
  readonly #playhead: Playhead;
  #announce: { resolve: () => void; reject: (error: unknown) => void } = { resolve: nothing, reject: nothing };
  #stopWaiting: () => void = nothing;

  #isOpen = false;
  #isDisposed = false;
  #hasFailed = false;
  #wantsPlay = false;
  /** Where the sound stands while it is not to play. */
  #rest: 'ready' | 'paused' | 'stopped' | 'complete' = 'ready';
  #isHeard = false;
  #levels: { volume: number; mute: boolean; rate: number };
  #region: PlayRegion;
  #requestedAt: number | undefined;
  #firstSoundAt: number | undefined;

  /**
   * @throws UnsupportedPlatformError (`unsupported-platform`)
   * @throws InvalidArgumentError (`invalid-argument`)
   */
  constructor(
    readonly url: string,
    options: StreamingHowlOptions = {},
    private readonly host: StreamingHowlHost = ALWAYS_AUDIBLE,
  ) {
    const { loop = false, loopStart, loopEnd, volume = 1, mute = false, rate = 1 } = options;
    this.#levels = { volume, mute, rate };
    this.#region = { end: undefined, loop, loopStart, loopEnd };
    this.ready = new Promise((resolve, reject) => {
      this.#announce = { resolve, reject };
    });
    this.ready.catch(nothing);
    this.#audio = new StreamingAudio(this.element, url, options, {
      onResponse: (response) => this.#events.emit('response', response),
      onObjectUrl: () => this.#owned.load(this.#audio.objectUrl),
      onReady: () => this.#onOpen(),
      onProgress: () => this.#onProgress(),
      onChanged: () => this.#events.emit('changed'),
      onError: (error) => this.#fail(error),
    });
    this.#playhead = new Playhead(this.#audio);
    this.#owned = new OwnedHowl(this.element, {
      onSettled: () => this.settle(),
      onRefused: () => this.#awaitGesture(),
    });
    if (this.#audio.objectUrl !== '') this.#owned.load(this.#audio.objectUrl);
    this.#unwatch = watchElement(this.element, {
      onPlayable: () => this.settle(),
      onPlayhead: () => this.#onPlayhead(),
      onHeard: () => this.#onHeard(),
      onSilent: () => this.#onSilent(),
      onPaused: () => this.#onPaused(),
      onEnded: () => this.#onEnded(),
      onBroken: (reason) => this.#fail(new PlaybackError(url, reason)),
    });
  }

  /** The Howl. Its own `seek()` and `duration()` are the element's, not the track's. */
  get howl(): OwnedHowl['howl'] {
    return this.#owned.howl;
  }

  get state(): StreamingState {
    if (this.#hasFailed) return 'failed';
    if (!this.#isOpen) return 'opening';
    if (!this.#wantsPlay) return this.#rest;
    return this.#isHeard ? 'playing' : 'waiting';
  }

  /** Second of the track being heard; while a seek is under way, its target. */
  get position(): number {
    return this.#playhead.position;
  }

  /** Seconds; 0 until `ready`, `Infinity` where only the end of the file will tell. */
  get duration(): number {
    return this.#audio.duration;
  }

  /** What can be heard without reading anything, in seconds of the track. */
  get buffered(): TimeRange[] {
    return this.#audio.buffered;
  }

  /** What is cached, in seconds of the track. */
  get cached(): TimeRange[] {
    return this.#audio.cached;
  }

  get stats(): SoundStats {
    return { ...this.#audio.stats, requestedAt: this.#requestedAt, firstSoundAt: this.#firstSoundAt };
  }

  /** Plays from where the sound stands; after `stop` or its end, from the start. */
  play(): void {
    if (this.#wantsPlay) return;
    this.#requestedAt ??= performance.now();
    this.#wantsPlay = true;
    this.settle();
  }

  /** Holds the sound where it is. */
  pause(): void {
    if (this.#wantsPlay) this.#restAs('paused');
  }

  /** Ends the sound; the next `play` begins at the start. */
  stop(): void {
    this.#restAs('stopped');
    this.#playhead.goTo(0);
  }

  /** Moves to a second of the track; outside it, to its first or last frame. */
  seek(seconds: number): void {
    this.#playhead.goTo(Math.max(0, seconds));
    this.settle();
  }

  get loop(): boolean {
    return this.#region.loop;
  }

  /** Takes effect behind what is buffered already. */
  set loop(loop: boolean) {
    this.setRegion({ ...this.#region, loop });
  }

  /** Plays another part of the track: from the next `seek` on, or behind what is buffered. */
  setRegion(region: PlayRegion): void {
    this.#region = region;
    this.#audio.setRegion(region);
  }

  /** 0 to 1. */
  get volume(): number {
    return this.#levels.volume;
  }

  set volume(volume: number) {
    this.#setLevels({ volume });
  }

  get mute(): boolean {
    return this.#levels.mute;
  }

  set mute(mute: boolean) {
    this.#setLevels({ mute });
  }

  /** Speed and pitch; what the element gets is clamped to 0.0625 to 16. */
  get rate(): number {
    return this.#levels.rate;
  }

  set rate(rate: number) {
    this.#setLevels({ rate });
  }

  /** Listens to one of `StreamingHowlEvents`. */
  readonly on: SoundEvents['on'] = (name, listener) => this.#events.on(name, listener);

  readonly off: SoundEvents['off'] = (name, listener) => this.#events.off(name, listener);

  /** Brings Howl and element to what is wished, as far as they allow now. Cheap, and never wrong to call. */
  settle(): void {
    if (!this.#isOpen || this.#isDisposed) return;
    const staysPut = !this.#wantsPlay && (this.#rest === 'stopped' || this.#rest === 'complete');
    if (!staysPut) this.#playhead.place();
    this.#owned.setLevels(this.#levels.volume, this.#levels.mute);
    if (!this.#wantsPlay || this.#visit.isLeft || !this.host.isAudible()) this.#owned.pause();
    else if (!this.#audio.isMoving) this.#owned.start();
    this.#owned.setRate(this.#levels.rate);
  }

  /** Ends everything: requests, timers, listeners, the Howl and its object URL. Idempotent. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#announce.reject(new ClosedError(this.url));
    this.#release();
    this.#events.clear();
  }

  /** Once, and again where the file has changed. */
  #onOpen(): void {
    if (!this.#isOpen) {
      this.#isOpen = true;
      this.#audio.setRegion(this.#region);
      this.#announce.resolve();
      this.#events.emit('ready');
    }
    this.settle();
  }

  /** The element need not say that it can play when what it could play was exchanged. */
  #onProgress(): void {
    this.#events.emit('progress');
    this.settle();
  }

  #fail(error: unknown): void {
    if (this.#isDisposed) return;
    this.#hasFailed = true;
    this.#wantsPlay = false;
    this.#release();
    this.#announce.reject(error);
    this.#events.emit('error', error);
  }

  #release(): void {
    this.#isDisposed = true;
    this.#unwatch();
    this.#visit.dispose();
    this.#stopWaiting();
    this.#owned.dispose();
    this.#audio.dispose();
  }

  #restAs(rest: 'paused' | 'stopped' | 'complete'): void {
    this.#wantsPlay = false;
    this.#rest = rest;
    this.#isHeard = false;
    this.#stopWaiting();
    this.settle();
  }

  #setLevels(levels: { volume?: number; mute?: boolean; rate?: number }): void {
    this.#levels = { ...this.#levels, ...levels };
    this.settle();
  }

  #onPlayhead(): void {
    if (this.#playhead.look(!this.element.paused)) this.#events.emit('looped');
    this.settle();
  }

  #onHeard(): void {
    if (!this.#wantsPlay || this.#isHeard) return;
    this.#isHeard = true;
    this.#firstSoundAt ??= performance.now();
    this.#events.emit('playing');
  }

  #onSilent(): void {
    if (!this.#isHeard) return;
    this.#isHeard = false;
    if (this.#wantsPlay) this.#events.emit('waiting');
  }

  #onPaused(): void {
    if (!this.#owned.isPausedByOthers) return;
    this.#playhead.stay(); // Howler's stop moves the element as well, to where nothing may be
    this.#restAs('paused');
    this.#events.emit('paused');
  }

  #onEnded(): void {
    if (!this.#wantsPlay) return;
    this.#restAs('complete');
    this.#playhead.goTo(0);
    this.#events.emit('end');
  }

  /** The page may not play sound yet: try again at each gesture until it may. */
  #awaitGesture(): void {
    this.#stopWaiting();
    this.#stopWaiting = onGestures(() => this.settle());
    this.element.addEventListener('playing', this.#stopWaiting, { once: true });
  }
}

function nothing(): void {}
