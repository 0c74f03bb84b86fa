/** The blocks of one track that are held: the last used in memory, all that the budget allows in the store. */

import type { ByteRange } from '../errors.ts';
import { blockLength, type BlockStore, countBlocks, isSameLayout, sumBlocks, type TrackRecord } from './block-store.ts';
import { RecentBlocks } from './recent-blocks.ts';
import type { WriteBehind } from './write-behind.ts';

/** Where blocks are held. */
export interface Shelf {
  readonly store: BlockStore;
  readonly writer: WriteBehind;
  /** The budget of the blocks in memory. */
  readonly recentBytes: number;
}

const MOST_LOADED_BYTES = 2 ** 20; // 1 MiB out of the store at once, or one block

export class HeldBlocks {
  readonly #shelf: Shelf;
  readonly #blockBytes: number;
  /** The track's record as of now; `undefined` while its size is unknown. */
  readonly #getRecord: () => TrackRecord | undefined;
  readonly #recent: RecentBlocks;
  readonly #stored = new Set<number>();
  /** Blocks that came before there was a record to store them under, or while too much waited to be written. */
  readonly #unwritten = new Set<number>();
  #isMemoryOnly = false;

  constructor(shelf: Shelf, blockBytes: number, getRecord: () => TrackRecord | undefined) {
    this.#shelf = shelf;
    this.#blockBytes = blockBytes;
    this.#getRecord = getRecord;
    this.#recent = new RecentBlocks(shelf.recentBytes, (index) => this.#stored.has(index));
  }

