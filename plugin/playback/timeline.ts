/** Media time on the element, track time in the file, and the laps that make them differ. Pure; all in frames. */

import { type FrameRange, type PlayPlan, runFrom } from './play-plan.ts';

/** The next piece to append: `frames` of the track from `trackFrame`, to sound at `mediaFrame`. */
export interface Stretch {
  readonly trackFrame: number;
  readonly mediaFrame: number;
  readonly frames: number;
  /** How often in a row: laps too short for a segment of their own come together. */
  readonly times: number;
}

/** Unbroken track, or the laps of one loop, the last of which may be incomplete. */
interface Span {
  readonly mediaFrame: number;
  readonly trackFrame: number;
  /** Seams passed before it. */
  readonly lap: number;
  /** Those of all its laps. */
  frames: number;
  /** Frames in a lap; `Infinity` where there is but one. */
  period: number;
}

/**
 * What has been put on the element, as spans of the track. Media time only ever grows: each lap of a loop follows the
 * one before it, so the element plays one continuous timeline and hears no seam.
 */
export class Timeline {
  #spans: Span[] = [emptySpan(0)];
  #start = 0;

  /** First media frame on the timeline. */
  get start(): number {
    return this.#start;
  }

  /** Media frame behind the last one on the timeline. */
  get end(): number {
    return this.#last.mediaFrame + this.#last.frames;
  }

  /** Forgets everything and begins anew at `trackFrame`, where media time equals track time. */
  restart(trackFrame: number): void {
    this.#spans = [emptySpan(trackFrame)];
    this.#start = trackFrame;
  }

