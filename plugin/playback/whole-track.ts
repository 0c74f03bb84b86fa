/**
 * Feeds an element where there is no MediaSource: with the whole track at once, as a WAV in a Blob. It plays once all is
 * there, and its loops are jumps of the element, which are heard.
 */

import { WAV_MIME_TYPE, wavFileHeader, wavSamples } from '../media/wav-file.ts';
import type { Feeder, FeederListener } from './feeder.ts';
import type { PcmReader } from './pcm-reader.ts';
import { boundPlan, type FrameRange, type PlayPlan, runFrom } from './play-plan.ts';

/** Bytes of PCM read at a time. */
const PIECE_BYTES = 2 ** 20; // 1 MiB

/** Seconds by which the end of a lap is early where it is that of the file: there the element would end. */
const EARLY_SECONDS = 0.02;

/** Told of what happens on its own. */
export interface WholeTrackListener extends FeederListener {
  /** All of the track is there: the element's `src` is to be made of it. */
  onWhole(wav: Blob): void;
}

export class WholeTrack implements Feeder {
  readonly #lifetime = new AbortController();
  #plan: PlayPlan = { end: Infinity, loop: undefined };
  /** Second to be at, until the element is there. */
  #target: number | undefined;
  #lap = 0;
  /** Where playing on ends, in seconds, and what is done there; undefined where the element ends by itself. */
  #boundary: { readonly seconds: number; readonly act: () => void } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly element: HTMLMediaElement,
    private readonly pcm: PcmReader,
    private readonly listener: WholeTrackListener,
  ) {
    const { signal } = this.#lifetime;
    element.addEventListener('loadedmetadata', () => this.#onLoaded(), { signal });
    element.addEventListener('seeked', () => this.#findBoundary(), { signal });
    for (const type of ['playing', 'pause', 'ratechange', 'timeupdate']) {
      element.addEventListener(type, () => this.#watchBoundary(), { signal });
    }
  }

  get trackFrame(): number {
    return (this.#target ?? this.element.currentTime) * this.#rate;
  }

  get lap(): number {
    return this.#lap;
  }

  get buffered(): FrameRange[] {
    return this.#isLoaded ? [{ start: 0, end: this.pcm.frames }] : [];
  }

  get plan(): undefined {
    return undefined;
  }

  get isMoving(): boolean {
    return this.#target !== undefined;
  }

  start(): void {
    this.#collect().catch((error: unknown) => {
      if (!this.#lifetime.signal.aborted) this.listener.onError(error);
    });
  }

  setPlan(plan: PlayPlan): void {
    this.#plan = plan;
    this.#findBoundary();
  }

  seekTo(frame: number): void {
    this.#target = frame / this.#rate;
    this.#lap = 0;
    this.#moveElement();
  }

  dispose(): void {
    this.#lifetime.abort();
    clearTimeout(this.#timer);
    this.pcm.close();
  }

  get #rate(): number {
    return this.pcm.format.sampleRate;
  }

  get #isLoaded(): boolean {
    return this.element.readyState >= HTMLMediaElement.HAVE_METADATA;
  }

  async #collect(): Promise<void> {
    const { pcm } = this;
    const { bytesPerFrame } = pcm.format;
    const most = Math.max(1, Math.floor(PIECE_BYTES / bytesPerFrame));
    const pieces: Blob[] = [];
    for (let frame = 0; frame < pcm.frames;) {
      const { signal } = this.#lifetime;
      const until = Math.min(pcm.frames, frame + 8 * most);
      const bytes = await pcm.read(frame, { min: most, max: most, until, isUrgent: () => true, signal });
      signal.throwIfAborted();
      pieces.push(new Blob([wavSamples(pcm.format, bytes) as Uint8Array<ArrayBuffer>]));
      frame += bytes.length / bytesPerFrame;
    }
    const header = wavFileHeader(pcm.format, pcm.frames) as Uint8Array<ArrayBuffer>;
    this.listener.onWhole(new Blob([header, ...pieces], { type: WAV_MIME_TYPE }));
    this.listener.onBuffered();
  }

  #onLoaded(): void {
    this.#moveElement();
    this.#findBoundary();
  }

  #moveElement(): void {
    if (this.#target === undefined || !this.#isLoaded) return;
    this.element.currentTime = this.#target;
    this.#target = undefined;
  }

  /** From where the element is, or has been put. */
  #findBoundary(): void {
    const { frames } = this.pcm;
    const plan = boundPlan(this.#plan, frames);
    const limit = runFrom(this.trackFrame, plan).end;
    const next = runFrom(limit, plan);
    const isFileEnd = limit === frames;
    const seconds = limit / this.#rate - (isFileEnd ? EARLY_SECONDS : 0);
    this.#boundary = undefined;
    if (next.start < next.end) this.#boundary = { seconds, act: () => this.#turn(next.start) };
    else if (!isFileEnd) this.#boundary = { seconds, act: () => this.#end() };
    this.#watchBoundary();
  }

  /** Acts where the boundary is reached, else looks again when it is due: elements tell their time too rarely. */
  #watchBoundary(): void {
    clearTimeout(this.#timer);
    const { paused, seeking, currentTime, playbackRate } = this.element;
    if (this.#boundary === undefined || paused || seeking || !this.#isLoaded) return;
    const leftMs = ((this.#boundary.seconds - currentTime) * 1000) / playbackRate;
    if (leftMs > 1) this.#timer = setTimeout(() => this.#watchBoundary(), leftMs);
    else this.#boundary.act();
  }

  #turn(frame: number): void {
    this.#lap += 1;
    this.element.currentTime = frame / this.#rate;
  }

  #end(): void {
    this.#boundary = undefined;
    this.element.dispatchEvent(new Event('ended'));
  }
}
