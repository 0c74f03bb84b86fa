/** Where an element's sound goes: into the graph of Phaser's sound manager, or straight out. */

import * as Phaser from 'phaser';
import type { StreamingHowlHost } from '../howler/contract.ts';
import type { FadeCurve } from '../howler/fade-curve.ts';
import type { Glide } from '../howler/fader.ts';
import type { StreamingHowl } from '../howler/streaming-howl.ts';
import { markUnrouted, routesMedia } from './internals.ts';
import { OutputProbe } from './output-probe.ts';
import { giveBackElement, type RoutedElement, takeElement } from './routed-elements.ts';
import { SpatialPanner } from './spatial-panner.ts';

/** What a sound does with its output, whichever it is. It plays on the output's element, where that has one. */
export interface Output extends StreamingHowlHost {
  /** The last node before the manager's own; null where the element is not routed. */
  readonly node: AudioNode | null;
  /** Tells what plays into it: once, before anything else. */
  join(howl: StreamingHowl): void;
  setVolume(volume: number): void;
  /** Sends the volume along `curve` for so many seconds; undefined where it must be set step by step. */
  glide(curve: FadeCurve, seconds: number): Glide | undefined;
  setMute(mute: boolean): void;
  /** @param pan −1 (left) to 1 (right) */
  setPan(pan: number): void;
  /** Its place in space, once `isWanted` has been asked for; undefined where the element is not routed. */
  spatial(isWanted: boolean): SpatialPanner | undefined;
  /** @param isBlurred whether the game has lost the focus and pauses its sounds for it */
  setBlurred(isBlurred: boolean): void;
  /** Looks whether sound still arrives: to be called each frame. */
  look(): void;
  /** To be called when what plays into it is disposed. */
  dispose(): void;
}

/** Told of what happens to an output. */
export interface OutputListener {
  /** `isAudible` may have changed. */
  readonly onChange: () => void;
  /**
   * The element is cut off for good, and another is needed: its graph is gone, or takes nothing from it.
   *
   * @param from second of the track from which nothing was heard; undefined where all was, up to now
   */
  onLost(from?: number): void;
}

const { Events } = Phaser.Sound;

/** Line segments that a glide is made of. */
const GLIDE_STEPS = 32;

/** Seconds until a glide begins: the audio thread is to know all of it by then, lest it leap to where it should be. */
const GLIDE_LEAD = 0.02;

/** The output that fits the manager, and reaches the speakers as far as is known. */
export function createOutput(manager: Phaser.Sound.BaseSoundManager, listener: OutputListener): Output {
  return hasContext(manager) && routesMedia(manager.context)
    ? new RoutedOutput(manager, listener)
    : new DirectOutput(manager, listener);
}

/** Through Web Audio: element, place in space and panner (once asked for), mute, volume, manager. */
class RoutedOutput implements Output {
  readonly #context: AudioContext;
  readonly #routed: RoutedElement;
  readonly #muteNode: GainNode;
  readonly #volumeNode: GainNode;
  #probe: OutputProbe | undefined;
  #spatial: SpatialPanner | undefined;
  #panner: StereoPannerNode | undefined;

  constructor(
    private readonly manager: Phaser.Sound.WebAudioSoundManager,
    private readonly listener: OutputListener,
  ) {
    const { context } = manager;
    this.#context = context;
    this.#routed = takeElement(context);
    this.#muteNode = context.createGain();
    this.#volumeNode = context.createGain();
    this.#source.connect(this.#muteNode).connect(this.#volumeNode).connect(manager.destination);
    context.addEventListener('statechange', listener.onChange);
  }

  get element(): HTMLAudioElement {
    return this.#routed.element;
  }

