/** Reads a header's numbers and letters, in the byte order of its file. */
export class Fields {
  /** @param littleEndian false in RIFX */
  constructor(
    private readonly view: DataView,
    readonly littleEndian: boolean,
  ) {}

  /** How many bytes there are. */
  get length(): number {
    return this.view.byteLength;
  }

  uint8(at: number): number {
    return this.view.getUint8(at);
  }

  int16(at: number): number {
    return this.view.getInt16(at, this.littleEndian);
  }

  uint16(at: number): number {
    return this.view.getUint16(at, this.littleEndian);
  }

  uint32(at: number): number {
    return this.view.getUint32(at, this.littleEndian);
  }

  /** Exact to 2 ** 53, which no file reaches. */
  uint64(at: number): number {
    const [high, low] = this.littleEndian ? [at + 4, at] : [at, at + 4];
    return this.uint32(high) * 2 ** 32 + this.uint32(low);
  }

  /** Four letters, fewer where the bytes end before. */
  letters(at: number): string {
    return String.fromCharCode(...this.bytes(at, Math.min(at + 4, this.length)));
  }

  /** True where the bytes from `at` on are `expected`. */
  holds(at: number, expected: readonly number[]): boolean {
    const bytes = this.bytes(at, at + expected.length);
    return bytes.length === expected.length && expected.every((byte, index) => bytes[index] === byte);
  }

  /** The bytes `[start, end)`, as far as there are any. */
  bytes(start: number, end: number): Uint8Array {
    return new Uint8Array(this.view.buffer, this.view.byteOffset, this.view.byteLength).subarray(start, end);
  }
}