  /**
   * What comes next under `plan`, at most `maxFrames` of it; undefined where the sound is over. Laps shorter than
   * `leastFrames` come as many at once as make up for it.
   */
  next(plan: PlayPlan, maxFrames: number, leastFrames = 0): Stretch | undefined {
    const { start: trackFrame, end } = runFrom(reachedBy(this.#last), plan);
    const length = end - trackFrame;
    const times = trackFrame === plan.loop?.start && length < leastFrames ? Math.ceil(leastFrames / length) : 1;
    const frames = times > 1 ? length : Math.min(maxFrames, length);
    return frames > 0 ? { trackFrame, mediaFrame: this.end, frames, times } : undefined;
  }

  /** Records that `stretch`, which `next` gave, or its first `frames`, is on the element now. */
  extend(stretch: Stretch, frames: number = stretch.frames * stretch.times): void {
    const { trackFrame, mediaFrame, times } = stretch;
    const last = this.#last;
    const period = times > 1 ? stretch.frames : Infinity;
    const isSeam = trackFrame !== reachedBy(last);
    if (last.frames === 0) last.period = period;
    else if (isSeam && trackFrame === last.trackFrame) last.period = Math.min(last.period, last.frames);
    const phase = trackFrame - last.trackFrame;
    const goesOn = last.frames % last.period === phase;
    const fits = times > 1 ? period === last.period : phase + frames <= last.period;
    if (goesOn && fits) {
      last.frames += frames;
    } else {
      const lap = lapAt(last, last.frames) + (isSeam ? 1 : 0);
      this.#spans.push({ mediaFrame, trackFrame, lap, frames, period });
    }
  }

  /** Drops what lies before `mediaFrame`, so that a loop of days does not grow. */
  forgetBefore(mediaFrame: number): void {
    this.#start = Math.max(this.#start, Math.min(mediaFrame, this.end));
    while (this.#spans.length > 1 && this.#first.mediaFrame + this.#first.frames <= mediaFrame) this.#spans.shift();
  }

  /** Drops what lies from `mediaFrame` on. */
  cutFrom(mediaFrame: number): void {
    while (this.#spans.length > 1 && this.#last.mediaFrame >= mediaFrame) this.#spans.pop();
    const last = this.#last;
    last.frames = Math.max(0, Math.min(last.frames, mediaFrame - last.mediaFrame));
  }

  /** First media frame, from `mediaFrame` on, at which `plan` has something else sound; `end` where there is none. */
  departureFrom(plan: PlayPlan, mediaFrame: number): number {
    let reached: number | undefined;
    for (const { period, ...span } of this.#spans) {
      for (let offset = Math.max(0, mediaFrame - span.mediaFrame); offset < span.frames;) {
        const phase = offset % period;
        const trackFrame = span.trackFrame + phase;
        const frames = Math.min(period - phase, span.frames - offset);
        const run = runFrom(reached ?? trackFrame, plan);
        const shared = run.start === trackFrame ? Math.max(0, Math.min(frames, run.end - trackFrame)) : 0;
        if (shared < frames) return span.mediaFrame + offset + shared;
        // A lap that was entered over its own seam speaks for all that follow it.
        const isLap = frames === period && reached === trackFrame + period;
        offset = isLap ? Math.max(offset + frames, span.frames - (span.frames % period)) : offset + frames;
        reached = trackFrame + frames;
      }
    }
    return this.end;
  }

  /** Track frame that sounds at `mediaFrame`; outside the timeline, the nearest span's count goes on. */
  trackFrameAt(mediaFrame: number): number {
    const span = this.#spanAt(mediaFrame);
    const offset = mediaFrame - span.mediaFrame;
    return offset < span.frames ? span.trackFrame + (offset % span.period) : reachedBy(span) + offset - span.frames;
  }

  /** How many seams lie between the beginning of the timeline and `mediaFrame`. */
  lapAt(mediaFrame: number): number {
    const span = this.#spanAt(mediaFrame);
    return lapAt(span, mediaFrame - span.mediaFrame);
  }

  /** The parts of the track that lie between two media frames, sorted and merged. */
  trackRanges(mediaStart: number, mediaEnd: number): FrameRange[] {
    const parts = this.#spans.flatMap(({ period, ...span }) => {
      const from = Math.max(mediaStart - span.mediaFrame, 0);
      const frames = Math.min(Math.min(mediaEnd - span.mediaFrame, span.frames) - from, period);
      const start = span.trackFrame + (from % period);
      const over = start + frames - (span.trackFrame + period);
      const { trackFrame } = span;
      const before = { start, end: over > 0 ? trackFrame + period : start + frames };
      return frames > 0 ? [before, { start: trackFrame, end: trackFrame + Math.max(0, over) }] : [];
    });
    return mergeRanges(parts.filter(({ start, end }) => start < end));
  }

  /** Media frame at which `trackFrame` is on the timeline or comes next, the latest if several laps hold it. */
  mediaFrameOf(trackFrame: number): number | undefined {
    const isIn = ({ trackFrame: first, frames, period }: Span): boolean =>
      trackFrame >= first && trackFrame < first + Math.min(frames, period);
    const span = this.#spans.findLast(isIn);
    if (span === undefined) return trackFrame === reachedBy(this.#last) ? this.end : undefined;
    const phase = trackFrame - span.trackFrame;
    const behind = span.frames - 1 - phase;
    return span.mediaFrame + phase + behind - (behind % span.period);
  }

  get #first(): Span {
    return this.#spans[0] as Span;
  }

  get #last(): Span {
    return this.#spans[this.#spans.length - 1] as Span;
  }

  #spanAt(mediaFrame: number): Span {
    return this.#spans.findLast((span) => mediaFrame >= span.mediaFrame) ?? this.#first;
  }
}

function emptySpan(trackFrame: number): Span {
  return { mediaFrame: trackFrame, trackFrame, lap: 0, frames: 0, period: Infinity };
}

/** Track frame behind the last one of a span. */
function reachedBy({ trackFrame, frames, period }: Span): number {
  return frames === 0 ? trackFrame : trackFrame + ((frames - 1) % period) + 1;
}

/** The lap of a span's frame; behind its end that of the last one, for no seam was passed there yet. */
function lapAt({ lap, frames, period }: Span, offset: number): number {
  return lap + Math.floor(Math.max(0, Math.min(offset, frames - 1)) / period);
}

/** Sorts ranges and joins those that touch. */
function mergeRanges(ranges: readonly FrameRange[]): FrameRange[] {
  const merged: FrameRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last && range.start <= last.end) merged[merged.length - 1] = { ...last, end: Math.max(last.end, range.end) };
    else merged.push(range);
  }
  return merged;
}
