/** One remote track on one media element: its bytes found, its header read, its sound fed, its times translated. */

import { InvalidArgumentError, isStreamingAudioError } from '../errors.ts';
import { parseWavHeader, type WavFormat } from '../media/wav-header.ts';
import { type AudioCache, startAudioCache } from '../source/audio-cache.ts';
import type { BlockCache, BlockReader, OpeningResponse } from '../source/block-cache.ts';
import type { RequestOptions } from '../source/request-options.ts';
import { AttachedBuffer, type Tier, type TierChoice } from './attached-buffer.ts';
import { BufferController } from './buffer-controller.ts';
import { type BufferGoals, START_SECONDS } from './buffer-window.ts';
import { PcmReader } from './pcm-reader.ts';
import type { FrameRange } from './timeline.ts';

export { AudioCache, type AudioCacheOptions, startAudioCache } from '../source/audio-cache.ts';
export type { OpeningResponse } from '../source/block-cache.ts';
export type { RequestOptions } from '../source/request-options.ts';
export type { Tier, TierChoice } from './attached-buffer.ts';

/** How much sound is kept on the element around the playhead. */
export interface BufferOptions {
  /** Seconds kept ahead of the playhead, above 0. @default 30 */
  readonly aheadSeconds?: number;
  /** The same in bytes of the file; the smaller of the two counts. Browsers hold about 12 MB. @default 8 MiB */
  readonly aheadBytes?: number;
  /** Seconds kept behind the playhead, so that a short step back costs nothing. @default 10 */
  readonly behindSeconds?: number;
}

/** Options of everything that streams. */
export interface StreamingOptions {
  /** Where blocks are kept. @default a cache of the default name, closed together with the sound */
  readonly cache?: AudioCache;
  readonly request?: Omit<RequestOptions, 'retry' | 'timeouts'>;
  readonly retry?: RequestOptions['retry'];
  readonly timeouts?: RequestOptions['timeouts'];
  readonly buffer?: BufferOptions;
  /** @default 'auto' */
  readonly tier?: TierChoice;
}

export const DEFAULT_BUFFER_GOALS: BufferGoals = {
  aheadSeconds: 30,
  aheadBytes: 8 * 2 ** 20, // 8 MiB, of the 12 MB or so that Chromium holds
  behindSeconds: 10,
};

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

/** What one sound has cost so far. */
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
  #format: WavFormat | undefined;
  #pcm: PcmReader | undefined;
  #controller: BufferController | undefined;
  #stopWatching: () => void = () => undefined;

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
    return this.#pcm ? this.#pcm.frames / this.#pcm.format.sampleRate : 0;
  }

  /** Second of the track under the playhead. */
  get position(): number {
    return this.#controller && this.#format ? this.#controller.trackFrame / this.#format.sampleRate : 0;
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
    const format = this.#format;
    if (!this.#source || !format) return [];
    const { dataStart, dataEnd = Infinity, bytesPerFrame } = format;
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
    const frame = Math.floor(seconds * this.#pcm.format.sampleRate + FRAME_ROUNDING);
    this.#controller?.seekTo(Math.max(0, Math.min(frame, this.#pcm.frames - 1)));
  }

  /** What to play from now on. Sound on the element already is still heard. */
  setRegion({ end, loop, loopStart, loopEnd }: PlayRegion): void {
    const format = this.#format;
    if (!format) return;
    const toFrame = (seconds: number): number => Math.round(seconds * format.sampleRate);
    const marked = loopStart === undefined && loopEnd === undefined ? format.loops[0] : undefined;
    const lap = marked ?? {
      start: toFrame(loopStart ?? 0),
      end: loopEnd === undefined ? Infinity : toFrame(loopEnd),
    };
    this.#controller?.setPlan({ end: end === undefined ? Infinity : toFrame(end), loop: loop ? lap : undefined });
  }

  /** Aborts what runs, frees what is held and revokes the object URL. Idempotent. */
  dispose(): void {
    this.#lifetime.abort();
    this.#stopWatching();
    this.#controller?.dispose();
    this.#source?.close();
    this.#buffer.dispose();
  }

  async #open(): Promise<void> {
    const { signal } = this.#lifetime;
    const { request, retry, timeouts } = this.options;
    const cache = this.options.cache ?? this.#ownCache();
    const source = await cache.open(this.url, { ...request, retry, timeouts, signal });
    if (signal.aborted) return source.close();
    this.#source = source;
    this.#stopWatching = source.subscribe(() => this.listener.onProgress());
    this.listener.onResponse(source.response);
    const reader = source.openReader();
    this.#format = await readFormat(source, reader, signal);
    this.#pcm = new PcmReader(this.#format, reader);
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
    const rate = this.#format?.sampleRate ?? 1;
    return [start / rate, end / rate];
  }
}

