/** The blocks used last, in memory. */

/** Up to so much stays of what the store has as well: 12 s of CD audio, in front of a disk that brings a block in 2 ms. */
const SPARED_BYTES = 2 * 2 ** 20; // 2 MiB

/**
 * Holds blocks up to a byte budget, and those that can be read again up to a smaller one; beyond it the ones used longest
 * ago go. The newest always stays.
 */
export class RecentBlocks {
  /** In the order of their last use: a `Map` keeps the order of insertion. */
  readonly #blocks = new Map<number, ArrayBuffer>();
  #bytes = 0;

  /** @param isStored whether the block at an index can be read again */
  constructor(
    readonly maxBytes: number,
    private readonly isStored: (index: number) => boolean,
  ) {}

  get indices(): number[] {
    return [...this.#blocks.keys()];
  }

  has(index: number): boolean {
    return this.#blocks.has(index);
  }

  /** The block, which counts as a use. */
  get(index: number): ArrayBuffer | undefined {
    const block = this.#blocks.get(index);
    if (block === undefined) return undefined;
    this.#blocks.delete(index);
    this.#blocks.set(index, block);
    return block;
  }

  set(index: number, block: ArrayBuffer): void {
    this.#delete(index);
    this.#blocks.set(index, block);
    this.#bytes += block.byteLength;
    for (const oldest of this.#blocks.keys()) {
      if (this.#bytes <= Math.min(this.maxBytes, SPARED_BYTES) || oldest === index) break;
      if (this.#bytes > this.maxBytes || this.isStored(oldest)) this.#delete(oldest);
    }
  }

  clear(): void {
    this.#blocks.clear();
    this.#bytes = 0;
  }

  #delete(index: number): void {
    this.#bytes -= this.#blocks.get(index)?.byteLength ?? 0;
    this.#blocks.delete(index);
  }
}
