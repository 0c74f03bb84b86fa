/** Whether a sound that is to play may do so yet, as `planWait` has it, and the reading on that shortens its wait. */

import type { Feeder } from './feeder.ts';
import type { PcmReader } from './pcm-reader.ts';
import { type Gap, gapsFrom } from './play-plan.ts';
import { ReadOn } from './read-on.ts';
import { isSlow, type Pace, planWait } from './start-policy.ts';

/** How often a wait is looked at where nothing arrives, in ms. */
const LOOK_MS = 1000;

/** How much sound may be at hand, in seconds, where a sound has run dry. */
const DRY_SECONDS = 0.5;

export class StartGate {
  /** From when the sound is heard, or has waited long enough, until it runs dry or goes elsewhere. */
  #isOpen = false;
  #isWished = false;
  #interruptions = 0;
  /** When the wait began; undefined while there is none. */
  #waitingSince: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #readOn: ReadOn | undefined;

  constructor(
    private readonly element: HTMLMediaElement,
    private readonly pcm: PcmReader,
    private readonly feeder: Feeder,
    /** Called when `mustWait` is to be asked again though nothing has arrived. */
    private readonly onLook: () => void,
  ) {}

  /** How long the sound will wait still, in seconds, by an estimate; 0 while it does not. */
  get waitsFor(): number {
    return this.#waitingSince === undefined ? 0 : this.#planWait();
  }

  /** Whether the sound, which `isWished` to play, has to wait. To be asked whenever something has arrived. */
  mustWait(isWished: boolean): boolean {
    clearTimeout(this.#timer);
    this.#isWished = isWished;
    if (isWished && isSlow(this.#pace)) this.#readOn ??= new ReadOn(this.pcm.fork(), () => this.#next());
    this.#readOn?.look();
    const isFree = !isWished || this.#isOpen || this.#waitsItself;
    if (isFree) this.#waitingSince = undefined;
    if (isFree) return false;
    const seconds = this.#planWait();
    if (seconds > 0) {
      this.#waitingSince ??= performance.now();
      this.#timer = setTimeout(this.onLook, Math.min(LOOK_MS, 1000 * seconds));
    } else if (this.#waitingSince !== undefined) {
      this.open();
    }
    return seconds > 0;
  }

  /** The sound is heard: it plays on until it runs dry. */
  open(): void {
    this.#isOpen = true;
    this.#waitingSince = undefined;
  }

  /** The sound fell silent by itself: for want of data, or because the browser was busy for a moment. */
  close(): void {
    const [gap] = this.#isOpen ? this.#gaps : [];
    if (gap === undefined || gap.before > DRY_SECONDS * this.#pace.rate) return;
    this.#isOpen = false;
    this.#interruptions += 1;
  }

  /** The sound goes elsewhere: what was to come at its former place is not wanted any more. */
  leave(): void {
    clearTimeout(this.#timer);
    this.#isOpen = false;
    this.#interruptions = 0;
    this.#waitingSince = undefined;
    this.#readOn?.dispose();
    this.#readOn = undefined;
  }

  /** An element that could not begin anyway is not held back. */
  get #waitsItself(): boolean {
    const { paused, readyState } = this.element;
    return this.#waitingSince === undefined && paused && readyState < HTMLMediaElement.HAVE_FUTURE_DATA;
  }

  get #pace(): Pace {
    const { speed, format } = this.pcm;
    return { speed, rate: format.sampleRate * this.element.playbackRate };
  }

  /** What is to come of what will be played. */
  get #gaps(): Gap[] {
    const { feeder, pcm } = this;
    const atHand = [...pcm.cached, ...feeder.buffered, ...(this.#readOn?.reached ?? [])];
    return feeder.plan === undefined ? [] : gapsFrom(feeder.trackFrame, feeder.plan, atHand);
  }

  #planWait(): number {
    const pace = this.#pace;
    if (!isSlow(pace)) return 0; // before all that costs time
    const now = performance.now();
    const waited = (now - (this.#waitingSince ?? now)) / 1000;
    return planWait({ ...pace, gaps: this.#gaps, room: this.pcm.room, waited, interruptions: this.#interruptions });
  }

  /** What to read on with: what the sound waits for itself is not for others to ask for. */
  #next(): Gap | undefined {
    if (!this.#isWished || !isSlow(this.#pace)) return undefined;
    return this.#gaps.slice(0, 1).find(({ before }) => before > 0 && before < this.pcm.room);
  }
}
