/** What is stored of tracks: records, blocks, checksums, within a budget; whatever keeps them. */

import { versionOf } from './content-range.ts';
import { KnownTracks } from './known-tracks.ts';
import type { KnownFile } from './remote-file.ts';

/** What is known of one track beside its blocks. */
export interface TrackRecord extends KnownFile {
  /** The cache key: a URL, or the name its user gave. */
  readonly key: string;
  /** The size of every block but the last, which is as long as the rest of the file. */
  readonly blockBytes: number;
  /** When the track was last opened or written, in ms since 1970. */
  readonly lastUsed: number;
  /** True where the remote file has become another one: the blocks serve those who play them, and no new opening. */
  readonly isOutdated: boolean;
}

/** A track as it is stored. */
export interface StoredTrack {
  readonly record: TrackRecord;
  /** True where eviction passes the track over. */
  readonly isPinned: boolean;
  /** The blocks that are held, by their index: each with its checksum. */
  readonly checksums: ReadonlyMap<number, number>;
}

/** A track, and what it begins with. */
export interface StoredStart extends StoredTrack {
  /** The first block; undefined where it is not held, or damaged. */
  readonly first: ArrayBuffer | undefined;
}

/** What became of a write: done, refused by the budget or by the browser, or lost with the store. */
export type WriteOutcome = 'written' | 'over-budget' | 'over-quota' | 'failed';

export type BlockKey = readonly [cacheKey: string, version: string, blockBytes: number, index: number];

/** Whether a transaction changes anything. */
export type TransactionMode = 'readonly' | 'readwrite';

/** What keeps tracks and blocks: the port that IndexedDB and memory implement. */
export interface Table {
  /**
   * Lends the rows to `work`, which may wait for nothing but them. All of its changes take place, or none.
   *
   * @throws what `work` throws, and whatever fails
   */
  transact<Value>(mode: TransactionMode, work: (rows: Rows) => Promise<Value>): Promise<Value>;
  /** How many bytes the browser grants in all; `undefined` where it does not say. */
  quotaBytes(): Promise<number | undefined>;
  close(): void;
  /** The most that it is to hold; undefined where only the budget says. */
  readonly mostBytes?: number;
}

/** What one transaction sees. */
export interface Rows {
  track(cacheKey: string): Promise<StoredTrack | undefined>;
  tracks(): Promise<StoredTrack[]>;
  blocks(keys: readonly BlockKey[]): Promise<(ArrayBuffer | undefined)[]>;
  putTrack(track: StoredTrack): void;
  putBlock(key: BlockKey, block: ArrayBuffer): void;
  deleteTrack(cacheKey: string): void;
  deleteBlock(key: BlockKey): void;
  /** Deletes every block of a track, whatever its version. */
  deleteBlocks(cacheKey: string): void;
  clear(): void;
}

export const DEFAULT_BLOCK_BYTES = 256 * 2 ** 10; // 256 KiB: 1.4 s of CD audio, and IndexedDB's best trade

/**
 * Never rejects: what cannot be read is not held, and what cannot be written is lost, so that a broken database costs
 * requests and nothing else.
 */
export class BlockStore {
  readonly #table: Promise<Table>;
  readonly #known = new KnownTracks<StoredStart>();
  /** Resolves when the table is open. */
  readonly opened: Promise<void>;
  /** The most that it can hold, in bytes, as far as the table has told. */
  mostBytes = Infinity;

  /** @param table open, or opening: everything waits for it */
  constructor(table: Table | Promise<Table>) {
    this.#table = Promise.resolve(table);
    this.opened = this.#learnSize();
    void this.#lookAround();
  }

  /** False where nothing is stored of a track, unless another tab has done so since the store was opened. */
  mayHold(key: string): boolean {
    return this.#known.mayHold(key);
  }

  find(key: string): Promise<StoredTrack | undefined> {
    return this.#attempt('readonly', undefined, (rows) => rows.track(key));
  }

