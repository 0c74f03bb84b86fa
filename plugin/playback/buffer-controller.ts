/** Keeps an element fed with what it will need next, and moves it about the track. */

import type { AttachedBuffer } from './attached-buffer.ts';
import {
  type BufferGoals,
  covers,
  lowerGoals,
  planWindow,
  START_SECONDS,
  untouchedTo,
  type WindowState,
} from './buffer-window.ts';
import type { Feeder, FeederListener } from './feeder.ts';
import { PackedBuffer } from './packed-buffer.ts';
import type { PcmReader } from './pcm-reader.ts';
import { boundPlan, type FrameRange, type PlayPlan, replacePlan } from './play-plan.ts';
import { SeekPace } from './seek-pace.ts';
import { BLOCK_FRAMES, planSegment } from './segment.ts';
import { StretchReader } from './stretch-reader.ts';
import { type Stretch, Timeline } from './timeline.ts';
import { WakeUp } from './wake-up.ts';

/** The playhead has moved by itself once it is this far, in seconds, from where it was put. */
const HEARD_SECONDS = 0.01;

/** Reads frames, packs them and appends them to the element's buffer: as many as `planWindow` asks for. */
export class BufferController implements Feeder {
  readonly #timeline = new Timeline();
  readonly #packed: PackedBuffer;
  readonly #lifetime = new AbortController();
  #plan: PlayPlan = { end: Infinity, loop: undefined };
  /** Media time at which the element was last put. */
  #target = 0;
  /** Whether the playhead has moved on by itself since. */
  #heard = false;
  #filling = false;
  readonly #pace = new SeekPace();
  #mustClear = false;
  /** What is on the element was put there under another plan. */
  #mustReplan = false;
  /** Media frame from which what is on the element is being removed. */
  #removedFrom = Infinity;
  readonly #reader: StretchReader;
  #ended = false;
  #hasToldSpare = false;
  /** Rung when something happened that the feeding should look at. */
  readonly #wakeUp = new WakeUp();

