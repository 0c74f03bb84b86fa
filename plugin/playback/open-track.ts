/** Opens a WAV: its blocks found, its header read. */

import { isStreamingAudioError } from '../errors.ts';
import type { Parser } from '../media/file-window.ts';
import { parseWavHeader, parseWavTrailer, type WavFormat, type WavPlaces } from '../media/wav-header.ts';
import type { AudioCache } from '../source/audio-cache.ts';
import { DEFAULT_BLOCK_BYTES } from '../source/block-store.ts';
import type { BlockCache, BlockReader, OpeningResponse } from '../source/block-cache.ts';
import { START_SECONDS } from './buffer-window.ts';
import type { StreamingOptions } from './streaming-options.ts';

const PARTIAL_CONTENT = 206;
const PRELOAD_STEP_BYTES = 64 * 2 ** 10; // 64 KiB: a loading bar moves a dozen times

/** How a track is opened. */
export interface OpenTrackOptions extends Pick<StreamingOptions, 'request' | 'retry' | 'timeouts'> {
  readonly signal: AbortSignal;
  /** Called when the server, or the cache, has answered. */
  readonly onResponse?: (response: OpeningResponse) => void;
}

/** How a track is preloaded. */
export interface PreloadOptions extends OpenTrackOptions {
  /** Called as bytes arrive, the last time with both figures the same. */
  readonly onProgress?: (loadedBytes: number, totalBytes: number) => void;
}

/** A track whose header is read. */
export interface OpenTrack {
  readonly source: BlockCache;
  readonly reader: BlockReader;
  readonly format: WavFormat;
}

/**
 * Opens the WAV at `url`. Close its `source` when done with it.
 *
 * @throws any `StreamingAudioError` of opening: `http`, `network`, `timeout`, `malformed-wav`, `unsupported-format`
 */
export async function openTrack(url: string, cache: AudioCache, options: OpenTrackOptions): Promise<OpenTrack> {
  const { request, retry, timeouts, signal, onResponse } = options;
  const source = await cache.open(url, { ...request, retry, timeouts, signal });
  try {
    onResponse?.(source.response);
    const reader = source.openReader();
    const read = (start: number, end: number): Promise<Uint8Array> => readRange(reader, start, end, signal);
    return { source, reader, format: await drive(parseWavHeader(source.size), read) };
  } catch (error) {
    // What turns out to be no WAV is not kept: a web page in its place may be gone the next time.
    if (isStreamingAudioError(error, 'malformed-wav', 'unsupported-format')) source.discard();
    source.close();
    throw error;
  }
}

/**
 * Reads the header of a track and its first seconds into the cache, so that a later start costs no request.
 *
 * @throws as `openTrack`
 */
export async function preloadTrack(url: string, cache: AudioCache, options: PreloadOptions): Promise<void> {
  const { source, reader, format } = await openTrack(url, cache, options);
  try {
    const { dataStart, dataEnd = Infinity, packetBytes, packetFrames, sampleRate } = format;
    const end = Math.min(dataEnd, dataStart + Math.ceil((START_SECONDS * sampleRate) / packetFrames) * packetBytes);
    const wholeBlocks = Math.ceil(end / DEFAULT_BLOCK_BYTES) * DEFAULT_BLOCK_BYTES; // only such are kept
    const total = Math.min(wholeBlocks, source.size ?? Infinity);
    for (let loaded = 0; loaded < total;) {
      const bytes = new Uint8Array(Math.min(PRELOAD_STEP_BYTES, total - loaded));
      const read = await reader.read(loaded, bytes, { atLeast: bytes.length, until: total, signal: options.signal });
      loaded = read < bytes.length ? total : loaded + read; // a file that ends early has no more
      options.onProgress?.(loaded, total);
    }
    await source.flush();
  } finally {
    source.close();
  }
}

/**
 * Reads what a track marks behind its audio, too: undefined where that is not at hand and `mayAsk` is false, or where
 * a server without Range would have to send all that lies before it first.
 *
 * @throws as `BlockReader.read`
 */
export async function readPlaces(
  { source, format }: Pick<OpenTrack, 'source' | 'format'>,
  mayAsk: boolean,
  signal: AbortSignal,
): Promise<WavPlaces | undefined> {
  if (format.trailer === undefined) return format;
  const { dataEnd = Infinity } = format;
  const { status, fromCache } = source.response;
  const isAtHand = source.cachedRanges().some(({ start, end }) => start <= dataEnd && end === source.size);
  if (!isAtHand && !(mayAsk && (fromCache || status === PARTIAL_CONTENT))) return undefined;
  const reader = source.openReader();
  // To the end of their block, so that what comes is kept.
  const read = async (start: number, end: number): Promise<Uint8Array> => {
    const blockEnd = Math.ceil(end / DEFAULT_BLOCK_BYTES) * DEFAULT_BLOCK_BYTES;
    const bytes = await readRange(reader, start, Math.min(blockEnd, source.size ?? end), signal);
    return bytes.subarray(0, end - start);
  };
  try {
    return await drive(parseWavTrailer(format, source.size), read);
  } finally {
    reader.close();
  }
}

/** Feeds a parser with the byte ranges it asks for. */
async function drive<Value>(
  parser: Parser<Value>,
  read: (start: number, end: number) => Promise<Uint8Array>,
): Promise<Value> {
  let step = parser.next();
  while (!step.done) {
    const { start, end } = step.value;
    step = parser.next(await read(start, end));
  }
  return step.value;
}

/** All bytes of `[start, end)`; fewer only at the end of the file. */
async function readRange(reader: BlockReader, start: number, end: number, signal: AbortSignal): Promise<Uint8Array> {
  const bytes = new Uint8Array(end - start);
  const filled = await reader.read(start, bytes, { atLeast: bytes.length, until: end, signal });
  return bytes.subarray(0, filled);
}
