/** `phaser-streaming-audio/howler`: for any page that plays through Howler. */

export * from './core.ts';
export { openStreamingHowl } from './howler/open-streaming-howl.ts';
export { StreamingHowl } from './howler/streaming-howl.ts';
export type { SoundStats, StreamingHowlEvents, StreamingHowlOptions, StreamingState } from './howler/contract.ts';
export type {
  BufferOptions,
  OpeningResponse,
  PlayRegion,
  StreamingOptions,
  StreamingStats,
  Tier,
  TierChoice,
  TimeRange,
  TrackMarker,
} from './playback/streaming-audio.ts';
