import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import type { StoredTrack } from '../../plugin/source/block-store.ts';
import { planEviction, totalBytes } from '../../plugin/source/eviction.ts';
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
    list.map(({ key, ...change }): StoredTrack => {
      const record = recordOf(key, { ...change, blockBytes: 4 });
      return { record, indices: Array.from({ length: Math.ceil(record.size / 4) }, (_, index) => index) };
    }),
  );

  test('leaves no more than the budget, but for pinned tracks and the one in use', () => {
    fc.assert(
      fc.property(stored, fc.nat(150), (list, maxBytes) => {
        const evictions = planEviction(list, maxBytes, 'a');
        const freed = evictions.reduce((total, { bytes }) => total + bytes, 0);
        const untouchable = list.filter(({ record }) => record.isPinned || record.key === 'a');
        expect(totalBytes(list) - freed).toBeLessThanOrEqual(Math.max(maxBytes, totalBytes(untouchable)));
        for (const { key } of evictions) expect(untouchable.map(({ record }) => record.key)).not.toContain(key);
      }),
    );
  });

  test('takes the tail before the head, and a track before one used later', () => {
    fc.assert(
      fc.property(stored, fc.nat(150), (list, maxBytes) => {
        const evictions = planEviction(list, maxBytes);
        for (const [at, { key, indices, isWhole }] of evictions.entries()) {
          const track = list.find(({ record }) => record.key === key);
          expect(indices).toEqual(track?.indices.slice(-indices.length).toReversed());
          expect(isWhole).toBe(indices.length === track?.indices.length);
          if (at < evictions.length - 1) expect(isWhole).toBe(true);
        }
        const times = evictions.map(({ key }) => list.find(({ record }) => record.key === key)?.record.lastUsed ?? 0);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
      }),
    );
  });
});
