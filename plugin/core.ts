/** Entry `phaser-streaming-audio/core`: the seekable stream and the cache alone. Needs neither Phaser nor Howler. */

export {
  CacheFullError,
  ClosedError,
  HttpError,
  InvalidArgumentError,
  InvalidRangeResponseError,
  isStreamingAudioError,
  MalformedWavError,
  NetworkError,
  PlaybackError,
  RangeNotSupportedError,
  ResourceChangedError,
  StreamingAudioError,
  TimeoutError,
  UnsupportedFormatError,
  UnsupportedPlatformError,
} from './errors.ts';
export { openAudioCache } from './source/open-audio-cache.ts';
export { openSeekableStream } from './source/seekable-stream.ts';

export type { AnyStreamingAudioError, ByteRange, StreamingAudioErrorCode } from './errors.ts';
export type { AudioCache, AudioCacheEntry, AudioCacheUsage } from './source/audio-cache.ts';
export type { DownloadOptions, DownloadProgress } from './source/download.ts';
export type { AudioCacheOptions } from './source/open-audio-cache.ts';
export type { RequestOptions, TimeoutOptions } from './source/request-options.ts';
export type { RetryOptions } from './source/retry.ts';
export type { CallOptions, SeekableStream, SeekableStreamOptions, Whence } from './source/seekable-stream.ts';
