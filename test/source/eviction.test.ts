import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { type StoredTrack, totalBytes } from '../../plugin/source/block-store.ts';
import { planEviction } from '../../plugin/source/eviction.ts';
import { recordOf } from '../support/track-record.ts';

describe('eviction', () => {
  const tracks = fc.uniqueArray(
    fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd'),
      size: fc.integer({ min: 1, max: 50 }),
      lastUsed: fc.nat(3),
      isPinned: fc.boolean(),
    }),
    { selector: ({ key }) => key },
  );
  const stored = tracks.map((list) =>
    list.map(({ key, isPinned, ...change }): StoredTrack => {
      const record = recordOf(key, { ...change, blockBytes: 4 });
      const indices = Array.from({ length: Math.ceil(record.size / 4) }, (_, index) => index);
      return { record, isPinned, checksums: new Map(indices.map((index) => [index, 0])) };
    }),
  );

  test('leaves no more than the budget, but for pinned tracks and the one in use', () => {
    fc.assert(
      fc.property(stored, fc.nat(150), (list, maxBytes) => {
        const evictions = planEviction(list, maxBytes, (key) => key === 'a');
        const freed = evictions.reduce((total, { bytes }) => total + bytes, 0);
        const untouchable = list.filter(({ record, isPinned }) => isPinned || record.key === 'a');
        expect(totalBytes(list) - freed).toBeLessThanOrEqual(Math.max(maxBytes, totalBytes(untouchable)));
        for (const { key } of evictions) expect(untouchable.map(({ record }) => record.key)).not.toContain(key);
      }),
    );
  });

  test('takes the tail before the head, and a track before one used later', () => {
    fc.assert(
      fc.property(stored, fc.nat(150), (list, maxBytes) => {
        const evictions = planEviction(list, maxBytes, () => false);
        for (const [at, { key, indices, isWhole }] of evictions.entries()) {
          const track = list.find(({ record }) => record.key === key);
          const held = [...(track?.checksums.keys() ?? [])];
          expect(indices).toEqual(held.slice(-indices.length).toReversed());
          expect(isWhole).toBe(indices.length === held.length);
          if (at < evictions.length - 1) expect(isWhole).toBe(true);
        }
        const times = evictions.map(({ key }) => list.find(({ record }) => record.key === key)?.record.lastUsed ?? 0);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
      }),
    );
  });
});
