/** One remote track on one media element: its bytes found, its header read, its sound fed, its times translated. */

import { isStreamingAudioError, PlaybackError } from '../errors.ts';
import type { WavLoop, WavPlaces } from '../media/wav-header.ts';
import type { AudioCache } from '../source/audio-cache.ts';
import type { BlockCache, OpeningResponse } from '../source/block-cache.ts';
import { startAudioCache } from '../source/open-audio-cache.ts';
import type { Tier } from './attached-buffer.ts';
import type { Feeder } from './feeder.ts';
import { type OpenTrack, openTrack, readPlaces } from './open-track.ts';
import { Outlet } from './outlet.ts';
import { PcmReader } from './pcm-reader.ts';
import { StartGate } from './start-gate.ts';
import { resolveBufferGoals, type StreamingOptions } from './streaming-options.ts';
import type { FrameRange } from './play-plan.ts';
import { type PlayRegion, type TimeRange, type TrackMarker, trackMarkers, WHOLE_TRACK } from './track-times.ts';

export { AudioCache } from '../source/audio-cache.ts';
export { type AudioCacheOptions, startAudioCache } from '../source/open-audio-cache.ts';
export type { OpeningResponse } from '../source/block-cache.ts';
export type { RequestOptions } from '../source/request-options.ts';
export type { Tier, TierChoice } from './attached-buffer.ts';
export { type PreloadOptions, preloadTrack } from './open-track.ts';
export type { BufferOptions, StreamingOptions } from './streaming-options.ts';
export type { PlayRegion, TimeRange, TrackMarker } from './track-times.ts';

/** Told of what happens on its own. */
export interface StreamingAudioListener {
  /** The server, or the cache, has answered. */
  onResponse(response: OpeningResponse): void;
  /** `objectUrl` is known, later than at first. */
  onObjectUrl(): void;
  /** The header is read: `duration` is known, and `seek` and `setRegion` may be called. */
  onReady(): void;
  /** More of `markers` was found, behind the audio. */
  onMarkers(): void;
  /** `buffered`, `cached` or `stats` changed. */
  onProgress(): void;
  /** The remote file is a new version: played from now on where the old one is not at hand, else after the next opening. */
  onChanged(): void;
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
  readonly #outlet: Outlet;
  readonly #lifetime = new AbortController();
  readonly #cache: AudioCache;
  #source: BlockCache | undefined;
  #pcm: PcmReader | undefined;
  #controller: Feeder | undefined;
  #gate: StartGate | undefined;
  /** What the file marks; undefined until all of it is read. */
  #places: WavPlaces | undefined;
  /** The file's own loop. */
  #loop: WavLoop | undefined;
  #region: PlayRegion = WHOLE_TRACK;
  #hasToldChange = false;
  /** Set once the track is being opened again: where a seek meanwhile wants to be. */
  #reopening: { seekTo?: number } | undefined;
  #hasReopened = false;

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
    const goals = resolveBufferGoals(options.buffer);
    this.#outlet = new Outlet(element, options.tier ?? 'auto', goals, () => listener.onObjectUrl());
    this.#cache = options.cache ?? this.#ownCache();
    element.addEventListener('playing', () => this.#findLoop(), { signal: this.#lifetime.signal });
    void this.#open();
  }

