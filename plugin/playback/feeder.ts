/** What moves an element about a track, however the sound gets there. */

import type { FrameRange, PlayPlan } from './play-plan.ts';

export interface Feeder {
  /** Track frame under the playhead, with its fraction. */
  readonly trackFrame: number;
  /** Seams that the playhead has passed. */
  readonly lap: number;
  /** The parts of the track that can be heard without reading anything, in frames. */
  readonly buffered: FrameRange[];
  /** What is played; undefined where all of the track must be there first. */
  readonly plan: PlayPlan | undefined;
  /** Whether the element is not yet where `seekTo` was told, and must not play. */
  readonly isMoving: boolean;
  /** Reads and feeds until `dispose`. Call it once, after a first `seekTo` where the start is not that of the track. */
  start(): void;
  /** What to play from now on. */
  setPlan(plan: PlayPlan): void;
  /** Puts the playhead on `frame` of the track. */
  seekTo(frame: number): void;
  /** Stops feeding. Idempotent. */
  dispose(): void;
}

/** Told of what happens on its own. */
export interface FeederListener {
  /** What can be heard without reading anything has changed. */
  onBuffered(): void;
  /** Enough is buffered for other things to be fetched: comes once, and not between a start and its first sound. */
  onTimeToSpare(): void;
  /** Feeding has failed, for good. */
  onError(error: unknown): void;
}
