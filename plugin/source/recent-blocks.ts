/** The blocks used last, in memory. */

/** Holds blocks up to a byte budget; beyond it the ones used longest ago go. The newest always stays. */
export class RecentBlocks {
  readonly maxBytes: number;
  /** In the order of their last use: a `Map` keeps the order of insertion. */
  readonly #blocks = new Map<number, ArrayBuffer>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

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
      if (this.#bytes <= this.maxBytes || oldest === index) break;
      this.#delete(oldest);
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
