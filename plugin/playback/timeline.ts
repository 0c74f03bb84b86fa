/** Media time on the element, track time in the file, and the laps that make them differ. Pure; all in frames. */

/** Half-open stretch `[start, end)` of the track, in frames. */
export interface FrameRange {
  readonly start: number;
  readonly end: number;
}

/** What is to be played: up to `end`, unless `loop` sends the track back first. */
export interface PlayPlan {
  /** Frame at which the sound is over; `Infinity` while the length of the track is unknown. */
  readonly end: number;
  /** When playback reaches `loop.end` it goes on at `loop.start`; a loop already passed is not entered. */
  readonly loop: FrameRange | undefined;
  /** A loop already passed is entered from `end`: it may have become known too late. @default false */
  readonly comesBack?: boolean;
}

/** The next piece to append: `frames` of the track from `trackFrame`, to sound at `mediaFrame`. */
export interface Stretch {
  readonly trackFrame: number;
  readonly mediaFrame: number;
  readonly frames: number;
}

interface Span {
  readonly mediaFrame: number;
  readonly trackFrame: number;
  /** Seams passed since the timeline began. */
  readonly lap: number;
  frames: number;
}

/**
 * What has been put on the element, as spans of unbroken track. Media time only ever grows: each lap of a loop is a
 * span of its own, so the element plays one continuous timeline and hears no seam.
 */
export class Timeline {
  #spans: Span[] = [{ mediaFrame: 0, trackFrame: 0, lap: 0, frames: 0 }];

  /** First media frame on the timeline. */
  get start(): number {
    return this.#first.mediaFrame;
  }

  /** Media frame behind the last one on the timeline. */
  get end(): number {
    return this.#last.mediaFrame + this.#last.frames;
  }

  /** Forgets everything and begins anew at `trackFrame`, where media time equals track time. */
  restart(trackFrame: number): void {
    this.#spans = [{ mediaFrame: trackFrame, trackFrame, lap: 0, frames: 0 }];
  }

  /** What comes next under `plan`, at most `maxFrames` of it; undefined where the sound is over. */
  next(plan: PlayPlan, maxFrames: number): Stretch | undefined {
    const last = this.#last;
    const reached = last.trackFrame + last.frames;
    const { loop, end, comesBack = false } = plan;
    const isAhead = loop !== undefined && reached <= loop.end;
    const limit = isAhead ? loop.end : end;
    const turns = loop !== undefined && reached === limit && (isAhead || comesBack);
    const trackFrame = turns ? loop.start : reached;
    const frames = Math.min(maxFrames, (turns ? loop.end : limit) - trackFrame);
    return frames > 0 ? { trackFrame, mediaFrame: this.end, frames } : undefined;
  }

  /** Records that `stretch`, which `next` gave, or its first `frames`, is on the element now. */
  extend(stretch: Stretch, frames: number = stretch.frames): void {
    const last = this.#last;
    if (last.trackFrame + last.frames === stretch.trackFrame) last.frames += frames;
    else this.#spans.push({ ...stretch, frames, lap: last.lap + 1 });
  }

  /** Drops what lies before `mediaFrame`, so that a loop of days does not grow. */
  forgetBefore(mediaFrame: number): void {
    while (this.#spans.length > 1 && this.#first.mediaFrame + this.#first.frames <= mediaFrame) this.#spans.shift();
    const first = this.#first;
    const gone = Math.max(0, Math.min(mediaFrame - first.mediaFrame, first.frames));
    this.#spans[0] = {
      ...first,
      mediaFrame: first.mediaFrame + gone,
      trackFrame: first.trackFrame + gone,
      frames: first.frames - gone,
    };
  }

  /** Track frame that sounds at `mediaFrame`; outside the timeline, the nearest span's count goes on. */
  trackFrameAt(mediaFrame: number): number {
    const span = this.#spanAt(mediaFrame);
    return span.trackFrame + mediaFrame - span.mediaFrame;
  }

  /** How many seams lie between the beginning of the timeline and `mediaFrame`. */
  lapAt(mediaFrame: number): number {
    return this.#spanAt(mediaFrame).lap;
  }

  /** The parts of the track that lie between two media frames, sorted and merged. */
  trackRanges(mediaStart: number, mediaEnd: number): FrameRange[] {
    const parts = this.#spans.flatMap((span) => {
      const shift = span.trackFrame - span.mediaFrame;
      const start = Math.max(mediaStart, span.mediaFrame) + shift;
      const end = Math.min(mediaEnd, span.mediaFrame + span.frames) + shift;
      return start < end ? [{ start, end }] : [];
    });
    return mergeRanges(parts);
  }

  /** Media frame at which `trackFrame` is on the timeline or comes next, the latest if several laps hold it. */
  mediaFrameOf(trackFrame: number): number | undefined {
    const span = this.#spans.findLast((s) => trackFrame >= s.trackFrame && trackFrame < s.trackFrame + s.frames);
    if (span) return span.mediaFrame + trackFrame - span.trackFrame;
    return trackFrame === this.trackFrameAt(this.end) ? this.end : undefined;
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