  constructor(
    private readonly element: HTMLMediaElement,
    private readonly buffer: AttachedBuffer,
    private readonly pcm: PcmReader,
    private goals: BufferGoals,
    private readonly listener: FeederListener,
  ) {
    this.#packed = new PackedBuffer(buffer, pcm.format);
    this.#reader = new StretchReader(pcm, { isHeard: () => this.#heard, isShort: () => this.#isShort });
    const { signal } = this.#lifetime;
    for (const type of ['timeupdate', 'playing', 'seeked']) {
      element.addEventListener(type, () => this.#onPlayhead(), { signal });
    }
  }

  /** Feeds until `dispose`. Call it once, after a first `seekTo` where the start is not that of the track. */
  start(): void {
    const { signal } = this.#lifetime;
    this.buffer.onLost(() => this.listener.onError('the browser has closed its MediaSource'), signal);
    this.#keepFilled().catch((error: unknown) => {
      if (!signal.aborted) this.listener.onError(error);
    });
  }

  /** What to play from now on. What is heard already changes at its next seam that lies far enough ahead. */
  setPlan(plan: PlayPlan): void {
    this.#plan = replacePlan(this.#plan, plan);
    if (!this.#heard) return this.seekTo(this.#timeline.trackFrameAt(Math.round(this.#target * this.#rate)));
    this.#mustReplan = true;
    this.#reader.giveUp();
    this.#wakeUp.ring();
  }

  /**
   * Puts the playhead on `frame` of the track. Where that is neither on the element, as it is to be played, nor the next
   * to come, the element is cleared, and reading begins there.
   */
  seekTo(frame: number): void {
    const mediaFrame = this.#timeline.mediaFrameOf(frame);
    const isHere = mediaFrame !== undefined && this.#holds(mediaFrame);
    this.#target = (isHere ? mediaFrame : frame) / this.#rate;
    this.#heard = false;
    if (!isHere) this.#restart(frame);
    // What is old must not be heard at the new place: there the move waits until it is cleared.
    if (isHere || !covers(this.element.buffered, this.#target)) this.#moveElement();
    this.#wakeUp.ring();
  }

  /** Whether the element is not yet where `seekTo` was told, and must not play. */
  get isMoving(): boolean {
    return this.#mustClear;
  }

  /** Track frame under the playhead, with its fraction. */
  get trackFrame(): number {
    return this.#timeline.trackFrameAt(this.#mediaTime * this.#rate);
  }

  /** Seams that the playhead has passed; starts anew at a seek to a place that was not buffered. */
  get lap(): number {
    return this.#timeline.lapAt(this.#mediaTime * this.#rate);
  }

  /** The parts of the track on the element, in frames. */
  get buffered(): FrameRange[] {
    const { buffered } = this.element;
    return Array.from({ length: buffered.length }, (_, i) =>
      this.#timeline.trackRanges(buffered.start(i) * this.#rate, buffered.end(i) * this.#rate),
    ).flat();
  }

  /** What is played, within the track. */
  get plan(): PlayPlan {
    return boundPlan(this.#plan, this.pcm.frames);
  }

  /** Stops feeding. Idempotent. */
  dispose(): void {
    this.#lifetime.abort();
    this.#reader.close();
    this.#wakeUp.ring();
  }

  get #mediaTime(): number {
    return this.#mustClear ? this.#target : this.element.currentTime;
  }

  get #rate(): number {
    return this.pcm.format.sampleRate;
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

  async #keepFilled(): Promise<void> {
    while (!this.#lifetime.signal.aborted) {
      if (this.#mustClear) await this.#clear();
      if (this.#mustReplan) await this.#replan();
      const { fillTo, cutTo, hasTimeToSpare } = planWindow(this.#window, this.goals);
      this.#filling = fillTo !== undefined;
      if (hasTimeToSpare) this.#tellSpare();
      if (cutTo !== undefined) await this.#cut(cutTo);
      else if (fillTo === undefined) await this.#wakeUp.wait();
      else await this.#fill(fillTo);
    }
  }

  #tellSpare(): void {
    if (this.#hasToldSpare || (!this.#heard && !this.element.paused)) return;
    this.#hasToldSpare = true;
    this.listener.onTimeToSpare();
  }

  /** Appends the next segment on the way to media time `fillTo`, or ends the stream where there is none. */
  async #fill(fillTo: number): Promise<void> {
    const stretch = this.#nextStretch(fillTo);
    const waitMs = this.#pace.waitMs(performance.now());
    if (waitMs > 0) {
      await this.#wakeUp.wait(waitMs);
    } else if (stretch) {
      await this.#append(stretch);
    } else if (this.#ended) {
      await this.#wakeUp.wait();
    } else {
      await this.#packed.end();
      this.#ended = true;
      this.listener.onBuffered();
    }
  }

  /** What to append next on the way to media time `fillTo`; undefined where the sound is over. */
  #nextStretch(fillTo: number): Stretch | undefined {
    // Times are rounded: where what is left comes to no frame at all, the track would seem to be over.
    const wanted = Math.max(BLOCK_FRAMES, Math.ceil(fillTo * this.#rate) - this.#timeline.end);
    const { least } = planSegment(this.pcm.format, true);
    return this.#timeline.next(this.plan, wanted, least);
  }

  async #append(stretch: Stretch): Promise<void> {
    const { signal } = this.#reader;
    try {
      const read = await this.#reader.read(stretch);
      if (signal.aborted) return;
      if (read.length === 0) return this.#onEndFound(stretch);
      this.#ended = false;
      const frames = await this.#packed.append(read, stretch);
      if (this.#mustClear) return;
      this.#timeline.extend(stretch, frames);
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

  /** The element's buffer is full: ask less of it from now on, and drop all that has been heard. */
  async #makeRoom(): Promise<void> {
    const { playhead } = this.#window;
    this.goals = lowerGoals(this.goals, this.#window);
    if (playhead > this.#timeline.start / this.#rate + 1) await this.#cut(playhead - 1);
    else await this.#wakeUp.wait();
  }

  async #cut(mediaTime: number): Promise<void> {
    this.#timeline.forgetBefore(Math.floor(mediaTime * this.#rate)); // first: a seek meanwhile must not count on it
    await this.buffer.remove(0, mediaTime);
  }

  #restart(frame: number): void {
    this.#mustClear = true;
    this.#pace.seek(performance.now());
    this.#reader.giveUp();
    this.#timeline.restart(frame);
    this.#askAhead();
  }

  /** What is to be heard first comes while the element is being cleared; `#fill` reads it then. */
  #askAhead(): void {
    if (this.#pace.waitMs(performance.now()) > 0) return;
    const { fillTo } = planWindow(this.#window, this.goals);
    const stretch = fillTo === undefined ? undefined : this.#nextStretch(fillTo);
    if (stretch) this.#reader.ask(stretch);
  }

  /** Replaces what the plan would have otherwise, where it is far enough ahead. */
  async #replan(): Promise<void> {
    this.#mustReplan = false;
    const margin = 2 * BLOCK_FRAMES; // a FLAC frame goes as a whole: what was in front of the seam is appended again
    const from = Math.ceil(untouchedTo(this.#window) * this.#rate) + margin;
    const seam = this.#timeline.departureFrom(this.plan, from);
    if (seam === this.#timeline.end) return;
    this.#removedFrom = seam - margin;
    const end = await this.buffer.removeFrom(this.#removedFrom / this.#rate);
    this.#removedFrom = Infinity;
    this.#ended = false;
    if (!this.#mustClear) this.#timeline.cutFrom(Math.round(end * this.#rate));
    this.listener.onBuffered();
  }

  /** A `seekTo` meanwhile has set another target, and the timeline to match. */
  async #clear(): Promise<void> {
    await this.buffer.removeFrom(0);
    this.#mustClear = false;
    this.#ended = false;
    this.#moveElement();
  }

  #moveElement(): void {
    const { element } = this;
    if (element.currentTime !== this.#target && !this.#lifetime.signal.aborted) element.currentTime = this.#target;
  }

  /** Whether `mediaFrame` is on the element, with what is to follow it now, or the next to be appended. */
  #holds(mediaFrame: number): boolean {
    if (this.#mustClear || mediaFrame >= this.#removedFrom) return false;
    const { end } = this.#timeline;
    const isCurrent = this.#timeline.departureFrom(this.plan, mediaFrame) === end;
    return isCurrent && (mediaFrame === end || covers(this.element.buffered, mediaFrame / this.#rate));
  }

  #onPlayhead(): void {
    const { seeking, currentTime } = this.element;
    if (!seeking && currentTime > this.#target + HEARD_SECONDS) this.#heard = true;
    this.#wakeUp.ring();
  }
}
