/** Fetches what is missing of a track, until the store has all of it. */

import { type ByteRange, CacheFullError } from '../errors.ts';
import { abortable } from './abortable.ts';
import type { BlockCache } from './block-cache.ts';
import type { RequestOptions } from './request-options.ts';

/** How far a download has come. */
export interface DownloadProgress {
  /** What is stored of the file, in bytes. */
  readonly loadedBytes: number;
  /** The length of the file, in bytes; `undefined` as long as the server has not told it. */
  readonly totalBytes: number | undefined;
}

/** How a track is downloaded. */
export interface DownloadOptions extends RequestOptions {
  /** Ends the download; what has arrived by then is kept. */
  readonly signal?: AbortSignal | undefined;
  /** Called at the beginning, whenever more has arrived, and when all is stored. */
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
}

const PIECE_BYTES = 2 ** 20; // 1 MiB between two calls of `onProgress`: one transaction of the store

/**
 * Reads the parts of a track that the store does not hold, or not as they were.
 *
 * @throws `cache-full` where they cannot be stored, what reading throws, or the signal's reason
 */
export async function downloadMissing(blocks: BlockCache, options: DownloadOptions): Promise<void> {
  const isSized = blocks.size !== undefined;
  tellProgress(blocks, options);
  await abortable(blocks.storeAll(true), options.signal); // so that what others have dropped or damaged is missing
  await readMissing(blocks, options);
  if (await abortable(blocks.storeAll(), options.signal)) return tellProgress(blocks, options);
  // Where only its end has told the size, blocks that had left memory by then could not be stored.
  if (!isSized) return downloadMissing(blocks, options);
  throw new CacheFullError(blocks.url, blocks.size ?? 0, blocks.storedBytes);
}

async function readMissing(blocks: BlockCache, options: DownloadOptions): Promise<void> {
  const reader = blocks.openReader();
  const piece = new Uint8Array(PIECE_BYTES);
  try {
    for (const { start, end } of missingRanges(blocks)) {
      for (let position = start; position < Math.min(end, blocks.size ?? Infinity);) {
        const target = piece.subarray(0, Math.min(PIECE_BYTES, end - position));
        const how = { atLeast: target.length, until: end, isUrgent: () => false, signal: options.signal };
        const count = await reader.read(position, target, how);
        if (count === 0) break;
        position += count;
        tellProgress(blocks, options);
      }
    }
  } finally {
    reader.close();
  }
}

function missingRanges(blocks: BlockCache): ByteRange[] {
  const held = [...blocks.cachedRanges(), { start: blocks.size ?? Infinity, end: Infinity }];
  return held.map(({ start }, at) => ({ start: held[at - 1]?.end ?? 0, end: start })).filter(isNotEmpty);
}

function isNotEmpty({ start, end }: ByteRange): boolean {
  return start < end;
}

function tellProgress({ storedBytes, size }: BlockCache, { onProgress }: DownloadOptions): void {
  onProgress?.({ loadedBytes: storedBytes, totalBytes: size });
}
