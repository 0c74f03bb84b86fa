import { expect, test } from '@jest/globals';

import { RecentBlocks } from '../../plugin/source/recent-blocks.ts';

test('recent blocks stay within their budget, the ones used last', () => {
  const recent = new RecentBlocks(30);
  for (const index of [1, 2, 3]) recent.set(index, new ArrayBuffer(10));
  recent.get(1);
  recent.set(4, new ArrayBuffer(10));
  expect(recent.indices).toEqual([3, 1, 4]);
  recent.set(5, new ArrayBuffer(100));
  expect(recent.indices).toEqual([5]);
});
