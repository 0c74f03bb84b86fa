/** One remote track on one media element: its bytes found, its header read, its sound fed, its times translated. */

import { type AudioCache, startAudioCache } from '../source/audio-cache.ts';
import type { BlockCache, OpeningResponse } from '../source/block-cache.ts';
import { AttachedBuffer, type Tier } from './attached-buffer.ts';
import { BufferController } from './buffer-controller.ts';
import type { BufferGoals } from './buffer-window.ts';
import { openTrack } from './open-track.ts';
import { PcmReader } from './pcm-reader.ts';
import { resolveBufferGoals, type StreamingOptions } from './streaming-options.ts';
import type { FrameRange } from './timeline.ts';

export { AudioCache, type AudioCacheOptions, startAudioCache } from '../source/audio-cache.ts';
export type { OpeningResponse } from '../source/block-cache.ts';
export type { RequestOptions } from '../source/request-options.ts';
export type { Tier, TierChoice } from './attached-buffer.ts';
export { preloadTrack } from './open-track.ts';
export type { BufferOptions, StreamingOptions } from './streaming-options.ts';

/** A half-open stretch of the track, in seconds. */
export type TimeRange = readonly [start: number, end: number];

/** What part of the track to play, in seconds. */
export interface PlayRegion {
  /** Where the sound is over; undefined: at the end of the track. */
  readonly end: number | undefined;
  readonly loop: boolean;
  /** Where a lap begins; undefined: at the WAV's own loop, else at the start of the track. */
  readonly loopStart: number | undefined;
  /** Where a lap ends, exclusive; undefined: at the WAV's own loop, else at the end of the track. */
  readonly loopEnd: number | undefined;
}

/** Told of what happens on its own. */
export interface StreamingAudioListener {
  /** The server, or the cache, has answered. */
  onResponse(response: OpeningResponse): void;
  /** The header is read: `duration` is known, and `seek` and `setRegion` may be called. */
  onReady(): void;
  /** `buffered`, `cached` or `stats` changed. */
  onProgress(): void;
  /** Opening or feeding has failed, for good. */
  onError(error: unknown): void;
}

/** What a track has cost so far, all sounds that have it open together. */
export interface StreamingStats {
  /** Requests started. */
  readonly requests: number;
  /** Bytes that came over the network. */
  readonly bytesReceived: number;
  /** Bytes that came out of the cache. */
  readonly bytesFromCache: number;
  readonly tier: Tier;
}

/** Opens on construction; what fails later is told to the listener. */
export class StreamingAudio {
  readonly #buffer: AttachedBuffer;
  readonly #goals: BufferGoals;
  readonly #lifetime = new AbortController();
  #source: BlockCache | undefined;
  #pcm: PcmReader | undefined;
  #controller: BufferController | undefined;

  /**
   * @throws UnsupportedPlatformError (`unsupported-platform`)
   * @throws InvalidArgumentError (`invalid-argument`) a buffer goal out of its range
   */
  constructor(
    private readonly element: HTMLMediaElement,
    private readonly url: string,
    private readonly options: StreamingOptions,
    private readonly listener: StreamingAudioListener,
  ) {
    this.#goals = resolveBufferGoals(options.buffer);
    this.#buffer = new AttachedBuffer(options.tier ?? 'auto');
    this.#open().catch((error: unknown) => this.#fail(error));
  }

  /** What the element's `src` must be set to. */
  get objectUrl(): string {
    return this.#buffer.objectUrl;
  }

  /** Length of the track in seconds: 0 before `onReady`, `Infinity` where the file does not tell until its end. */
  get duration(): number {
    return this.#pcm ? this.#pcm.frames / this.#rate : 0;
  }

  /** Second of the track under the playhead. */
  get position(): number {
    return this.#controller ? this.#controller.trackFrame / this.#rate : 0;
  }

  /** Whether the element is still to be moved to where `seek` was told: until then it must not play. */
  get isMoving(): boolean {
    return this.#controller?.isMoving ?? false;
  }

