/** Every change of the store, one after the other and behind the reader's back, within the budget. */

import { type BlockStore, isSameLayout, type StoredTrack, type TrackRecord, type WriteOutcome } from './block-store.ts';
import { planEviction, totalBytes } from './eviction.ts';

/** Learns what became of blocks. */
export interface StoreListener {
  onStored(written: StoredTrack): void;
  onDropped(key: string, indices: readonly number[]): void;
}

interface Waiting {
  readonly record: TrackRecord;
  readonly index: number;
  readonly block: ArrayBuffer;
}

const BATCH_BYTES = 2 ** 20; // 1 MiB a transaction: twice as fast as block by block, and lost at once if the page dies
const PROMPT_BYTES = BATCH_BYTES / 2; // so much waiting is worth a transaction
const MAX_WAITING_BYTES = 7 * 2 ** 20; // 7 MiB, and a block of each request in flight: 8 MiB a slow disk may cost in memory

/** Collects blocks and writes them in batches; the store holds at most `maxBytes`. Never rejects. */
export class WriteBehind {
  readonly #store: BlockStore;
  readonly #maxBytes: number;
  readonly #listener: StoreListener;
  #queue: Waiting[] = [];
  #waitingBytes = 0;
  /** What the store holds, as far as is known here: other pages may write to it too. */
  #storedBytes: number | undefined;
  #lastJob: Promise<void> = Promise.resolve();
  #accepts = true;

  constructor(store: BlockStore, maxBytes: number, listener: StoreListener) {
    this.#store = store;
    this.#maxBytes = maxBytes;
    this.#listener = listener;
  }

  /** How much of a track may be counted on to be found in the store later, in bytes. */
  get reliableBytes(): number {
    return this.#accepts ? this.#maxBytes : 0;
  }

  add(record: TrackRecord, index: number, block: ArrayBuffer): void {
    if (this.#maxBytes === 0) return;
    this.#queue.push({ record, index, block });
    this.#waitingBytes += block.byteLength;
    if (this.#waitingBytes >= PROMPT_BYTES) void this.flush();
  }

  /** Resolves once there is room for more, so that a body is read no faster than it can be written. */
  async room(): Promise<void> {
    while (this.#waitingBytes >= MAX_WAITING_BYTES) await this.flush();
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
      await this.#store.write(record, new Map());
    });
  }

  /** Drops all that is known of a track, and what waits to be written of it. */
  remove(key: string): Promise<void> {
    this.#forget((waiting) => waiting.record.key === key);
    return this.#enqueue(async () => {
      await this.#store.remove(key);
      this.#storedBytes = undefined;
    });
  }

  clear(): Promise<void> {
    this.#forget(() => true);
    return this.#enqueue(async () => {
      await this.#store.clear();
      this.#storedBytes = undefined;
    });
  }

  #enqueue(job: () => Promise<void>): Promise<void> {
    this.#lastJob = this.#lastJob.then(job);
    return this.#lastJob;
  }

  #forget(isForgotten: (waiting: Waiting) => boolean): void {
    this.#queue = this.#queue.filter((waiting) => !isForgotten(waiting));
    this.#waitingBytes = sumBytes(this.#queue);
  }

  /** The first blocks in line that are of one version of one track. */
  #takeBatch(): Waiting[] {
    const [first, ...others] = this.#queue;
    if (first === undefined) return [];
    const batch = [first];
    for (const waiting of others) {
      const bytes = sumBytes(batch) + waiting.block.byteLength;
      if (bytes > BATCH_BYTES || !isSameLayout(waiting.record, first.record)) break;
      batch.push(waiting);
    }
    this.#queue.splice(0, batch.length);
    return batch;
  }

  async #writeBatch(batch: readonly Waiting[]): Promise<void> {
    const record = batch.at(-1)?.record;
    if (record === undefined) return;
    const blocks = new Map(batch.map(({ index, block }) => [index, block]));
    const bytes = sumBytes(batch);
    const outcome = await this.#writeWithin(record, blocks, bytes);
    this.#accepts = outcome === 'written';
    if (outcome === 'written') {
      this.#storedBytes = (this.#storedBytes ?? 0) + bytes;
      this.#listener.onStored({ record, indices: [...blocks.keys()] });
    }
    this.#waitingBytes = sumBytes(this.#queue);
  }

  async #writeWithin(
    record: TrackRecord,
    blocks: ReadonlyMap<number, ArrayBuffer>,
    bytes: number,
  ): Promise<WriteOutcome> {
    if (!(await this.#makeRoom(bytes, this.#maxBytes, record.key))) return 'full';
    const outcome = await this.#store.write(record, blocks);
    if (outcome !== 'full') return outcome;
    // The browser grants less than the budget: make as much room in what is stored now, and try once more.
    const stored = totalBytes(await this.#store.list());
    return (await this.#makeRoom(bytes, stored, record.key)) ? this.#store.write(record, blocks) : 'full';
  }

  /** Drops blocks of other tracks until `bytes` more fit into `budget`. False where they still do not. */
  async #makeRoom(bytes: number, budget: number, keptKey: string): Promise<boolean> {
    if (this.#storedBytes !== undefined && this.#storedBytes + bytes <= budget) return true;
    const tracks = await this.#store.list();
    this.#storedBytes = totalBytes(tracks);
    for (const eviction of planEviction(tracks, budget - bytes, keptKey)) {
      await this.#store.remove(eviction.key, eviction.isWhole ? undefined : eviction.indices);
      this.#storedBytes -= eviction.bytes;
      this.#listener.onDropped(eviction.key, eviction.indices);
    }
    return this.#storedBytes + bytes <= budget;
  }
}

function sumBytes(blocks: readonly Waiting[]): number {
  return blocks.reduce((total, { block }) => total + block.byteLength, 0);
}
