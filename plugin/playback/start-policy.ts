/** When a sound may begin, or go on, on a network that is slower than it. Pure; the track counts in frames. */

import type { Gap } from './play-plan.ts';

/** The part of the measured speed that is counted on: it varies. */
const TRUSTED_SHARE = 0.9;

/** By how many seconds an element may take its sound before it is heard: WebKitGTK's graph is so far behind it. */
const LEAD_SECONDS = 1.1;

/** The longest wait of a start or a seek, in seconds; twice as long each time that it was not enough. */
const MOST_WAIT_SECONDS = 30;

/** How fast a track comes, and goes. */
export interface Pace {
  /** Frames that arrive in a second; undefined while that is unknown. */
  readonly speed: number | undefined;
  /** Frames that are played in a second. */
  readonly rate: number;
}

/** Where a sound stands. */
export interface StartState extends Pace {
  /** What is still to come of the track, in the order of playing; the last may be without an end. */
  readonly gaps: readonly Gap[];
  /** Frames that can be held ahead of the playhead. */
  readonly room: number;
  /** Seconds that it has been waiting. */
  readonly waited: number;
  /** How often it ran dry since the last start or seek. */
  readonly interruptions: number;
}

/** Whether the track may come too slowly to be played as it comes; false while that is unknown. */
export function isSlow({ speed = Infinity, rate }: Pace): boolean {
  return speed * TRUSTED_SHARE < rate;
}

/**
 * For how many seconds to wait still, so that all that is to come will be there before its turn; 0: begin. A start that
 * has not waited yet does so only where the network is clearly too slow.
 */
export function planWait({ gaps, speed = Infinity, rate, room, waited, interruptions }: StartState): number {
  const [first] = gaps;
  const isFirst = waited === 0 && interruptions === 0;
  if (first === undefined || !isSlow({ speed, rate }) || (isFirst && speed >= rate * TRUSTED_SHARE)) return 0;
  let missing = 0;
  let late = 0;
  for (const { start, end, before } of gaps) {
    missing += end - start;
    const takenAt = Math.max(0, (before + end - start) / rate - LEAD_SECONDS);
    late = Math.max(late, takenAt === Infinity ? Infinity : missing - speed * TRUSTED_SHARE * takenAt);
  }
  const most = MOST_WAIT_SECONDS * 2 ** interruptions - waited;
  return Math.max(0, Math.min(late / speed, (room - first.before) / speed, most));
}
