/** How much sound to keep on the element around the playhead. Pure; media time in seconds. */

/** Buffering goals; see `BufferOptions` for what each means to a user. */
export interface BufferGoals {
  /** Seconds kept ahead of the playhead. */
  readonly aheadSeconds: number;
  /** Upper bound of the same in bytes, since an element's buffer is bounded in bytes. */
  readonly aheadBytes: number;
  /** Seconds kept behind the playhead. */
  readonly behindSeconds: number;
}

/** Seconds fetched, at rate 1, before the first sample of a start or a seek is heard: enough to start, cheap to give up. */
export const START_SECONDS = 2;

/** Part of the goal that may be used up before it is filled again, so that requests stay few and large. */
const REFILL_BELOW = 0.75;

/** Seconds of back buffer let pass the limit before it is cut, so that cutting stays rare. */
const BEHIND_SLACK = 5;

/** Part of the bytes that overfilled the element's buffer which is asked of it from then on. */
const QUOTA_SHARE = 0.8;

/** Seconds ahead from which on less pressing things may be fetched, too: with them a slow line does not fall behind. */
const SPARE_SECONDS = 5;

/** Seconds in front of the playhead that may be decoded already: what is replaced there is heard late, in mid-lap. */
const UNTOUCHED_SECONDS = 1.5;

/** Where the element stands. */
export interface WindowState {
  /** Media time being heard or sought. */
  readonly playhead: number;
  /** Media time from which sound is on the element. */
  readonly bufferedFrom: number;
  /** Media time up to which sound is on the element. */
  readonly bufferedTo: number;
  /** Bytes of one second of the track. */
  readonly bytesPerSecond: number;
  /** Speed at which it is heard. */
  readonly rate: number;
  /** Whether any sound was heard since the last start or seek. */
  readonly heard: boolean;
  /** Whether a filling is under way already. */
  readonly filling: boolean;
}

/** What to do about it. */
export interface WindowPlan {
  /** Fill up to this media time; undefined where there is enough. */
  readonly fillTo: number | undefined;
  /** Cut what lies before this media time; undefined where there is little. */
  readonly cutTo: number | undefined;
  /** Whether there is time to fetch something else. */
  readonly hasTimeToSpare: boolean;
}

/** Decides what to append and what to cut. */
export function planWindow(state: WindowState, goals: BufferGoals): WindowPlan {
  const goal = state.heard
    ? Math.min(goals.aheadSeconds, goals.aheadBytes / state.bytesPerSecond)
    : Math.min(START_SECONDS * Math.max(1, state.rate), goals.aheadSeconds);
  const ahead = state.bufferedTo - state.playhead;
  const enough = state.filling || !state.heard ? goal : goal * REFILL_BELOW;
  const cutTo = state.playhead - goals.behindSeconds;
  return {
    fillTo: ahead < enough ? state.playhead + goal : undefined,
    cutTo: cutTo - state.bufferedFrom > BEHIND_SLACK ? cutTo : undefined,
    hasTimeToSpare: ahead >= Math.min(enough, SPARE_SECONDS * Math.max(1, state.rate)),
  };
}

/** The goals of an element whose buffer turned out to be full. */
export function lowerGoals(goals: BufferGoals, { playhead, bufferedTo, bytesPerSecond }: WindowState): BufferGoals {
  const aheadBytes = Math.max(bytesPerSecond, (bufferedTo - playhead) * bytesPerSecond * QUOTA_SHARE);
  return { ...goals, aheadBytes };
}

/** Media time up to which nothing on the element may be replaced. */
export function untouchedTo({ playhead, rate }: WindowState): number {
  return playhead + UNTOUCHED_SECONDS * Math.max(1, rate);
}

/** Whether a media time lies within what an element holds. */
export function covers(buffered: TimeRanges, mediaTime: number): boolean {
  const isIn = (i: number): boolean => buffered.start(i) <= mediaTime && mediaTime < buffered.end(i);
  return Array.from({ length: buffered.length }, (_, i) => isIn(i)).includes(true);
}
