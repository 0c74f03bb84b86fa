/** Whole numbers as the big-endian bytes that FLAC and ISO BMFF are made of. */

/** Two bytes; `value` from 0 to 2 ** 16 - 1. */
export function uint16(value: number): number[] {
  return [value >>> 8, value & 0xff];
}

/** Four bytes; `value` from 0 to 2 ** 32 - 1. */
export function uint32(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
}

/** Eight bytes; `value` a safe integer, not negative. */
export function uint64(value: number): number[] {
  return [...uint32(Math.floor(value / 2 ** 32)), ...uint32(value % 2 ** 32)];
}
