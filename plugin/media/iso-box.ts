/** The boxes that MP4 files consist of (ISO/IEC 14496-12, section 4.2). */

import { uint32 } from './big-endian.ts';

/** Size and type, ahead of each box's content. */
export const BOX_HEADER_BYTES = 8;

/** A box: its size, its type of four letters, its contents one after the other. */
export function box(type: string, ...contents: readonly (readonly number[])[]): number[] {
  const body = contents.flat();
  return [...uint32(BOX_HEADER_BYTES + body.length), ...ascii(type), ...body];
}

/** A box whose content begins with a version, 0 to 255, and 24 flags. */
export function fullBox(
  type: string,
  version: number,
  flags: number,
  ...contents: readonly (readonly number[])[]
): number[] {
  return box(type, uint32(version * 2 ** 24 + flags), ...contents);
}

/** One byte a letter. */
export function ascii(text: string): number[] {
  return Array.from(text, (letter) => letter.charCodeAt(0));
}

/** Fields that are reserved, or left unset. */
export function zeros(bytes: number): number[] {
  return Array.from({ length: bytes }, () => 0);
}