/** A track whose beginning is at hand, until `close`. */
export interface PreloadedTrack {
  /** Seconds; `Infinity` where the file does not tell until its end. */
  readonly duration: number;
  /** Lets go of what is kept in memory; idempotent. */
  close(): void;
}

/**
 * Reads the header of a track and its first seconds, so that a later start costs no request.
 *
 * @throws any `StreamingAudioError` of opening: `http`, `network`, `timeout`, `malformed-wav`, `unsupported-format`
 */
export async function preloadTrack(
  url: string,
  cache: AudioCache,
  options: StreamingOptions & { readonly signal: AbortSignal },
): Promise<PreloadedTrack> {
  const { request, retry, timeouts, signal } = options;
  const source = await cache.open(url, { ...request, retry, timeouts, signal });
  try {
    const reader = source.openReader();
    const format = await readFormat(source, reader, signal);
    const { dataStart, dataEnd = Infinity, bytesPerFrame, sampleRate, frames = Infinity } = format;
    const end = Math.min(dataEnd, dataStart + START_SECONDS * sampleRate * bytesPerFrame);
    await readRange(reader, dataStart, end, signal);
    reader.close();
    return { duration: frames / sampleRate, close: () => source.close() };
  } catch (error) {
    source.close();
    throw error;
  }
}

/** Undoes the rounding of a time that was computed from a frame, so that it gives that frame again. */
const FRAME_ROUNDING = 1e-6;

/** Reads the header. What turns out to be no WAV is not kept: a web page in its place may be gone the next time. */
async function readFormat(source: BlockCache, reader: BlockReader, signal: AbortSignal): Promise<WavFormat> {
  try {
    return await readWavHeader(reader, source.size, signal);
  } catch (error) {
    if (isStreamingAudioError(error, 'malformed-wav', 'unsupported-format')) source.discard();
    throw error;
  }
}

/** Feeds the header parser with the byte ranges it asks for. */
async function readWavHeader(reader: BlockReader, size: number | undefined, signal: AbortSignal): Promise<WavFormat> {
  const parser = parseWavHeader(size);
  let step = parser.next();
  while (!step.done) {
    const { start, end } = step.value;
    step = parser.next(await readRange(reader, start, end, signal));
  }
  return step.value;
}

/** All bytes of `[start, end)`; fewer only at the end of the file. */
async function readRange(reader: BlockReader, start: number, end: number, signal: AbortSignal): Promise<Uint8Array> {
  const bytes = new Uint8Array(end - start);
  let filled = 0;
  while (filled < bytes.length) {
    const piece = await reader.read(start + filled, bytes.length - filled, { until: end, signal });
    if (piece.length === 0) break;
    bytes.set(piece, filled);
    filled += piece.length;
  }
  return bytes.subarray(0, filled);
}

/** Checks the user's goals and fills in the rest. */
function resolveBufferGoals(options: BufferOptions = {}): BufferGoals {
  const goals = { ...DEFAULT_BUFFER_GOALS, ...options };
  for (const [name, value] of Object.entries<number>(goals)) {
    const least = name === 'behindSeconds' ? 0 : Number.MIN_VALUE;
    if (!(value >= least)) throw new InvalidArgumentError(`buffer.${name}`, 'a number above 0', value);
  }
  return goals;
}
