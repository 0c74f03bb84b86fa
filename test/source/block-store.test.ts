import { describe, expect, test } from '@jest/globals';

import { MemoryBlockStore } from '../../plugin/source/block-store.ts';
import { BLOCK, recordOf } from '../support/track-record.ts';

describe('a store in memory', () => {
  test('never gives blocks of another version, and drops them when it gets new ones', async () => {
    const store = new MemoryBlockStore();
    const [former, present] = [recordOf('a'), recordOf('a', { etag: '"v2"' })];
    await store.write(former, new Map([[0, new ArrayBuffer(BLOCK)]]));
    expect(await store.read(present, [0])).toEqual([undefined]);
    await store.write(present, new Map([[1, new ArrayBuffer(BLOCK)]]));
    expect(await store.find('a')).toEqual({ record: present, indices: [1] });
  });
});