  /** As `find`, with the first block, out of the same transaction; of a track used lately, the one of the opening. */
  async findStart(key: string): Promise<StoredStart | undefined> {
    const known = this.#known.takeStart(key);
    if (known !== undefined) return known;
    return this.#attempt('readonly', undefined, async (rows) => {
      const track = await rows.track(key);
      return track && (await readStarts(rows, [track]))[0];
    });
  }

  list(): Promise<StoredTrack[]> {
    return this.#attempt('readonly', [], (rows) => rows.tracks());
  }

  /** The blocks in the order asked for; `undefined` for those that are not held, or damaged. */
  read(record: TrackRecord, indices: readonly number[]): Promise<(ArrayBuffer | undefined)[]> {
    return this.#attempt('readonly', [], async (rows) => {
      const [track, blocks] = await Promise.all([
        rows.track(record.key),
        rows.blocks(indices.map((index) => keyOf(record, index))),
      ]);
      if (track === undefined || !isSameLayout(track.record, record)) return [];
      return blocks.map((block, at) => (isWhole(track, indices[at] ?? 0, block) ? block : undefined));
    });
  }

  /** Writes all or nothing, and drops the blocks of any other version of the track. */
  async write(record: TrackRecord, blocks: ReadonlyMap<number, ArrayBuffer>, maxBytes: number): Promise<WriteOutcome> {
    this.#known.add(record.key);
    const added = Array.from(blocks, ([index, block]): [number, number] => [index, checksumOf(block)]);
    return this.#attempt<WriteOutcome>('readwrite', 'failed', async (rows) => {
      const tracks = await rows.tracks();
      const former = tracks.find((track) => track.record.key === record.key);
      const isKept = former !== undefined && isSameLayout(former.record, record);
      const checksums = new Map([...(isKept ? former.checksums : []), ...added]);
      const track = { record, isPinned: former?.isPinned ?? false, checksums };
      const others = tracks.filter((other) => other !== former);
      if (blocks.size > 0 && totalBytes([...others, track]) > maxBytes) return 'over-budget';
      if (!isKept) rows.deleteBlocks(record.key);
      rows.putTrack(track);
      for (const [index, block] of blocks) rows.putBlock(keyOf(record, index), block);
      return 'written';
    });
  }

  /** Pins a track that is stored, or lets go of it, and of its record where nothing else is held of it. */
  pin(key: string, isPinned: boolean): Promise<void> {
    this.#known.change(key);
    return this.#attempt('readwrite', undefined, async (rows) => {
      const track = await rows.track(key);
      if (!isPinned && track?.checksums.size === 0) rows.deleteTrack(key);
      else if (track !== undefined) rows.putTrack({ ...track, isPinned });
    });
  }

  /** Drops some blocks of a track, or without `indices` all that is known of it. */
  remove(key: string, indices?: readonly number[]): Promise<void> {
    this.#known.change(key);
    return this.#attempt('readwrite', undefined, async (rows) => {
      const track = await rows.track(key);
      if (indices === undefined) {
        rows.deleteTrack(key);
        rows.deleteBlocks(key);
      } else if (track !== undefined) {
        const checksums = new Map([...track.checksums].filter(([index]) => !indices.includes(index)));
        rows.putTrack({ ...track, checksums });
        for (const index of indices) rows.deleteBlock(keyOf(track.record, index));
      }
    });
  }

  clear(): Promise<void> {
    this.#known.change();
    return this.#attempt('readwrite', undefined, async (rows) => rows.clear());
  }

  async quotaBytes(): Promise<number | undefined> {
    return (await this.#table).quotaBytes();
  }

  close(): void {
    void this.#table.then((table) => table.close());
  }

  async #learnSize(): Promise<void> {
    const { mostBytes = Infinity } = await this.#table;
    this.mostBytes = mostBytes;
  }

  async #lookAround(): Promise<void> {
    const look = async (rows: Rows): Promise<StoredStart[]> => readStarts(rows, this.#known.note(await rows.tracks()));
    this.#known.keep(await this.#attempt('readonly', [], look));
  }

  async #attempt<Value>(mode: TransactionMode, fallback: Value, work: (rows: Rows) => Promise<Value>): Promise<Value> {
    try {
      return await (await this.#table).transact(mode, work);
    } catch (error) {
      const isOverQuota = fallback === 'failed' && (error as Error | undefined)?.name === 'QuotaExceededError';
      return isOverQuota ? ('over-quota' as Value) : fallback;
    }
  }
}

/** How many blocks a file of `size` bytes has. */
export function countBlocks({ size, blockBytes }: Pick<TrackRecord, 'size' | 'blockBytes'>): number {
  return Math.ceil(size / blockBytes);
}

/** The length of one block, in bytes. */
export function blockLength({ size, blockBytes }: Pick<TrackRecord, 'size' | 'blockBytes'>, index: number): number {
  return Math.min(blockBytes, size - index * blockBytes);
}

/** How many bytes the blocks at `indices` have. */
export function sumBlocks(record: TrackRecord, indices: Iterable<number>): number {
  let bytes = 0;
  for (const index of indices) bytes += blockLength(record, index);
  return bytes;
}

/** How many bytes of a track are held. */
export function heldBytes({ record, checksums }: StoredTrack): number {
  return sumBlocks(record, checksums.keys());
}

/** How many bytes are held of all tracks. */
export function totalBytes(tracks: readonly StoredTrack[]): number {
  return tracks.reduce((total, track) => total + heldBytes(track), 0);
}

/** True where every block of the track is held. */
export function isComplete({ record, checksums }: StoredTrack): boolean {
  return checksums.size === countBlocks(record);
}

/** True where blocks under the one record may stand beside those under the other: one track, one version, one cut. */
export function isSameLayout(a: TrackRecord, b: TrackRecord): boolean {
  return a.key === b.key && versionOf(a) === versionOf(b) && a.size === b.size && a.blockBytes === b.blockBytes;
}

function keyOf(record: TrackRecord, index: number): BlockKey {
  return [record.key, versionOf(record), record.blockBytes, index];
}

async function readStarts(rows: Rows, tracks: readonly StoredTrack[]): Promise<StoredStart[]> {
  const firsts = await rows.blocks(tracks.map(({ record }) => keyOf(record, 0)));
  return tracks.map((track, at) => ({ ...track, first: isWhole(track, 0, firsts[at]) ? firsts[at] : undefined }));
}

function isWhole({ record, checksums }: StoredTrack, index: number, block: ArrayBuffer | undefined): boolean {
  return block?.byteLength === blockLength(record, index) && checksumOf(block) === checksums.get(index);
}

/**
 * FNV-1a over the 32-bit words of a block, and over the bytes behind the last one: any change within one word changes it.
 *
 * @see https://datatracker.ietf.org/doc/draft-eastlake-fnv/
 */
export function checksumOf(block: ArrayBuffer): number {
  const { imul } = Math; // looked up once: in some realms that costs more than the arithmetic
  const wordsBytes = block.byteLength - (block.byteLength % 4);
  let hash = FNV_BASIS;
  for (const part of [new Uint32Array(block, 0, wordsBytes / 4), new Uint8Array(block, wordsBytes)]) {
    const { length } = part;
    for (let at = 0; at < length; at += 1) hash = imul(hash ^ (part[at] as number), FNV_PRIME);
  }
  return hash >>> 0;
}

const FNV_BASIS = 0x811c_9dc5;
const FNV_PRIME = 0x0100_0193;
