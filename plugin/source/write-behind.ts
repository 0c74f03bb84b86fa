/** Every change of the store, one after the other and behind the reader's back, within the budget. */

import { type BlockStore, isSameLayout, totalBytes, type TrackRecord, type WriteOutcome } from './block-store.ts';
import { planEviction } from './eviction.ts';

/** Knows the tracks that are open, and learns what became of their blocks. */
export interface StoreListener {
  /** True for a track whose blocks must not go. */
  isInUse(key: string): boolean;
  onStored(record: TrackRecord, indices: readonly number[]): void;
  onDropped(key: string, indices: readonly number[]): void;
}

interface Waiting {
  readonly record: TrackRecord;
  readonly index: number;
  readonly block: ArrayBuffer;
}

const BATCH_BYTES = 2 ** 20; // 1 MiB a transaction: twice as fast as block by block, and lost at once if the page dies
const PROMPT_BYTES = BATCH_BYTES / 2; // so much waiting is worth a transaction
const MAX_WAITING_BYTES = 8 * 2 ** 20; // 8 MiB a slow disk may cost in memory
const PAUSE_BYTES = 6 * 2 ** 20; // 6 MiB: beyond, bodies are held back, while eight requests finish a block

/** Collects blocks and writes them in batches; the store holds at most `maxBytes`. Never rejects. */
export class WriteBehind {
  readonly #store: BlockStore;
  readonly #maxBytes: number;
  readonly #listener: StoreListener;
  #queue: Waiting[] = [];
  #waitingBytes = 0;
  #lastJob: Promise<void> = Promise.resolve();
  #accepts = true;
  #hasWarned = false;

  constructor(store: BlockStore, maxBytes: number, listener: StoreListener) {
    this.#store = store;
    this.#maxBytes = maxBytes;
    this.#listener = listener;
  }

  /** How much of a track may be counted on to be found in the store later, in bytes. */
  get reliableBytes(): number {
    return this.#accepts ? this.maxBytes : 0;
  }

  /** The budget, in bytes. */
  get maxBytes(): number {
    return Math.min(this.#maxBytes, this.#store.mostBytes);
  }

  /** Takes a block; returns false where too much waits already. */
  add(record: TrackRecord, index: number, block: ArrayBuffer): boolean {
    if (this.maxBytes === 0) return true;
    if (this.#waitingBytes + block.byteLength > MAX_WAITING_BYTES) return false;
    this.#queue.push({ record, index, block });
    this.#waitingBytes += block.byteLength;
    if (this.#waitingBytes >= PROMPT_BYTES) void this.flush();
    return true;
  }

  /** Resolves once there is room for more, so that a body is read no faster than it can be written. */
  async room(): Promise<void> {
    while (this.#waitingBytes >= PAUSE_BYTES) await this.flush();
  }

  /** Resolves when all that waits now has been written, or given up. */
  flush(): Promise<void> {
    return this.#enqueue(async () => {
      while (this.#queue.length > 0) await this.#writeBatch(this.#takeBatch());
    });
  }

  /** Writes the record alone. */
  update(record: TrackRecord): Promise<void> {
    return this.#enqueue(async () => {
      await this.#store.write(record, new Map(), this.maxBytes);
    });
  }

  /** Pins a track, which is stored for it if need be without any block. */
  pin(record: TrackRecord): Promise<void> {
    return this.#enqueue(async () => {
      await this.#store.write(record, new Map(), this.maxBytes);
      await this.#store.pin(record.key, true);
    });
  }

  unpin(key: string): Promise<void> {
    return this.#enqueue(() => this.#store.pin(key, false));
  }

  /** Drops all that is known of a track, and what waits to be written of it. */
  remove(key: string): Promise<void> {
    this.#forget((waiting) => waiting.record.key === key);
    return this.#enqueue(() => this.#store.remove(key));
  }

  clear(): Promise<void> {
    this.#forget(() => true);
    return this.#enqueue(() => this.#store.clear());
  }

  #enqueue(job: () => Promise<void>): Promise<void> {
    this.#lastJob = this.#lastJob.then(job);
    return this.#lastJob;
  }

  #forget(isForgotten: (waiting: Waiting) => boolean): void {
    this.#queue = this.#queue.filter((waiting) => !isForgotten(waiting));
    this.#waitingBytes = sumBytes(this.#queue);
  }

  /** The first block in line, and the next ones of the same version of the same track. */
  #takeBatch(): Waiting[] {
    const batch = this.#queue.splice(0, 1);
    for (const waiting of this.#queue) {
      const isSame = batch.every(({ record }) => isSameLayout(record, waiting.record));
      if (isSame && sumBytes(batch) + waiting.block.byteLength <= BATCH_BYTES) batch.push(waiting);
    }
    this.#queue = this.#queue.filter((waiting) => !batch.includes(waiting));
    return batch;
  }

  async #writeBatch(batch: readonly Waiting[]): Promise<void> {
    const record = batch.at(-1)?.record;
    if (record === undefined) return;
    const blocks = new Map(batch.map(({ index, block }) => [index, block]));
    const bytes = sumBytes(batch);
    const outcome = await this.#writeWithin(record, blocks, bytes);
    this.#waitingBytes = sumBytes(this.#queue);
    this.#accepts = outcome === 'written';
    if (outcome === 'written') this.#listener.onStored(record, [...blocks.keys()]);
    if (outcome === 'over-quota') this.#warn();
  }

  /** Says once what nothing else shows: that the browser grants less than the budget. */
  #warn(): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    console.warn(
      'The browser stores no more audio for this site: what does not fit is fetched again when it is needed.',
    );
  }

  /** Where there is no room, makes some by dropping blocks of other tracks, and tries once more. */
  async #writeWithin(
    record: TrackRecord,
    blocks: ReadonlyMap<number, ArrayBuffer>,
    bytes: number,
  ): Promise<WriteOutcome> {
    const outcome = await this.#store.write(record, blocks, this.maxBytes);
    if (outcome === 'written' || outcome === 'failed') return outcome;
    const tracks = await this.#store.list();
    // A browser that grants less than the budget grants what is stored now.
    const budget = outcome === 'over-budget' ? this.maxBytes : Math.min(totalBytes(tracks), this.maxBytes);
    const isInUse = (key: string): boolean => key === record.key || this.#listener.isInUse(key);
    for (const eviction of planEviction(tracks, budget - bytes, isInUse)) {
      await this.#store.remove(eviction.key, eviction.isWhole ? undefined : eviction.indices);
      this.#listener.onDropped(eviction.key, eviction.indices);
    }
    return this.#store.write(record, blocks, this.maxBytes);
  }
}

function sumBytes(blocks: readonly Waiting[]): number {
  return blocks.reduce((total, { block }) => total + block.byteLength, 0);
}