  /** What the element's `src` must be set to; empty until `onObjectUrl` where only the whole track makes it. */
  get objectUrl(): string {
    return this.#outlet.objectUrl;
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
    return this.#reopening?.seekTo !== undefined || (this.#controller?.isMoving ?? false);
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
    return (this.#pcm?.cached ?? []).map((range) => this.#seconds(range));
  }

  /** What holds the sound back on a network too slow for it; undefined before `onReady`. */
  get gate(): StartGate | undefined {
    return this.#gate;
  }

  /** What the file marks, as far as that is known, in the order of the track. */
  get markers(): TrackMarker[] {
    return trackMarkers((this.#places ?? this.#pcm?.format)?.markers ?? [], this.#rate);
  }

  get stats(): StreamingStats {
    const { requests = 0, bytesReceived = 0, bytesFromCache = 0 } = this.#source?.stats ?? {};
    return { requests, bytesReceived, bytesFromCache, tier: this.#outlet.tier };
  }

  /** Moves the element to a second of the track; beyond its end, to its last frame. */
  seek(seconds: number): void {
    this.#gate?.leave();
    if (this.#reopening !== undefined) this.#reopening.seekTo = seconds;
    else if (this.#pcm) this.#controller?.seekTo(this.#frameAt(seconds, this.#pcm));
  }

  /** What to play from now on: what is heard already changes at its next seam that is 1.5 s ahead or more. */
  setRegion(region: PlayRegion): void {
    this.#region = region;
    const { end, loop, loopStart, loopEnd } = region;
    const toFrame = (seconds: number): number => Math.round(seconds * this.#rate);
    const marked = loopStart === undefined && loopEnd === undefined ? this.#loop : undefined;
    const lap = marked ?? {
      start: toFrame(loopStart ?? 0),
      end: loopEnd === undefined ? Infinity : toFrame(loopEnd),
    };
    this.#controller?.setPlan({
      end: end === undefined ? Infinity : toFrame(end),
      loop: loop ? lap : undefined,
      comesBackAt: marked && Infinity,
    });
    if (!this.element.paused && this.element.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA) this.#findLoop();
  }

  /** Whether the track itself is to be heard somewhere between two of its seconds. */
  async hasSound(start: number, end: number): Promise<boolean> {
    const pcm = this.#pcm;
    const frames = Math.ceil((end - start) * this.#rate);
    return pcm?.hasSound(this.#frameAt(start, pcm), frames, this.#lifetime.signal) ?? false;
  }

  /** Aborts what runs, frees what is held and revokes the object URL. Idempotent. */
  dispose(): void {
    this.#lifetime.abort();
    this.#dropTrack();
    this.#outlet.dispose();
  }

  /** Frames a second; 1 before `onReady`, when nothing is counted yet. */
  get #rate(): number {
    return this.#pcm?.format.sampleRate ?? 1;
  }

  async #open(): Promise<void> {
    const { signal } = this.#lifetime;
    try {
      const onResponse = (response: OpeningResponse): void => this.listener.onResponse(response);
      const track = await openTrack(this.url, this.#cache, { ...this.options, signal, onResponse });
      await this.#feed(track);
    } catch (error) {
      await this.#onBroken(error);
    }
  }

  /** Plays from `track` from now on: from where the sound stands, if another version was played before. */
  async #feed({ source, reader, format }: OpenTrack): Promise<void> {
    const { signal } = this.#lifetime;
    const places = await readPlaces({ source, format }, false, signal).catch(() => undefined);
    if (signal.aborted) return source.close();
    const { position } = this;
    const wasPlayed = this.#controller !== undefined;
    this.#dropTrack();
    this.#source = source; // before the wait: `dispose` closes it
    if (wasPlayed) await this.#outlet.clear();
    if (signal.aborted) return;
    this.#places = places;
    this.#loop = (places ?? format).loops[0];
    source.subscribe(() => this.#onSource());
    this.#pcm = new PcmReader(format, reader, source);
    this.#controller = this.#outlet.feed(this.#pcm, {
      onBuffered: () => this.listener.onProgress(),
      onTimeToSpare: () => void this.#findPlaces(true),
      onError: (error) => void this.#onBroken(error),
    });
    this.#gate = new StartGate(this.element, this.#pcm, this.#controller, () => this.listener.onProgress());
    const from = this.#reopening?.seekTo ?? position;
    this.#reopening = undefined;
    this.setRegion(this.#region);
    if (wasPlayed) this.seek(from);
    this.listener.onReady();
    if (!signal.aborted) this.#controller.start();
  }

  /** A file that was replaced is opened anew, once, and goes on where it was; all else is for good. */
  async #onBroken(error: unknown): Promise<void> {
    if (!isStreamingAudioError(error, 'resource-changed') || this.#hasReopened) return this.#fail(error);
    this.#hasReopened = true;
    this.#reopening = {};
    this.#tellChange();
    await this.#open();
  }

  #onSource(): void {
    if (this.#source?.isOutdated) this.#tellChange();
    void this.#findPlaces(false);
    this.listener.onProgress();
  }

  #tellChange(): void {
    if (this.#hasToldChange || this.#lifetime.signal.aborted) return;
    this.#hasToldChange = true;
    this.listener.onChanged();
  }

  /** A loop behind the audio is asked for once something is heard, so that no start waits for it. */
  #findLoop(): void {
    const { loop, loopStart, loopEnd } = this.#region;
    const isWanted = loop && loopStart === undefined && loopEnd === undefined && this.#loop === undefined;
    if (isWanted) void this.#findPlaces(true);
  }

  async #findPlaces(mayAsk: boolean): Promise<void> {
    const [source, pcm] = [this.#source, this.#pcm];
    if (this.#places !== undefined || source === undefined || pcm === undefined) return;
    try {
      const places = await readPlaces({ source, format: pcm.format }, mayAsk, this.#lifetime.signal);
      if (places === undefined || pcm !== this.#pcm || this.#places !== undefined) return;
      this.#places = places;
      this.#loop = places.loops[0];
      this.listener.onMarkers();
      if (this.#loop !== undefined) this.setRegion(this.#region);
    } catch {
      // Until the next start the track is looped as a whole.
    }
  }

  #dropTrack(): void {
    this.#gate?.leave();
    this.#gate = undefined;
    this.#controller?.dispose();
    this.#source?.close();
  }

  #ownCache(): AudioCache {
    const cache = startAudioCache();
    this.#lifetime.signal.addEventListener('abort', () => cache.close(), { once: true });
    return cache;
  }

  #frameAt(seconds: number, { frames }: PcmReader): number {
    const frame = Math.floor(seconds * this.#rate + FRAME_ROUNDING);
    return Math.max(0, Math.min(frame, frames - 1));
  }

  #fail(error: unknown): void {
    if (this.#lifetime.signal.aborted) return;
    const isOurs = isStreamingAudioError(error);
    this.listener.onError(isOurs ? error : new PlaybackError(this.url, String(error), { cause: error }));
  }

  #seconds({ start, end }: FrameRange): TimeRange {
    return [start / this.#rate, end / this.#rate];
  }
}

/** Undoes the rounding of a time that was computed from a frame, so that it gives that frame again. */
const FRAME_ROUNDING = 1e-6;
