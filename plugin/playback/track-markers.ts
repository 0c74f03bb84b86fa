/** What a file marks in its audio, in the seconds of its track. */

import type { WavMarker } from '../media/wav-header.ts';

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
