/** Where a sound is to be, and where its element is. */

import type { StreamingAudio } from '../playback/streaming-audio.ts';

/** How far the element comes between two looks at it, in seconds: a throttled tab is looked at once a second. */
const MOST_UNSEEN_SECONDS = 2;

/** The place of a sound in its track: the one that is wished while the element is on its way there. */
export class Playhead {
  /** Second of the track to be at, until the element is there. */
  #target: number | undefined;
  /** Whether the element was told of it. */
  #isPlaced = false;
  #lastSeen = 0;
  #lap = 0;

  constructor(private readonly audio: StreamingAudio) {}

  /** Second of the track. */
  get position(): number {
    return this.#target ?? this.audio.position;
  }

  /** Wishes to be at a second of the track; `place` brings the element there. */
  goTo(seconds: number): void {
    this.#target = seconds;
    this.#isPlaced = false;
  }

  /** Tells the element where to be, unless it knows. */
  place(): void {
    if (this.#target === undefined || this.#isPlaced) return;
    this.#isPlaced = true;
    this.audio.seek(this.#target);
  }

  /**
   * Looks where the element is: to be called whenever it stands or has moved on.
   *
   * @returns how many seams it has passed by itself
   */
  look(isMovingOn: boolean): number {
    const wasSought = this.#target !== undefined;
    if (this.#isPlaced && !this.audio.isMoving) this.#target = undefined;
    if (isMovingOn) this.#lastSeen = this.audio.position;
    const { lap } = this.audio;
    const passed = wasSought ? 0 : Math.max(0, lap - this.#lap);
    this.#lap = lap;
    return passed;
  }

  /** Goes back to where it was seen last, if someone else has moved the element. */
  stay(): void {
    if (Math.abs(this.audio.position - this.#lastSeen) > MOST_UNSEEN_SECONDS) this.goTo(this.#lastSeen);
  }
}
