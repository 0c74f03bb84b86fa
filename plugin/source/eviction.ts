/** Which blocks a store drops to stay within its budget. */

import { blockLength, type StoredTrack, totalBytes } from './block-store.ts';

/** Blocks to drop of one track. */
export interface Eviction {
  readonly key: string;
  readonly indices: readonly number[];
  /** How much they free. */
  readonly bytes: number;
  /** True where no block of the track is left. */
  readonly isWhole: boolean;
}

/**
 * What to drop so that at most `maxBytes` are held: the least recently used track first, and of a track the tail
 * before the head, since it is the head that starts it without a wait. Pinned tracks and those in use are passed over, so
 * more than `maxBytes` may remain.
 */
export function planEviction(
  tracks: readonly StoredTrack[],
  maxBytes: number,
  isInUse: (key: string) => boolean,
): Eviction[] {
  const candidates = tracks
    .filter(({ record, isPinned }) => !isPinned && !isInUse(record.key))
    .toSorted((a, b) => a.record.lastUsed - b.record.lastUsed);
  let excess = totalBytes(tracks) - maxBytes;
  const evictions: Eviction[] = [];
  for (const track of candidates) {
    if (excess <= 0) break;
    const eviction = shorten(track, excess);
    evictions.push(eviction);
    excess -= eviction.bytes;
  }
  return evictions;
}

/** Drops blocks from the tail of a track until `excess` bytes are gone, or all are. */
function shorten({ record, checksums }: StoredTrack, excess: number): Eviction {
  const dropped: number[] = [];
  let bytes = 0;
  for (const index of [...checksums.keys()].toSorted((a, b) => b - a)) {
    if (bytes >= excess) break;
    dropped.push(index);
    bytes += blockLength(record, index);
  }
  return { key: record.key, indices: dropped, bytes, isWhole: dropped.length === checksums.size };
}
