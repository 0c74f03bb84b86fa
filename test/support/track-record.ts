/** A record to store blocks under. */

import type { TrackRecord } from '../../plugin/source/block-store.ts';

export const BLOCK = 1024;

export function recordOf(key: string, change: Partial<TrackRecord> = {}): TrackRecord {
  return {
    key,
    url: key,
    etag: '"v1"',
    lastModified: undefined,
    size: 100 * BLOCK,
    blockBytes: BLOCK,
    lastUsed: 0,
    isOutdated: false,
    ...change,
  };
}