  join(howl: StreamingHowl): void {
    this.#probe = new OutputProbe(this.#source, howl, (start) => {
      markUnrouted(this.#context);
      this.listener.onLost(start);
    });
  }

  get node(): AudioNode {
    return this.#volumeNode;
  }

  /** An element that ran on while its context stands still would play to nobody. */
  isAudible(): boolean {
    return this.#context.state === 'running';
  }

  setVolume(volume: number): void {
    const { gain } = this.#volumeNode;
    gain.cancelScheduledValues(0);
    gain.setValueAtTime(volume, 0);
  }

  glide(curve: FadeCurve, seconds: number): Glide {
    const { gain } = this.#volumeNode;
    const context = this.#context;
    const start = context.currentTime + GLIDE_LEAD;
    this.setVolume(curve(0));
    gain.setValueAtTime(curve(0), start);
    for (let i = 1; i <= GLIDE_STEPS; i++) {
      const share = i / GLIDE_STEPS;
      gain.linearRampToValueAtTime(curve(share), start + share * seconds);
    }
    return () => Math.max(0, context.currentTime - start);
  }

  setMute(mute: boolean): void {
    this.#muteNode.gain.setValueAtTime(mute ? 0 : 1, 0);
  }

  /** The panner comes in with the first pan: a centred one would take 3 dB from a mono track. */
  setPan(pan: number): void {
    if (!this.#panner && pan === 0) return;
    if (!this.#panner) {
      this.#panner = this.#context.createStereoPanner();
      const last = this.#spatial?.node ?? this.#source;
      last.disconnect(this.#muteNode);
      last.connect(this.#panner).connect(this.#muteNode);
    }
    this.#panner.pan.setValueAtTime(pan, this.#context.currentTime);
  }

  spatial(isWanted: boolean): SpatialPanner | undefined {
    if (!this.#spatial && isWanted) {
      this.#spatial = new SpatialPanner(this.#context);
      const next = this.#panner ?? this.#muteNode;
      this.#source.disconnect(next);
      this.#source.connect(this.#spatial.node).connect(next);
    }
    return this.#spatial;
  }

  /** The manager suspends its context instead. */
  setBlurred(): void {}

  look(): void {
    if (this.manager.context === this.#context) this.#probe?.look();
    else this.listener.onLost();
  }

  dispose(): void {
    this.#probe?.dispose();
    this.#context.removeEventListener('statechange', this.listener.onChange);
    const panners = [this.#spatial?.node, this.#panner];
    for (const node of [this.#source, ...panners, this.#muteNode, this.#volumeNode]) node?.disconnect();
    giveBackElement(this.#context, this.#routed);
  }

  get #source(): AudioNode {
    return this.#routed.source;
  }
}

/** Straight from the element, as Phaser's HTML5 audio: its own volume and mute, times the manager's. */
class DirectOutput implements Output {
  readonly node = null;
  #howl: StreamingHowl | undefined;
  #isBlurred = false;
  #own = { volume: 1, mute: false };
  /** The manager's levels, by its events: a gain node tells its own only later. */
  #global: { volume: number; mute: boolean };

  constructor(
    private readonly manager: Phaser.Sound.BaseSoundManager,
    private readonly listener: OutputListener,
  ) {
    this.#global = { volume: manager.volume, mute: manager.mute };
    manager.on(Events.GLOBAL_VOLUME, this.#onVolume);
    manager.on(Events.GLOBAL_MUTE, this.#onMute);
    if (hasContext(manager)) manager.context.addEventListener('statechange', listener.onChange);
  }

  join(howl: StreamingHowl): void {
    this.#howl = howl;
  }

  readonly #onVolume = (_: unknown, volume: number): void => {
    this.#global.volume = volume;
    this.#settle();
  };

  readonly #onMute = (_: unknown, mute: boolean): void => {
    this.#global.mute = mute;
    this.#settle();
  };

  /** A Web Audio manager suspends its context where the other calls `onBlur`. */
  isAudible(): boolean {
    return !this.#isBlurred && !(hasContext(this.manager) && this.manager.context.state !== 'running');
  }

  setVolume(volume: number): void {
    this.#own.volume = volume;
    this.#settle();
  }

  glide(): undefined {}

  setMute(mute: boolean): void {
    this.#own.mute = mute;
    this.#settle();
  }

  setPan(): void {}

  spatial(): undefined {}

  setBlurred(isBlurred: boolean): void {
    this.#isBlurred = isBlurred;
  }

  look(): void {}

  dispose(): void {
    const { manager, listener } = this;
    manager.off(Events.GLOBAL_VOLUME, this.#onVolume);
    manager.off(Events.GLOBAL_MUTE, this.#onMute);
    if (hasContext(manager)) manager.context.removeEventListener('statechange', listener.onChange);
  }

  #settle(): void {
    if (!this.#howl) return;
    this.#howl.volume = this.#own.volume * this.#global.volume;
    this.#howl.mute = this.#own.mute || this.#global.mute;
  }
}

function hasContext(manager: Phaser.Sound.BaseSoundManager): manager is Phaser.Sound.WebAudioSoundManager {
  return manager instanceof Phaser.Sound.WebAudioSoundManager;
}

/** Whether a manager plays nothing at all, by the game's configuration or for want of a device. */
export function isSilent(manager: Phaser.Sound.BaseSoundManager): boolean {
  return manager instanceof Phaser.Sound.NoAudioSoundManager;
}
