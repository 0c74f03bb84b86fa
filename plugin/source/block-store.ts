/** Where blocks are kept: the port that a store implements, and its form in memory. */

import { versionOf } from './content-range.ts';
import type { KnownFile } from './remote-file.ts';

/** What a store knows of one track beside its blocks. */
export interface TrackRecord extends KnownFile {
  /** The cache key: a URL, or the name its user gave. */
  readonly key: string;
  /** The size of every block but the last, which is as long as the rest of the file. */
  readonly blockBytes: number;
  /** When the track was last opened or written, in ms since 1970. */
  readonly lastUsed: number;
  /** True where eviction passes the track over. */
  readonly isPinned: boolean;
  /** True where the remote file has become another one: the blocks serve those who play them, and no new opening. */
  readonly isOutdated: boolean;
}

/** A record and which of its blocks are held. */
export interface StoredTrack {
  readonly record: TrackRecord;
  readonly indices: readonly number[];
}

/** What became of a write. */
export type WriteOutcome = 'written' | 'full' | 'failed';

/**
 * Keeps whole blocks. A store never rejects: what it cannot read it does not hold, and what it cannot write is lost to
 * it, so that a broken database costs requests and nothing else.
 */
export interface BlockStore {
  find(key: string): Promise<StoredTrack | undefined>;
  list(): Promise<StoredTrack[]>;
  /** The blocks in the order asked for; `undefined` for those not held. */
  read(record: TrackRecord, indices: readonly number[]): Promise<(ArrayBuffer | undefined)[]>;
  /** Writes all or nothing, and drops the blocks of any other version of the track. */
  write(record: TrackRecord, blocks: ReadonlyMap<number, ArrayBuffer>): Promise<WriteOutcome>;
  /** Drops some blocks of a track, or without `indices` all that is known of it. */
  remove(key: string, indices?: readonly number[]): Promise<void>;
  clear(): Promise<void>;
  /** How many bytes the browser grants in all; `undefined` where it does not say. */
  quotaBytes(): Promise<number | undefined>;
  close(): void;
}

export const DEFAULT_BLOCK_BYTES = 256 * 2 ** 10; // 256 KiB: 1.4 s of CD audio, and IndexedDB's best trade

/** How many blocks a file of `size` bytes has. */
export function countBlocks({ size, blockBytes }: Pick<TrackRecord, 'size' | 'blockBytes'>): number {
  return Math.ceil(size / blockBytes);
}

/** The length of one block, in bytes. */
export function blockLength({ size, blockBytes }: Pick<TrackRecord, 'size' | 'blockBytes'>, index: number): number {
  return Math.min(blockBytes, size - index * blockBytes);
}

/** How many bytes of a track are held. */
export function heldBytes({ record, indices }: StoredTrack): number {
  return indices.reduce((total, index) => total + blockLength(record, index), 0);
}

/** True where blocks under the one record may stand beside those under the other: one track, one version, one cut. */
export function isSameLayout(a: TrackRecord, b: TrackRecord): boolean {
  return a.key === b.key && versionOf(a) === versionOf(b) && a.size === b.size && a.blockBytes === b.blockBytes;
}

/** Keeps blocks for as long as the page or process lives. */
export class MemoryBlockStore implements BlockStore {
  readonly #tracks = new Map<string, { record: TrackRecord; blocks: Map<number, ArrayBuffer> }>();

  async find(key: string): Promise<StoredTrack | undefined> {
    const track = this.#tracks.get(key);
    return track && { record: track.record, indices: [...track.blocks.keys()] };
  }

  async list(): Promise<StoredTrack[]> {
    return Array.from(this.#tracks.values(), ({ record, blocks }) => ({ record, indices: [...blocks.keys()] }));
  }

  async read(record: TrackRecord, indices: readonly number[]): Promise<(ArrayBuffer | undefined)[]> {
    const track = this.#tracks.get(record.key);
    const blocks = track !== undefined && isSameLayout(track.record, record) ? track.blocks : undefined;
    return indices.map((index) => blocks?.get(index));
  }

  async write(record: TrackRecord, blocks: ReadonlyMap<number, ArrayBuffer>): Promise<WriteOutcome> {
    const track = this.#tracks.get(record.key);
    const held = track !== undefined && isSameLayout(track.record, record) ? track.blocks : [];
    this.#tracks.set(record.key, { record, blocks: new Map([...held, ...blocks]) });
    return 'written';
  }

  async remove(key: string, indices?: readonly number[]): Promise<void> {
    if (indices === undefined) this.#tracks.delete(key);
    else for (const index of indices) this.#tracks.get(key)?.blocks.delete(index);
  }

  async clear(): Promise<void> {
    this.#tracks.clear();
  }

  async quotaBytes(): Promise<undefined> {
    return undefined;
  }

  close(): void {
    this.#tracks.clear();
  }
}
