/** Keeps an element fed with what it will need next, and moves it about the track. */

import { initializationSegment, mediaSegment } from '../media/fmp4.ts';
import type { AttachedBuffer } from './attached-buffer.ts';
import { type BufferGoals, planWindow, START_SECONDS, type WindowState } from './buffer-window.ts';
import type { Feeder, FeederListener } from './feeder.ts';
import type { PcmReader } from './pcm-reader.ts';
import { type FrameRange, type PlayPlan, type Stretch, Timeline } from './timeline.ts';

/** Seconds of audio in a segment while nothing is heard yet: little, so that the first sound comes soon. */
const FIRST_SEGMENT_SECONDS = 0.05;

/** Seconds of audio in a segment later on: the least waited for, and the most put into one. */
const SEGMENT_SECONDS = { least: 0.25, most: 1 };

/** Bytes of PCM in a segment at most, so that packing it never holds up a frame of the game. */
const SEGMENT_BYTES = 256 * 2 ** 10; // 256 KiB

/** Frames in a FLAC frame: Firefox resumes at the start of one, and WebKitGTK plays one twice. */
const BLOCK_FRAMES = 1024;

/** The playhead has moved by itself once it is this far, in seconds, from where it was put. */
const HEARD_SECONDS = 0.01;

/** Part of the bytes that overfilled the element's buffer which is asked of it from then on. */
const QUOTA_SHARE = 0.8;

/** Reads frames, packs them and appends them to the element's buffer: as many as `planWindow` asks for. */
export class BufferController implements Feeder {
  readonly #timeline = new Timeline();
  readonly #lifetime = new AbortController();
  #plan: PlayPlan = { end: Infinity, loop: undefined };
  /** Media time at which the element was last put. */
  #target = 0;
  /** Whether the playhead has moved on by itself since. */
  #heard = false;
  #filling = false;
  #mustClear = false;
  /** What is on the element was put there under another plan. */
  #isOutdated = false;
  /** Renewed with each clearing: what was read under an older one is thrown away. */
  #reading = new AbortController();
  #ended = false;
  /** Something happened since the feeding last looked. */
  #nudged = false;
  #resume: () => void = () => undefined;

  constructor(
    private readonly element: HTMLMediaElement,
    private readonly buffer: AttachedBuffer,
    private readonly pcm: PcmReader,
    private goals: BufferGoals,
    private readonly listener: FeederListener,
  ) {
    const { signal } = this.#lifetime;
    for (const type of ['timeupdate', 'playing', 'seeked']) {
      element.addEventListener(type, () => this.#onPlayhead(), { signal });
    }
  }

  /** Feeds until `dispose`. Call it once, after a first `seekTo` where the start is not that of the track. */
  start(): void {
    this.#feed().catch((error: unknown) => {
      if (!this.#lifetime.signal.aborted) this.listener.onError(error);
    });
  }

  /** What to play from now on. What is on the element already stays as it is, until the next `seekTo`. */
  setPlan(plan: PlayPlan): void {
    this.#isOutdated ||= this.#timeline.end > this.#timeline.start && !isSamePlan(plan, this.#plan);
    this.#plan = plan;
    this.#nudge();
  }

  /**
   * Puts the playhead on `frame` of the track. Where that is neither on the element nor the next to come, the element is
   * cleared, and reading begins there.
   */
  seekTo(frame: number): void {
    const mediaFrame = this.#timeline.mediaFrameOf(frame);
    const isHere = !this.#mustClear && !this.#isOutdated && mediaFrame !== undefined && this.#holds(mediaFrame);
    this.#target = (isHere ? mediaFrame : frame) / this.#rate;
    this.#heard = false;
    if (!isHere) this.#restart(frame);
    // What is old must not be heard at the new place: there the move waits until it is cleared.
    if (isHere || !this.#isBuffered(this.#target)) this.#moveElement();
    this.#nudge();
  }

  /** Whether the element is not yet where `seekTo` was told, and must not play. */
  get isMoving(): boolean {
    return this.#mustClear;
  }

  /** Track frame under the playhead, with its fraction. */
  get trackFrame(): number {
    return this.#timeline.trackFrameAt(this.element.currentTime * this.#rate);
  }

  /** Seams that the playhead has passed; starts anew at a seek to a place that was not buffered. */
  get lap(): number {
    return this.#timeline.lapAt(this.element.currentTime * this.#rate);
  }

  /** The parts of the track on the element, in frames. */
  get buffered(): FrameRange[] {
    const { buffered } = this.element;
    return Array.from({ length: buffered.length }, (_, i) =>
      this.#timeline.trackRanges(buffered.start(i) * this.#rate, buffered.end(i) * this.#rate),
    ).flat();
  }

  /** Stops feeding. Idempotent. */
  dispose(): void {
    this.#lifetime.abort();
    this.#reading.abort();
    this.pcm.close();
    this.#nudge();
  }

  get #rate(): number {
    return this.pcm.format.sampleRate;
  }

