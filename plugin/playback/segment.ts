/** How much of a track goes into one append. Pure. */

import type { PcmFormat } from '../media/pcm.ts';

/** Seconds of audio in a segment: the least that is waited for, and the most that is put into one. */
const SEGMENT_SECONDS = { least: 0.25, most: 1 };

/** The same while nothing is heard yet: little, so that no byte that starts the sound waits for another, or for packing. */
const FIRST_SEGMENT_SECONDS = { least: 0.02, most: 0.25 };

/** Bytes of PCM in a segment at most, so that packing it never holds up a frame of the game. */
const SEGMENT_BYTES = 256 * 2 ** 10; // 256 KiB

/** Frames in a FLAC frame: Firefox resumes at the start of one, and WebKitGTK plays one twice. */
export const BLOCK_FRAMES = 1024;

/** How much to read for one segment, in frames. */
export interface SegmentPlan {
  /** At least 1. */
  readonly least: number;
  readonly most: number;
}

/** Decides how much to read for the next segment. @param heard whether any sound was since the last start or seek */
export function planSegment({ sampleRate, bytesPerFrame }: PcmFormat, heard: boolean): SegmentPlan {
  const seconds = heard ? SEGMENT_SECONDS : FIRST_SEGMENT_SECONDS;
  const most = Math.max(1, Math.floor(Math.min(seconds.most * sampleRate, SEGMENT_BYTES / bytesPerFrame)));
  return { least: Math.max(1, Math.min(Math.floor(seconds.least * sampleRate), most)), most };
}
