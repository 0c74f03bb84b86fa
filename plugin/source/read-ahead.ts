/** Which run of blocks to ask for next. */

import type { ByteRange } from '../errors.ts';

/** The most that one request asks for: 8 MiB, 48 s of CD audio. What a jump makes useless of it is aborted. */
export const MAX_RUN_BYTES = 8 * 2 ** 20;

/** How much further than it has come a reader looks ahead: 8 MiB after six requests of ever more. */
const GROWTH = 4;

/** What a run is planned from. */
export interface RunQuery {
  /** The byte that is missing. */
  readonly position: number;
  /** How far the reader will go on, exclusive. */
  readonly until: number;
  readonly blockBytes: number;
  /** Where the file ends, as far as that is known. */
  readonly fileEnd: number;
  /** True for a block that is held, or about to arrive. */
  readonly isAtHand: (index: number) => boolean;
}

/**
 * The run of missing blocks that begins with the one at `position` and reaches `until`, rounded up to a block; it ends
 * before the next block at hand, after `MAX_RUN_BYTES`, or with the file.
 */
export function planRun({ position, until, blockBytes, fileEnd, isAtHand }: RunQuery): ByteRange {
  const first = Math.floor(position / blockBytes);
  const end = Math.min(until, fileEnd);
  const mostBlocks = Math.max(1, Math.floor(MAX_RUN_BYTES / blockBytes));
  let next = first + 1;
  while (next * blockBytes < end && next - first < mostBlocks && !isAtHand(next)) next += 1;
  return { start: first * blockBytes, end: Math.min(next * blockBytes, fileEnd) };
}

/**
 * How far a reader who names no goal looks ahead, in bytes: as far as it has come in sequence since its last jump, within
 * bounds. So a long read costs few requests, and a probing one wastes little.
 */
export function planWindow(sequentialBytes: number, maxBytes: number): number {
  return Math.min(GROWTH * sequentialBytes, maxBytes);
}
