/** Where an element's sound goes: into the graph of Phaser's sound manager, or straight out. */

import * as Phaser from 'phaser';
import type { StreamingHowl } from '../howler/streaming-howl.ts';
import { SpatialPanner } from './spatial-panner.ts';

/** What a sound does with its output, whichever it is. */
export interface Output {
  /** The last node before the manager's own; null where the element is not routed. */
  readonly node: AudioNode | null;
  /** Whether sound that the element plays now can be heard. */
  isAudible(): boolean;
  setVolume(volume: number): void;
  setMute(mute: boolean): void;
  /** @param pan −1 (left) to 1 (right) */
  setPan(pan: number): void;
  /** Its place in space, once `isWanted` has been asked for; undefined where the element is not routed. */
  spatial(isWanted: boolean): SpatialPanner | undefined;
  /** @param isBlurred whether the game has lost the focus and pauses its sounds for it */
  setBlurred(isBlurred: boolean): void;
  dispose(): void;
}

/** The output that fits the manager. `onChange` is called when `isAudible` may have changed. */
export function createOutput(
  manager: Phaser.Sound.BaseSoundManager,
  howl: StreamingHowl,
  onChange: () => void,
): Output {
  return manager instanceof Phaser.Sound.WebAudioSoundManager
    ? new RoutedOutput(manager, howl.element, onChange)
    : new DirectOutput(manager, howl);
}

/** Through Web Audio: element, place in space and panner (once asked for), mute, volume, manager. */
class RoutedOutput implements Output {
  readonly #context: AudioContext;
  readonly #source: MediaElementAudioSourceNode;
  readonly #muteNode: GainNode;
  readonly #volumeNode: GainNode;
  readonly #onStateChange: () => void;
  #spatial: SpatialPanner | undefined;
  #panner: StereoPannerNode | undefined;

  constructor(manager: Phaser.Sound.WebAudioSoundManager, element: HTMLMediaElement, onChange: () => void) {
    this.#context = manager.context;
    this.#source = this.#context.createMediaElementSource(element);
    this.#muteNode = this.#context.createGain();
    this.#volumeNode = this.#context.createGain();
    this.#muteNode.connect(this.#volumeNode).connect(manager.destination);
    this.#connectSource();
    this.#onStateChange = onChange;
    this.#context.addEventListener('statechange', onChange);
  }

  get node(): AudioNode {
    return this.#volumeNode;
  }

  /** An element that ran on while its context stands still would play to nobody. */
  isAudible(): boolean {
    return this.#context.state === 'running';
  }

  setVolume(volume: number): void {
    this.#volumeNode.gain.setValueAtTime(volume, 0);
  }

  setMute(mute: boolean): void {
    this.#muteNode.gain.setValueAtTime(mute ? 0 : 1, 0);
  }

  /** The panner comes in with the first pan: a centred one would take 3 dB from a mono track. */
  setPan(pan: number): void {
    if (!this.#panner && pan === 0) return;
    if (!this.#panner) {
      this.#panner = this.#context.createStereoPanner();
      this.#connectSource();
    }
    this.#panner.pan.setValueAtTime(pan, this.#context.currentTime);
  }

  spatial(isWanted: boolean): SpatialPanner | undefined {
    if (!this.#spatial && isWanted) {
      this.#spatial = new SpatialPanner(this.#context);
      this.#connectSource();
    }
    return this.#spatial;
  }

  /** The manager suspends its context instead. */
  setBlurred(): void {}

  dispose(): void {
    this.#context.removeEventListener('statechange', this.#onStateChange);
    for (const node of [...this.#panners, this.#source, this.#muteNode, this.#volumeNode]) node.disconnect();
  }

  get #panners(): AudioNode[] {
    return [this.#spatial?.node, this.#panner].filter((node) => node !== undefined);
  }

  /** Through the panners that there are now. */
  #connectSource(): void {
    let last: AudioNode = this.#source;
    for (const node of [...this.#panners, this.#muteNode]) {
      last.disconnect();
      last = last.connect(node);
    }
  }
}

/** Straight from the element, as Phaser's HTML5 audio: its own volume and mute, times the manager's. */
class DirectOutput implements Output {
  readonly node = null;
  #isBlurred = false;

  constructor(
    private readonly manager: Phaser.Sound.BaseSoundManager,
    private readonly howl: StreamingHowl,
  ) {}

  isAudible(): boolean {
    return !this.#isBlurred;
  }

  setVolume(volume: number): void {
    this.howl.volume = volume * this.manager.volume;
  }

  setMute(mute: boolean): void {
    this.howl.mute = mute || this.manager.mute;
  }

  setPan(): void {}

  spatial(): undefined {}

  setBlurred(isBlurred: boolean): void {
    this.#isBlurred = isBlurred;
  }

  dispose(): void {}
}

/** Whether a manager plays nothing at all, by the game's configuration or for want of a device. */
export function isSilent(manager: Phaser.Sound.BaseSoundManager): boolean {
  return manager instanceof Phaser.Sound.NoAudioSoundManager;
}
