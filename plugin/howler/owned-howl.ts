/** A Howl with one sound, on an element that we own, and the care that Howler's html5 mode needs. DOOR `howler`. */

import { Howl, Howler } from 'howler';
import { isDry } from './dry-watch.ts';
import { onGestures } from './gestures.ts';

/* eslint-disable no-underscore-dangle -- Howler names its own so. */

/** What Howler 2.2 keeps to itself and an owner of the element must reach. */
interface HowlerInternals {
  readonly _html5AudioPool: HTMLAudioElement[];
}
interface HowlInternals {
  _src: string | readonly string[];
  _preload: boolean;
  readonly _sounds: readonly { readonly _id: number; _seek: number }[];
  _clearTimer(id: number): void;
}

/** What a Howl is made with, until its object URL is known. */
const NOTHING_YET = 'blob:';

/** Without it Howler looks for an extension, which object URLs have none of. */
const FORMAT = ['mp4'];

/** Rates that every browser's element takes without an exception. */
const MIN_RATE = 0.0625;
const MAX_RATE = 16;

/** A new element that Howler's unlocking will leave alone: its `load()` would kill a MediaSource's object URL. */
export function createElement(): HTMLAudioElement {
  const element = new Audio();
  element.disableRemotePlayback = true;
  return Object.assign(element, { _unlocked: true });
}

/**
 * Starts and stops the sound so that Howl and element never disagree: neither is asked for anything while Howler holds
 * its lock, where it would queue the request, for ever if no data came.
 */
export class OwnedHowl {
  readonly howl = withoutContext(() => new Howl({ src: NOTHING_YET, format: FORMAT, html5: true, preload: false }));
  #id = 0;
  /** Between Howler's `play` and its answer. */
  #starting = false;
  #cancelled = false;
  /** Whether the last thing the element was told, by us, is to play. */
  #isToldToPlay = false;
  #volume = 1;
  #muted = false;
  #stopWaiting: () => void = () => undefined;

  /** @param onSettled called when Howl or element may be ready for what they were not before */
  constructor(
    readonly element: HTMLAudioElement,
    private readonly onSettled: () => void,
  ) {
    this.howl.on('play', () => this.#onStarted());
    this.howl.on('playerror', () => this.#onPlayError());
  }

  /** Gives Howl and element what to play. */
  load(objectUrl: string): void {
    const howl = this.howl as unknown as HowlInternals;
    howl._src = [objectUrl];
    howl._preload = true;
    // Howler takes the newest element of its pool: this one, and no other.
    pool().push(this.element);
    withoutContext(() => this.howl.load());
    this.#id = howl._sounds[0]?._id ?? 0;
  }

  /** Whether the element is paused though we told it to play: by a media key, the system, or Howler's own verbs. */
  get isPausedByOthers(): boolean {
    return this.#isToldToPlay && !this.#starting && this.element.paused;
  }

  /** Whether the element plays though we told it to pause. */
  get isPlayedByOthers(): boolean {
    return !this.#isToldToPlay && !this.#starting && !this.element.paused;
  }

  /** Brings the sound to play from where the element stands; does nothing until the element can. */
  start(): void {
    const { element, howl } = this;
    if (this.#starting || element.seeking || element.readyState < HTMLMediaElement.HAVE_FUTURE_DATA) return;
    if (element.paused && isDry(element)) return; // Firefox and WebKit begin on 30 ms, and stop again
    // Firefox and WebKit would say so themselves only after seconds of sound.
    if (howl.state() !== 'loaded') element.dispatchEvent(new Event('canplaythrough'));
    if (howl.playing(this.#id)) return;
    this.#applyLevels();
    this.#starting = true;
    this.#cancelled = false;
    this.#isToldToPlay = true;
    const [sound] = (howl as unknown as HowlInternals)._sounds;
    if (sound) sound._seek = element.currentTime; // else a sound that has ended ends again
    // Howler sets the time even where it is right already: a seek, which repeats some samples of what was heard.
    standingStill(element, () => withoutContext(() => howl.play(this.#id)));
  }

  /** Silences the sound, at once and in any state; it keeps its place. */
  pause(): void {
    this.#isToldToPlay = false;
    if (this.#starting) {
      // Howler would queue a pause now; what it thinks of the element's is put right once it has started.
      this.#cancelled = true;
      this.element.pause();
    } else if (this.howl.playing(this.#id)) {
      this.howl.pause(this.#id);
    } else if (!this.element.paused) {
      this.element.pause();
    }
  }

  /** @param rate clamped to what elements take, 0.0625 to 16 */
  setRate(rate: number): void {
    const playable = Math.min(Math.max(rate, MIN_RATE), MAX_RATE);
    // At rate 1 only a kept pitch is bit-exact: Chromium resamples by 1 otherwise.
    this.element.preservesPitch = playable === 1;
    if (this.element.playbackRate !== playable) this.element.playbackRate = playable;
  }

  /** @param volume 0 to 1 */
  setLevels(volume: number, muted: boolean): void {
    if (this.#volume === volume && this.#muted === muted) return;
    this.#volume = volume;
    this.#muted = muted;
    if (this.howl.state() === 'loaded' && !this.#starting) this.#applyLevels();
  }

  /** Unloads the Howl and takes the element out of Howler's hands, empty. */
  dispose(): void {
    const { element, howl } = this;
    this.#stopWaiting();
    element.pause();
    howl.off();
    // While it holds its lock, Howler would leave its 'ended' listener on the element.
    (howl as unknown as HowlInternals)._clearTimer(this.#id);
    howl.unload();
    const elements = pool();
    const place = elements.indexOf(element);
    if (place >= 0) elements.splice(place, 1);
    element.removeAttribute('src');
    element.load();
  }

  #applyLevels(): void {
    withoutContext(() => this.howl.volume(this.#volume, this.#id));
    this.howl.mute(this.#muted, this.#id);
  }

  #onStarted(): void {
    this.#starting = false;
    this.#stopWaiting();
    if (this.#cancelled) this.howl.pause(this.#id);
    this.#applyLevels();
    this.onSettled();
  }

  #onPlayError(): void {
    if (!this.#starting) return;
    this.#starting = false;
    // Howler leaves its 'ended' listener on the element; a pause takes it off.
    this.howl.pause(this.#id);
    if (this.#cancelled) this.onSettled();
    else this.#awaitGesture();
  }

  /** The page may not play sound yet: try again at each gesture until it may. */
  #awaitGesture(): void {
    this.#stopWaiting();
    this.#stopWaiting = onGestures(this.onSettled);
  }
}

/**
 * Runs `work`, in which Howler makes no AudioContext of its own: elements have no use for one, and it would open an audio
 * output. Howls of others make it as ever.
 */
function withoutContext<Value>(work: () => Value): Value {
  const { usingWebAudio } = Howler;
  Howler.usingWebAudio &&= Howler.ctx !== null;
  try {
    return work();
  } finally {
    Howler.usingWebAudio = usingWebAudio;
  }
}

/** Runs `work`, in which setting the element's time has no effect. */
function standingStill(element: HTMLMediaElement, work: () => void): void {
  const { currentTime } = element;
  Object.defineProperty(element, 'currentTime', { configurable: true, get: () => currentTime, set: () => {} });
  try {
    work();
  } finally {
    Reflect.deleteProperty(element, 'currentTime');
  }
}

function pool(): HTMLAudioElement[] {
  return (Howler as unknown as HowlerInternals)._html5AudioPool;
}