  /** How far a body may be read ahead of its readers and still be held when they come, in bytes. */
  get headroomBytes(): number {
    const storedBytes = this.#isMemoryOnly ? 0 : this.#shelf.writer.reliableBytes;
    return Math.max(storedBytes, this.#shelf.recentBytes) / 2;
  }

  /** How much the store holds, in bytes; 0 while the file's size is unknown. */
  get storedBytes(): number {
    const record = this.#getRecord();
    return record === undefined ? 0 : sumBlocks(record, this.#stored);
  }

  has(index: number): boolean {
    return this.#recent.has(index) || this.#stored.has(index);
  }

  /** True for a block that `load` may bring into memory. */
  isStored(index: number): boolean {
    return this.#stored.has(index);
  }

  /** What memory holds of the block at `position`, from there on: a view. */
  bytesAt(position: number): Uint8Array<ArrayBuffer> | undefined {
    const block = this.#recent.get(Math.floor(position / this.#blockBytes));
    const offset = position % this.#blockBytes;
    return block !== undefined && offset < block.byteLength ? new Uint8Array(block, offset) : undefined;
  }

  /** Takes in a block that the store has handed out. */
  restore(index: number, block: ArrayBuffer): void {
    this.#recent.set(index, block);
  }

  /** Takes a block in; resolves when the next may come. */
  async keep(index: number, block: ArrayBuffer): Promise<void> {
    this.#recent.set(index, block);
    if (this.#stored.has(index) || this.#isMemoryOnly) return;
    this.#unwritten.add(index);
    this.record();
    await this.#shelf.writer.room();
  }

  /** Hands on to the store what waits for a record, or for room, once there is one. */
  record(): void {
    if (this.#unwritten.size === 0) return;
    const record = this.#getRecord();
    if (record === undefined) return;
    for (const index of this.#unwritten) {
      const block = this.#recent.get(index);
      if (block === undefined || this.#shelf.writer.add(record, index, block)) this.#unwritten.delete(index);
    }
  }

  /**
   * Brings the block at `index` from the store into memory, and its successors as far as the byte `until`. What the
   * store turns out not to hold counts as stored no longer.
   *
   * @returns the bytes that came
   */
  async load(index: number, until: number): Promise<number> {
    const record = this.#getRecord();
    if (record === undefined) return 0;
    const indices = [index];
    const most = this.#mostLoaded;
    for (let next = index + 1; indices.length < most && next * this.#blockBytes < until; next += 1) {
      if (!this.#stored.has(next) || this.#recent.has(next)) break;
      indices.push(next);
    }
    const blocks = await this.#read(record, indices);
    for (const [loaded, block] of blocks) this.#recent.set(loaded, block);
    return sumBlocks(record, blocks.keys());
  }

  /** How many blocks come out of the store at once. */
  get #mostLoaded(): number {
    return Math.max(1, Math.floor(MOST_LOADED_BYTES / this.#blockBytes));
  }

  /** The blocks among those at `indices` that the store holds, undamaged; the others count as stored no longer. */
  async #read(record: TrackRecord, indices: readonly number[]): Promise<Map<number, ArrayBuffer>> {
    const found = await this.#shelf.store.read(record, indices);
    const blocks = new Map<number, ArrayBuffer>();
    for (const [at, index] of indices.entries()) {
      const block = found[at];
      if (block === undefined) this.#stored.delete(index);
      else blocks.set(index, block);
    }
    return blocks;
  }

  /**
   * Looks at what the store really has, and hands on to it what memory alone holds. Returns false where the store does
   * not have all of the file even so.
   *
   * @param isChecked whether to read each block that is stored, so that a damaged one is missing
   */
  async storeAll(isChecked: boolean): Promise<boolean> {
    const { writer } = this.#shelf;
    await this.#recount();
    if (isChecked) await this.#check();
    for (const index of this.#isMemoryOnly ? [] : this.#recent.indices) {
      if (!this.#stored.has(index)) this.#unwritten.add(index);
    }
    this.record();
    await writer.flush();
    const record = this.#getRecord();
    return record !== undefined && this.#stored.size === countBlocks(record);
  }

  /** Other tabs, and the browser, drop blocks without a word. */
  async #recount(): Promise<void> {
    const { writer, store } = this.#shelf;
    await writer.flush();
    const record = this.#getRecord();
    if (record === undefined) return;
    const track = await store.find(record.key);
    this.#stored.clear();
    if (track !== undefined && isSameLayout(track.record, record)) this.onStored([...track.checksums.keys()]);
  }

  /** Reads what is stored, for no other reason than to see that it can be. */
  async #check(): Promise<void> {
    const record = this.#getRecord();
    if (record === undefined) return;
    const indices = [...this.#stored];
    while (indices.length > 0) await this.#read(record, indices.splice(0, this.#mostLoaded));
  }

  /** Stores nothing more of the track, and forgets what is stored: its server forbids to. */
  keepInMemory(): void {
    if (this.#isMemoryOnly) return;
    this.#isMemoryOnly = true;
    this.#unwritten.clear();
    const record = this.#getRecord();
    if (record !== undefined) void this.#shelf.writer.remove(record.key);
    this.#stored.clear();
  }

  /** The bytes of all blocks held: merged, in order. */
  ranges(): ByteRange[] {
    const record = { size: this.#getRecord()?.size ?? Infinity, blockBytes: this.#blockBytes };
    const indices = [...new Set([...this.#recent.indices, ...this.#stored])].toSorted((a, b) => a - b);
    const ranges: ByteRange[] = [];
    for (const index of indices) {
      const start = index * this.#blockBytes;
      const end = start + blockLength(record, index);
      const last = ranges.at(-1);
      if (last?.end === start) ranges[ranges.length - 1] = { start: last.start, end };
      else ranges.push({ start, end });
    }
    return ranges;
  }

  /** Counts blocks as held by the store. */
  onStored(indices: readonly number[]): void {
    for (const index of indices) this.#stored.add(index);
  }

  /** Counts blocks as no longer held by the store; without `indices` all of them. */
  onDropped(indices: readonly number[] = [...this.#stored]): void {
    for (const index of indices) this.#stored.delete(index);
  }

  /** Lets go of all that is in memory. */
  clear(): void {
    this.#recent.clear();
    this.#stored.clear();
    this.#unwritten.clear();
  }
}