  /** The plan within the track, whose length may have become known only now. */
  get #boundedPlan(): PlayPlan {
    const { frames } = this.pcm;
    const { end, loop, comesBack = false } = this.#plan;
    const fits = loop && loop.start < Math.min(loop.end, frames);
    return {
      comesBack,
      end: Math.min(end, frames),
      loop: fits ? { ...loop, end: Math.min(loop.end, frames) } : undefined,
    };
  }

  get #window(): WindowState {
    return {
      playhead: this.#heard ? this.element.currentTime : this.#target,
      bufferedFrom: this.#timeline.start / this.#rate,
      bufferedTo: this.#timeline.end / this.#rate,
      bytesPerSecond: this.pcm.format.bytesPerFrame * this.#rate,
      rate: this.element.playbackRate,
      heard: this.#heard,
      filling: this.#filling,
    };
  }

  /** Whether what is on the element will soon be over. */
  get #isShort(): boolean {
    const { playhead, bufferedTo, rate, heard } = this.#window;
    return !heard || bufferedTo - playhead <= START_SECONDS * rate;
  }

  async #feed(): Promise<void> {
    await this.buffer.append(initializationSegment(this.pcm.format));
    while (!this.#lifetime.signal.aborted) {
      if (this.#mustClear) await this.#clear();
      const { fillTo, cutTo } = planWindow(this.#window, this.goals);
      this.#filling = fillTo !== undefined;
      if (cutTo !== undefined) await this.#cut(cutTo);
      else if (fillTo === undefined) await this.#idle();
      else await this.#fill(fillTo);
    }
  }

  /** Appends the next segment on the way to media time `fillTo`, or ends the stream where there is none. */
  async #fill(fillTo: number): Promise<void> {
    const wanted = Math.ceil(fillTo * this.#rate) - this.#timeline.end;
    const stretch = this.#timeline.next(this.#boundedPlan, wanted);
    if (stretch) {
      await this.#append(stretch);
    } else if (this.#ended) {
      await this.#idle();
    } else {
      await this.buffer.end();
      this.#ended = true;
      this.listener.onBuffered();
    }
  }

  async #append(stretch: Stretch): Promise<void> {
    const { signal } = this.#reading;
    try {
      const bytes = await this.#read(stretch, signal);
      if (signal.aborted) return;
      if (bytes.length === 0) return this.#onEndFound(stretch);
      this.#ended = false;
      await this.buffer.append(mediaSegment(this.pcm.format, bytes, stretch.mediaFrame, 1, BLOCK_FRAMES));
      if (signal.aborted) return;
      this.#timeline.extend(stretch, bytes.length / this.pcm.format.bytesPerFrame);
      this.listener.onBuffered();
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof DOMException && error.name === 'QuotaExceededError')) throw error;
      await this.#makeRoom();
    }
  }

  /** The track turned out to be shorter: a playhead put behind its end goes to its last frame. */
  #onEndFound({ trackFrame }: Stretch): void {
    const { frames } = this.pcm;
    if (trackFrame > frames && frames > 0) this.seekTo(frames - 1);
  }

  #read(stretch: Stretch, signal: AbortSignal): Promise<Uint8Array> {
    const { bytesPerFrame } = this.pcm.format;
    const most = Math.max(1, Math.floor(Math.min(SEGMENT_SECONDS.most * this.#rate, SEGMENT_BYTES / bytesPerFrame)));
    const least = Math.floor((this.#heard ? SEGMENT_SECONDS.least : FIRST_SEGMENT_SECONDS) * this.#rate);
    return this.pcm.read(stretch.trackFrame, {
      min: Math.max(1, Math.min(least, most)),
      max: Math.min(stretch.frames, most),
      until: stretch.trackFrame + stretch.frames,
      isUrgent: () => this.#isShort,
      signal,
    });
  }

  /** The element's buffer is full: ask less of it from now on, and drop all that has been heard. */
  async #makeRoom(): Promise<void> {
    const { playhead, bufferedTo, bytesPerSecond } = this.#window;
    const aheadBytes = Math.max(bytesPerSecond, (bufferedTo - playhead) * bytesPerSecond * QUOTA_SHARE);
    this.goals = { ...this.goals, aheadBytes };
    if (playhead > this.#timeline.start / this.#rate + 1) await this.#cut(playhead - 1);
    else await this.#idle();
  }

  async #cut(mediaTime: number): Promise<void> {
    this.#timeline.forgetBefore(Math.floor(mediaTime * this.#rate)); // first: a seek meanwhile must not count on it
    await this.buffer.remove(0, mediaTime);
  }

  #restart(frame: number): void {
    this.#mustClear = true;
    this.#isOutdated = false;
    this.#reading.abort();
    this.#reading = new AbortController();
    this.#timeline.restart(frame);
  }

  /** A `seekTo` meanwhile has set another target, and the timeline to match. */
  async #clear(): Promise<void> {
    await this.buffer.clear();
    this.#mustClear = false;
    this.#ended = false;
    this.#moveElement();
  }

  #moveElement(): void {
    if (this.element.currentTime !== this.#target) this.element.currentTime = this.#target;
  }

  /** Whether `mediaFrame` is on the element, or the next to be appended. */
  #holds(mediaFrame: number): boolean {
    return mediaFrame === this.#timeline.end || this.#isBuffered(mediaFrame / this.#rate);
  }

  #isBuffered(mediaTime: number): boolean {
    const { buffered } = this.element;
    const isIn = (i: number): boolean => buffered.start(i) <= mediaTime && mediaTime < buffered.end(i);
    return Array.from({ length: buffered.length }, (_, i) => isIn(i)).includes(true);
  }

  #onPlayhead(): void {
    const { seeking, currentTime } = this.element;
    if (!seeking && currentTime > this.#target + HEARD_SECONDS) this.#heard = true;
    this.#nudge();
  }

  #nudge(): void {
    this.#nudged = true;
    this.#resume();
  }

  /** Waits until something happens. */
  async #idle(): Promise<void> {
    if (!this.#nudged) {
      await new Promise<void>((resolve) => {
        this.#resume = resolve;
      });
    }
    this.#nudged = false;
  }
}

function isSamePlan(a: PlayPlan, b: PlayPlan): boolean {
  return a.end === b.end && a.loop?.start === b.loop?.start && a.loop?.end === b.loop?.end;
}
