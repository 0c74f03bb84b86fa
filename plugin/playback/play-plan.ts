/** What part of a track is to be played, and in which order. Pure; all in frames of the track. */

/** Half-open stretch `[start, end)` of the track, in frames. */
export interface FrameRange {
  readonly start: number;
  readonly end: number;
}

/** A stretch that is still to come. */
export interface Gap extends FrameRange {
  /** Frames that are played before it. */
  readonly before: number;
}

/** What is to be played: up to `end`, unless `loop` sends the track back first. */
export interface PlayPlan {
  /** Frame at which the sound is over; `Infinity` while the length of the track is unknown. */
  readonly end: number;
  /** When playback reaches `loop.end` it goes on at `loop.start`; a loop already passed is not entered. */
  readonly loop: FrameRange | undefined;
  /** From this frame a loop already passed is entered after all: it became known, or shorter, too late. */
  readonly comesBackAt?: number | undefined;
}

/** Where playback goes on that has reached a frame of the track, and how far; an empty range where it is over. */
export function runFrom(reached: number, { loop, end, comesBackAt = 0 }: PlayPlan): FrameRange {
  if (loop === undefined) return { start: reached, end };
  const turn = reached <= loop.end ? loop.end : comesBackAt;
  if (reached === turn) return loop;
  return { start: reached, end: reached < turn ? turn : end };
}

/**
 * What `plan` will have sound from `frame` on that is not `atHand`: ranges of the track, each with how many frames are
 * played before it. A lap counts once.
 */
export function gapsFrom(frame: number, plan: PlayPlan, atHand: readonly FrameRange[]): Gap[] {
  const now = runFrom(frame, plan);
  const lap = runFrom(now.end, plan);
  return [...gapsIn(now, atHand, 0), ...gapsIn(lap, [...atHand, now], now.end - now.start)];
}

function gapsIn(run: FrameRange, atHand: readonly FrameRange[], before: number): Gap[] {
  const gaps: Gap[] = [];
  let reached = run.start;
  const reach = (start: number, end: number): void => {
    const until = Math.min(start, run.end);
    if (reached < until) gaps.push({ start: reached, end: until, before: before + reached - run.start });
    reached = Math.max(reached, end);
  };
  for (const { start, end } of atHand.toSorted((a, b) => a.start - b.start)) reach(start, end);
  reach(run.end, run.end);
  return gaps;
}

/** The plan that replaces `old`: a lap under way is played to its end, though its loop may now end before it. */
export function replacePlan(old: PlayPlan, plan: PlayPlan): PlayPlan {
  const isShortened = old.loop !== undefined && plan.loop !== undefined && plan.loop.end < old.loop.end;
  const lapEnd = isShortened ? Math.max(old.loop.end, old.comesBackAt ?? 0) : 0;
  return { ...plan, comesBackAt: Math.max(lapEnd, plan.comesBackAt ?? 0) };
}

/** The plan within a track of so many frames, which may have become known only now. */
export function boundPlan({ end, loop, comesBackAt = 0 }: PlayPlan, frames: number): PlayPlan {
  const fits = loop !== undefined && loop.start < Math.min(loop.end, frames);
  return {
    end: Math.min(end, frames),
    loop: fits ? { ...loop, end: Math.min(loop.end, frames) } : undefined,
    comesBackAt: Math.min(comesBackAt, end, frames),
  };
}
