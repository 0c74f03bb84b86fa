import { expect, test } from '@jest/globals';

import { RecentBlocks } from '../../plugin/source/recent-blocks.ts';

const MIB = 2 ** 20;

test('recent blocks stay within their budget, the ones used last', () => {
  const recent = new RecentBlocks(30, () => false);
  for (const index of [1, 2, 3]) recent.set(index, new ArrayBuffer(10));
  recent.get(1);
  recent.set(4, new ArrayBuffer(10));
  expect(recent.indices).toEqual([3, 1, 4]);
  recent.set(5, new ArrayBuffer(100));
  expect(recent.indices).toEqual([5]);
});

test('of what is stored as well, 2 MiB stay; what is not yet stays up to the whole budget', () => {
  const stored = new Set<number>();
  const recent = new RecentBlocks(16 * MIB, (index) => stored.has(index));
  for (let index = 0; index < 8; index += 1) recent.set(index, new ArrayBuffer(MIB));
  expect(recent.indices).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  for (const index of [0, 1, 2, 3, 4, 6]) stored.add(index);
  recent.set(8, new ArrayBuffer(MIB));
  expect(recent.indices).toEqual([5, 7, 8]);
  for (let index = 9; index < 30; index += 1) recent.set(index, new ArrayBuffer(MIB));
  expect(recent.indices).toEqual(Array.from({ length: 16 }, (_, at) => 14 + at));
});
