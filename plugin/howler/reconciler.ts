/** What is wished of a sound, and the one place that brings Howl and element to that. */

import { ClosedError, PlaybackError } from '../errors.ts';
import { type PlayRegion, StreamingAudio } from '../playback/streaming-audio.ts';
import type { StreamingHowlHost, StreamingHowlOptions, StreamingState } from './contract.ts';
import { watchElement } from './element-watch.ts';
import { OwnedHowl } from './owned-howl.ts';
import { PageVisit } from './page-visit.ts';
import { Playhead } from './playhead.ts';
import type { SoundEvents } from './sound-events.ts';

/** How loud and how fast a sound is to be. */
export interface SoundLevels {
  /** 0 to 1. */
  readonly volume: number;
  readonly mute: boolean;
  readonly rate: number;
}

/** Plays a track on an element as it is wished, as far as network, browser and host allow, and tells what it does. */
export class Reconciler {
  /** Fulfilled once the header is read; rejected where that fails. Never an unhandled rejection. */
  readonly ready: Promise<void>;
  readonly audio: StreamingAudio;
  readonly owned: OwnedHowl;

  readonly #unwatch: () => void;
  readonly #visit = new PageVisit(() => this.settle());
  readonly #playhead: Playhead;
  #announce: { resolve: () => void; reject: (error: unknown) => void } = { resolve: nothing, reject: nothing };

  #isOpen = false;
  #isDisposed = false;
  #hasFailed = false;
  #wantsPlay = false;
  /** Where the sound stands while it is not to play. */
  #rest: 'ready' | 'paused' | 'stopped' | 'complete' = 'ready';
  #isHeard = false;
  /** Whether 'waiting' was the last that was told. */
  #saysWaiting = false;
  #levels: SoundLevels;
  #region: PlayRegion;
  #requestedAt: number | undefined;
  #firstSoundAt: number | undefined;

