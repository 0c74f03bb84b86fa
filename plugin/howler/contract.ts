/** The words in which a streaming sound is spoken to: its options, states, events and figures. */

import type { OpeningResponse, StreamingOptions, StreamingStats } from '../playback/streaming-audio.ts';

/**
 * Where a sound stands. `'opening'` until its header is read; `'waiting'` while it is to play and cannot yet, for want
 * of data or of the user's first gesture; `'complete'` after its end; the rest as the words say.
 */
export type StreamingState = 'opening' | 'ready' | 'playing' | 'waiting' | 'paused' | 'stopped' | 'complete' | 'failed';

/** Options of one sound. */
export interface StreamingHowlOptions extends StreamingOptions {
  /** @default false */
  readonly loop?: boolean | undefined;
  /** Second at which a lap begins. @default the WAV's own loop, else 0 */
  readonly loopStart?: number | undefined;
  /** Second at which a lap ends, exclusive. @default the WAV's own loop, else the end of the track */
  readonly loopEnd?: number | undefined;
  /** 0 to 1. @default 1 */
  readonly volume?: number | undefined;
  /** @default false */
  readonly mute?: boolean | undefined;
  /** How long the sound takes to its volume whenever it plays from its start, in ms. @default 0 */
  readonly fadeIn?: number | undefined;
  /** Speed, and with it the pitch; the element takes 0.0625 to 16. @default 1 */
  readonly rate?: number | undefined;
}

/** What a sound may need of its surroundings. */
export interface StreamingHowlHost {
  /** What to play on; nobody else uses it until the sound is disposed. @default an element of the sound's own */
  readonly element?: HTMLAudioElement | undefined;
  /** Whether sound that the element plays now can be heard. While not, the element stands still. */
  isAudible(): boolean;
}

/** The events of a `StreamingHowl` and what they hand over. */
export interface StreamingHowlEvents {
  /** The server or the cache has answered; once, and again where the file has changed. */
  response: [response: OpeningResponse];
  /** The header is read: `duration` is known. */
  ready: [];
  /** More of `markers` was found, behind the audio. */
  markers: [];
  /** Sound is heard: the first time, and whenever it goes on. */
  playing: [];
  /** Sound stopped for want of data, or waits until there is enough to play on: `stats.waitsFor` tells how long. */
  waiting: [];
  /** `buffered`, `cached` or `stats` changed. */
  progress: [];
  /** The remote file is a new version, which is played from now on, or after the old one that is cached. */
  changed: [];
  /** Playback passed the end of a lap. */
  looped: [];
  /** Someone else paused the element: a media key, the system. */
  paused: [];
  /** Someone else had the paused element play on. */
  resumed: [];
  /** The last sample was heard. */
  end: [];
  /** A `StreamingAudioError`, or what a user's `fetch` threw; the sound is over for good. */
  error: [error: unknown];
}

/** What a sound has cost, and how long its first sample took. */
export interface SoundStats extends StreamingStats {
  /** When it was first asked to play, as `performance.now()`; undefined before. */
  readonly requestedAt: number | undefined;
  /** When its first sample was heard, as `performance.now()`; undefined before. */
  readonly firstSoundAt: number | undefined;
  /**
   * For how many seconds it will still wait, by an estimate, because the network is slower than the track; 0 while it
   * does not. 'progress' tells of changes.
   */
  readonly waitsFor: number;
}