  /** Seams passed by the playhead since the last seek. */
  get lap(): number {
    return this.#controller?.lap ?? 0;
  }

  /** The parts of the track that can be heard without reading anything. */
  get buffered(): TimeRange[] {
    return (this.#controller?.buffered ?? []).map((range) => this.#seconds(range));
  }

  /** The parts of the track that are cached. */
  get cached(): TimeRange[] {
    if (!this.#source || !this.#pcm) return [];
    const { dataStart, dataEnd = Infinity, bytesPerFrame } = this.#pcm.format;
    return this.#source.cachedRanges().flatMap(({ start, end }) => {
      const frames = {
        start: (Math.max(start, dataStart) - dataStart) / bytesPerFrame,
        end: (Math.min(end, dataEnd) - dataStart) / bytesPerFrame,
      };
      return frames.start < frames.end ? [this.#seconds(frames)] : [];
    });
  }

  get stats(): StreamingStats {
    const { requests = 0, bytesReceived = 0, bytesFromCache = 0 } = this.#source?.stats ?? {};
    return { requests, bytesReceived, bytesFromCache, tier: this.#buffer.tier };
  }

  /** Moves the element to a second of the track; beyond its end, to its last frame. */
  seek(seconds: number): void {
    if (!this.#pcm) return;
    const frame = Math.floor(seconds * this.#rate + FRAME_ROUNDING);
    this.#controller?.seekTo(Math.max(0, Math.min(frame, this.#pcm.frames - 1)));
  }

  /** What to play from now on. Sound on the element already is still heard. */
  setRegion({ end, loop, loopStart, loopEnd }: PlayRegion): void {
    const toFrame = (seconds: number): number => Math.round(seconds * this.#rate);
    const marked = loopStart === undefined && loopEnd === undefined ? this.#pcm?.format.loops[0] : undefined;
    const lap = marked ?? {
      start: toFrame(loopStart ?? 0),
      end: loopEnd === undefined ? Infinity : toFrame(loopEnd),
    };
    this.#controller?.setPlan({ end: end === undefined ? Infinity : toFrame(end), loop: loop ? lap : undefined });
  }

  /** Aborts what runs, frees what is held and revokes the object URL. Idempotent. */
  dispose(): void {
    this.#lifetime.abort();
    this.#controller?.dispose();
    this.#source?.close();
    this.#buffer.dispose();
  }

  /** Frames a second; 1 before `onReady`, when nothing is counted yet. */
  get #rate(): number {
    return this.#pcm?.format.sampleRate ?? 1;
  }

  async #open(): Promise<void> {
    const { signal } = this.#lifetime;
    const cache = this.options.cache ?? this.#ownCache();
    const onResponse = (response: OpeningResponse): void => this.listener.onResponse(response);
    const { source, reader, format } = await openTrack(this.url, cache, { ...this.options, signal, onResponse });
    if (signal.aborted) return source.close();
    this.#source = source;
    source.subscribe(() => this.listener.onProgress());
    this.#pcm = new PcmReader(format, reader, source);
    this.#controller = new BufferController(this.element, this.#buffer, this.#pcm, this.#goals, {
      onBuffered: () => this.listener.onProgress(),
      onError: (error) => this.#fail(error),
    });
    this.listener.onReady();
    if (!signal.aborted) this.#controller.start();
  }

  #ownCache(): AudioCache {
    const cache = startAudioCache();
    this.#lifetime.signal.addEventListener('abort', () => cache.close(), { once: true });
    return cache;
  }

  #fail(error: unknown): void {
    if (!this.#lifetime.signal.aborted) this.listener.onError(error);
  }

  #seconds({ start, end }: FrameRange): TimeRange {
    return [start / this.#rate, end / this.#rate];
  }
}

/** Undoes the rounding of a time that was computed from a frame, so that it gives that frame again. */
const FRAME_ROUNDING = 1e-6;
