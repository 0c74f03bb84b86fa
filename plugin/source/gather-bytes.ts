/** Bytes that lie in several places, into one array. */

/**
 * Copies the bytes from `position` on into `target`, as far as `find` has them.
 *
 * @param find a view of the bytes at a position and behind it, as many as lie together
 * @returns how many bytes were copied
 */
export function gatherBytes(
  target: Uint8Array,
  position: number,
  find: (position: number) => Uint8Array | undefined,
): number {
  let copied = 0;
  while (copied < target.length) {
    const part = find(position + copied)?.subarray(0, target.length - copied);
    if (part === undefined) break;
    target.set(part, copied);
    copied += part.length;
  }
  return copied;
}