  /** @throws as `StreamingAudio` */
  constructor(
    private readonly url: string,
    private readonly element: HTMLAudioElement,
    options: StreamingHowlOptions,
    private readonly host: StreamingHowlHost,
    private readonly events: SoundEvents,
  ) {
    const { loop = false, loopStart, loopEnd, volume = 1, mute = false, rate = 1 } = options;
    this.#levels = { volume, mute, rate };
    this.#region = { end: undefined, loop, loopStart, loopEnd };
    this.ready = new Promise((resolve, reject) => {
      this.#announce = { resolve, reject };
    });
    this.ready.catch(nothing);
    this.audio = new StreamingAudio(this.element, url, options, {
      onResponse: (response) => this.events.emit('response', response),
      onObjectUrl: () => this.owned.load(this.audio.objectUrl),
      onReady: () => this.#onOpen(),
      onMarkers: () => this.events.emit('markers'),
      onProgress: () => this.#onProgress(),
      onChanged: () => this.events.emit('changed'),
      onError: (error) => this.#fail(error),
    });
    this.#playhead = new Playhead(this.audio);
    this.owned = new OwnedHowl(this.element, () => this.settle());
    if (this.audio.objectUrl !== '') this.owned.load(this.audio.objectUrl);
    this.#unwatch = watchElement(this.element, {
      onPlayable: () => this.settle(),
      onPlayhead: () => this.#onPlayhead(),
      onHeard: () => this.#onHeard(),
      onSilent: () => this.#onSilent(),
      onPaused: () => this.#onPaused(),
      onPlayed: () => this.#onPlayed(),
      onEnded: () => this.#onEnded(),
      onBroken: (reason) => this.#fail(new PlaybackError(url, reason)),
    });
  }

  get state(): StreamingState {
    if (this.#hasFailed) return 'failed';
    if (!this.#isOpen) return 'opening';
    if (!this.#wantsPlay) return this.#rest;
    return this.#isHeard ? 'playing' : 'waiting';
  }

  get wantsPlay(): boolean {
    return this.#wantsPlay;
  }

  /** Whether sound comes out of it now. */
  get isHeard(): boolean {
    return this.#isHeard && this.#wantsPlay && this.host.isAudible();
  }

  /** Second of the track being heard; while a seek is under way, its target. */
  get position(): number {
    return this.#playhead.position;
  }

  /** When it was first asked to play, as `performance.now()`; undefined before. */
  get requestedAt(): number | undefined {
    return this.#requestedAt;
  }

  /** When its first sample was heard, likewise. */
  get firstSoundAt(): number | undefined {
    return this.#firstSoundAt;
  }

  /** Plays from where the sound stands; after `stop` or its end, from the start. */
  play(): void {
    if (this.#wantsPlay) return;
    this.#requestedAt ??= performance.now();
    this.#wantsPlay = true;
    queueMicrotask(() => this.settle()); // after what else is wished now: of a place that is left nothing must be heard
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

  get region(): PlayRegion {
    return this.#region;
  }

  /** Plays another part of the track: from the next `seek` on, or as a change of `loop`. */
  setRegion(region: PlayRegion): void {
    this.#region = region;
    this.audio.setRegion(region);
  }

  get levels(): SoundLevels {
    return this.#levels;
  }

  setLevels(levels: Partial<SoundLevels>): void {
    this.#levels = { ...this.#levels, ...levels };
    this.settle();
  }

  /** Brings Howl and element to what is wished, as far as they allow now. Cheap, and never wrong to call. */
  settle(): void {
    if (!this.#isOpen || this.#isDisposed) return;
    const staysPut = !this.#wantsPlay && (this.#rest === 'stopped' || this.#rest === 'complete');
    if (!staysPut) this.#playhead.place();
    this.owned.setLevels(this.#levels.volume, this.#levels.mute);
    const isDue = this.#wantsPlay && !this.#visit.isLeft && this.host.isAudible();
    const mustWait = this.audio.gate?.mustWait(isDue) ?? false;
    if (!isDue || mustWait) this.owned.pause();
    else if (!this.audio.isMoving) this.owned.start();
    this.owned.setRate(this.#levels.rate);
    if (mustWait) this.#fallSilent();
  }

  /** Ends everything: requests, timers, listeners, the Howl and its object URL. Idempotent. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#announce.reject(new ClosedError(this.url));
    this.#release();
    this.events.clear();
  }

  /** Once, and again where the file has changed. */
  #onOpen(): void {
    if (!this.#isOpen) {
      this.#isOpen = true;
      this.audio.setRegion(this.#region);
      this.#announce.resolve();
      this.events.emit('ready');
    }
    this.settle();
  }

  /** The element need not say that it can play when what it could play was exchanged. */
  #onProgress(): void {
    this.events.emit('progress');
    this.settle();
  }

  #fail(error: unknown): void {
    if (this.#isDisposed) return;
    this.#hasFailed = true;
    this.#wantsPlay = false;
    this.#release();
    this.#announce.reject(error);
    this.events.emit('error', error);
  }

  #release(): void {
    this.#isDisposed = true;
    this.#unwatch();
    this.#visit.dispose();
    this.owned.dispose();
    this.audio.dispose();
  }

  #restAs(rest: 'paused' | 'stopped' | 'complete'): void {
    this.#wantsPlay = false;
    this.#rest = rest;
    this.#isHeard = false;
    this.#saysWaiting = false;
    this.settle();
  }

  #onPlayhead(): void {
    const seams = this.#playhead.look(!this.element.paused);
    for (let i = 0; i < seams; i++) this.events.emit('looped');
    this.settle();
  }

  #onHeard(): void {
    if (!this.#wantsPlay || this.#isHeard) return;
    this.#isHeard = true;
    this.#saysWaiting = false;
    this.audio.gate?.open();
    this.#firstSoundAt ??= performance.now();
    this.events.emit('playing');
  }

  #onSilent(): void {
    if (!this.#isHeard) return;
    this.audio.gate?.close();
    this.#fallSilent();
    this.settle();
  }

  #fallSilent(): void {
    this.#isHeard = false;
    if (this.#saysWaiting || !this.#wantsPlay) return;
    this.#saysWaiting = true;
    this.events.emit('waiting');
  }

  #onPaused(): void {
    if (!this.owned.isPausedByOthers) return;
    this.#playhead.stay(); // Howler's stop moves the element as well, to where nothing may be
    this.#restAs('paused');
    this.events.emit('paused');
  }

  #onPlayed(): void {
    if (this.#rest !== 'paused' || !this.owned.isPlayedByOthers) return this.settle();
    this.play();
    this.events.emit('resumed');
  }

  #onEnded(): void {
    if (!this.#wantsPlay) return;
    this.#restAs('complete');
    this.#playhead.goTo(0);
    this.events.emit('end');
  }
}

function nothing(): void {}
