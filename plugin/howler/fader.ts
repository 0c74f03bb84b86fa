/** Fades a sound, for as long as it is heard: while it stands still, its fade does. */

import { InvalidArgumentError } from '../errors.ts';
import { type FadeCurve, falling, rising, straight } from './fade-curve.ts';

/** How often the volume is set. */
const STEP_MS = 20;

/** What a fader must know and may do of its sound. */
export interface FadedSound {
  getVolume(): number;
  /** @param isGliding whether the output is on its way by itself, and needs but be told of */
  setVolume(volume: number, isGliding: boolean): void;
  /** Sends the output along `curve` for so many seconds, smoother than steps can; undefined where it cannot. */
  glide?(curve: FadeCurve, seconds: number): Glide | undefined;
  isHeard(): boolean;
  /** Calls `listener` the next time that the sound begins to be heard. */
  onceHeard(listener: () => void): void;
  stop(): void;
}

/** How many seconds of a glide are over. The clock of an output falls behind that of the wall where a machine is busy. */
export type Glide = () => number;

interface Fade {
  readonly curve: FadeCurve;
  readonly ms: number;
  /** Volume once it is over. */
  readonly after: number;
  readonly onEnd: () => void;
  heardMs: number;
}

/** A part of a fade that is heard in one go. */
interface Leg {
  readonly isGlide: boolean;
  /** How much of the fade was heard by now. */
  heardMs(): number;
}

/** One fade at a time: a new one replaces the one under way. */
export class Fader {
  #fade: Fade | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** Runs while the sound is heard. */
  #leg: Leg | undefined;
  #isDisposed = false;

  constructor(private readonly sound: FadedSound) {}

  /** From the volume there is. @throws InvalidArgumentError (`invalid-argument`) a time below 0 */
  fadeTo(volume: number, ms: number): void {
    this.#begin({ curve: straight(this.#volumeNow(), volume), ms });
  }

  /** From silence. @throws as `fadeTo` */
  fadeIn(ms: number): void {
    this.#begin({ curve: straight(0, this.#fullVolume), ms });
  }

  /**
   * Fades the sound of `other`, which is to play, in and this one out, at equal power, from when the other is heard; then
   * stops this one, and gives it its volume back.
   *
   * @throws as `fadeTo`
   */
  crossFade(other: Fader, ms: number): void {
    const leave = (): void => {
      const { sound } = this;
      const onEnd = (): void => sound.stop();
      if (sound.isHeard()) this.#begin({ curve: falling(this.#volumeNow()), ms, onEnd, after: this.#fullVolume });
      else sound.stop();
    };
    other.#begin({ curve: rising(other.#fullVolume), ms });
    if (other.sound.isHeard()) leave();
    else other.sound.onceHeard(leave);
  }

  /** Ends the fade as if its time were over: the sound has ended. */
  finish(): void {
    const fade = this.#fade;
    this.cancel();
    if (fade) this.sound.setVolume(fade.after, false);
  }

  /** Ends the fade where it is. */
  cancel(): void {
    clearInterval(this.#timer);
    this.#fade = undefined;
    this.#leg = undefined;
  }

  /** Goes on in another output: what the last one was sent along is gone with it. */
  moveOn(): void {
    this.#leg = undefined;
  }

  /** No fade begins any more. Idempotent. */
  dispose(): void {
    this.cancel();
    this.#isDisposed = true;
  }

  /** Where the fade under way has come to since its last step. */
  #volumeNow(): number {
    this.#step();
    return this.sound.getVolume();
  }

  /** The volume once the fade under way is over. */
  get #fullVolume(): number {
    return this.#fade?.after ?? this.sound.getVolume();
  }

  #begin(fade: Pick<Fade, 'curve' | 'ms'> & Partial<Fade>): void {
    if (!(fade.ms >= 0)) throw new InvalidArgumentError('ms', 'a time of 0 or more', fade.ms);
    if (this.#isDisposed) return;
    this.cancel();
    this.#fade = { after: fade.curve(1), onEnd: nothing, heardMs: 0, ...fade };
    this.#timer = setInterval(() => this.#step(), STEP_MS);
    this.sound.setVolume(fade.curve(0), false);
    this.#step();
  }

  #step(): void {
    const fade = this.#fade;
    if (!fade) return;
    const lastLeg = this.#leg;
    if (lastLeg) fade.heardMs = lastLeg.heardMs();
    if (fade.heardMs >= fade.ms) return this.#end(fade);
    this.#leg = this.sound.isHeard() ? (lastLeg ?? this.#startLeg(fade)) : undefined;
    if (lastLeg ?? this.#leg) this.sound.setVolume(fade.curve(fade.heardMs / fade.ms), this.#leg?.isGlide ?? false);
  }

  #startLeg({ curve, ms, heardMs }: Fade): Leg {
    const share = heardMs / ms;
    const glide = this.sound.glide?.((way) => curve(share + (1 - share) * way), (ms - heardMs) / 1000);
    if (glide) return { isGlide: true, heardMs: () => heardMs + 1000 * glide() };
    const start = performance.now();
    return { isGlide: false, heardMs: () => heardMs + performance.now() - start };
  }

  #end(fade: Fade): void {
    this.sound.setVolume(fade.curve(1), false);
    fade.onEnd();
    if (this.#fade === fade) this.finish();
  }
}

function nothing(): void {}
