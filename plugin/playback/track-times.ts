/** Places in a track, in its seconds. */

import type { WavMarker } from '../media/wav-header.ts';

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

/** All of a track, once. */
export const WHOLE_TRACK: PlayRegion = { end: undefined, loop: false, loopStart: undefined, loopEnd: undefined };

/** A point that the file marks in its audio, or a stretch; in seconds. */
export interface TrackMarker {
  /** The label; empty where there is none. */
  readonly name: string;
  readonly start: number;
  /** Exclusive; undefined for a point. */
  readonly end: number | undefined;
}

/** Frames to seconds. */
export function trackMarkers(markers: readonly WavMarker[], sampleRate: number): TrackMarker[] {
  return markers.map(({ name, start, end }) => ({
    name,
    start: start / sampleRate,
    end: end === undefined ? undefined : end / sampleRate,
  }));
}
