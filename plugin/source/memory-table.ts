/** Tracks and blocks in memory, for as long as the page or process lives. */

import type { BlockKey, Rows, StoredTrack, Table, TransactionMode } from './block-store.ts';

export class MemoryTable implements Table {
  readonly #tracks = new Map<string, StoredTrack>();
  readonly #blocks = new Map<string, { readonly cacheKey: string; readonly block: ArrayBuffer }>();

  /** One turn is as good as a transaction here: nothing comes in between, and nothing fails. */
  readonly #rows: Rows = {
    track: async (cacheKey) => this.#tracks.get(cacheKey),
    tracks: async () => [...this.#tracks.values()],
    blocks: async (keys) => keys.map((key) => this.#blocks.get(nameOf(key))?.block),
    putTrack: (track) => this.#tracks.set(track.record.key, track),
    putBlock: (key, block) => this.#blocks.set(nameOf(key), { cacheKey: key[0], block }),
    deleteTrack: (cacheKey) => this.#tracks.delete(cacheKey),
    deleteBlock: (key) => this.#blocks.delete(nameOf(key)),
    deleteBlocks: (cacheKey) => {
      for (const [name, block] of this.#blocks) if (block.cacheKey === cacheKey) this.#blocks.delete(name);
    },
    clear: () => this.close(),
  };

  #last: Promise<unknown> = Promise.resolve();

  constructor(readonly mostBytes = Infinity) {}

  transact<Value>(_mode: TransactionMode, work: (rows: Rows) => Promise<Value>): Promise<Value> {
    const result = this.#last.then(() => work(this.#rows));
    this.#last = result.catch(() => {});
    return result;
  }

  async quotaBytes(): Promise<undefined> {
    return undefined;
  }

  close(): void {
    this.#tracks.clear();
    this.#blocks.clear();
  }
}

function nameOf(key: BlockKey): string {
  return JSON.stringify(key);
}
