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
  /** Sends the output along `curve` for so many seconds, smoother than steps can; false where it cannot. */
  glide?(curve: FadeCurve, seconds: number): boolean;
  isHeard(): boolean;
  /** Calls `listener` the next time that the sound begins to be heard. */
  onceHeard(listener: () => void): void;
  stop(): void;
}

interface Fade {
  readonly curve: FadeCurve;
  readonly ms: number;
  /** Volume once it is over. */
  readonly after: number;
  readonly onEnd: () => void;
  heardMs: number;
}

/** One fade at a time: a new one replaces the one under way. */
export class Fader {
  #fade: Fade | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #lastStep = 0;
  #isGliding = false;

  constructor(private readonly sound: FadedSound) {}

  /** From the volume there is. @throws InvalidArgumentError (`invalid-argument`) a time below 0 */
  fadeTo(volume: number, ms: number): void {
    this.#begin({ curve: straight(this.sound.getVolume(), volume), ms });
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
      if (sound.isHeard()) this.#begin({ curve: falling(sound.getVolume()), ms, onEnd, after: this.#fullVolume });
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
    this.#isGliding = false;
  }

  /** The volume once the fade under way is over. */
  get #fullVolume(): number {
    return this.#fade?.after ?? this.sound.getVolume();
  }

  #begin(fade: Pick<Fade, 'curve' | 'ms'> & Partial<Fade>): void {
    if (!(fade.ms >= 0)) throw new InvalidArgumentError('ms', 'a time of 0 or more', fade.ms);
    this.cancel();
    this.#fade = { after: fade.curve(1), onEnd: nothing, heardMs: 0, ...fade };
    this.#lastStep = performance.now();
    this.#timer = setInterval(() => this.#step(), STEP_MS);
    this.sound.setVolume(fade.curve(0), false);
    this.#step();
  }

  #step(): void {
    const fade = this.#fade;
    if (!fade) return;
    const now = performance.now();
    const isHeard = this.sound.isHeard();
    if (isHeard) fade.heardMs += now - this.#lastStep;
    this.#lastStep = now;
    if (fade.heardMs >= fade.ms) this.#end(fade);
    else if (isHeard || this.#isGliding) this.#follow(fade, isHeard);
  }

  #follow({ curve, ms, heardMs }: Fade, isHeard: boolean): void {
    const { sound } = this;
    const share = heardMs / ms;
    const rest: FadeCurve = (way) => curve(share + (1 - share) * way);
    this.#isGliding = isHeard && (this.#isGliding || (sound.glide?.(rest, (ms - heardMs) / 1000) ?? false));
    sound.setVolume(curve(share), this.#isGliding);
  }

  #end(fade: Fade): void {
    this.sound.setVolume(fade.curve(1), false);
    fade.onEnd();
    if (this.#fade === fade) this.finish();
  }
}

function nothing(): void {}
