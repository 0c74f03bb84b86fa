/** Amounts of bytes: in words, and as a share of something, which is a bar. */

import { part } from './page.ts';

/** Shows how much is held of something, in the first bar below `root` and the words behind it. */
export function showShare(root: ParentNode, heldBytes: number, totalBytes: number): void {
  const bar = part(root, 'progress') as HTMLProgressElement;
  bar.max = Math.max(totalBytes, 1);
  bar.value = heldBytes;
  const percent = totalBytes > 0 ? Math.floor((100 * heldBytes) / totalBytes) : 0; // 100 only where nothing is missing
  part(root, 'progress + span').textContent = `${percent} % of ${bytes(totalBytes)}`;
}

export function bytes(count: number): string {
  return count < 1e6 ? `${count.toLocaleString('en')} bytes` : `${(count / 1e6).toFixed(1)} MB`;
}
