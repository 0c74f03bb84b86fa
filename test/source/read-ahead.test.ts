import { describe, expect, test } from '@jest/globals';

import { planRun, planWindow } from '../../plugin/source/read-ahead.ts';

const BLOCK = 256 * 1024;

describe('a run', () => {
  const query = { blockBytes: BLOCK, fileEnd: 10_000_000, isAtHand: () => false };

  test.each([
    ['one block for one byte', 10, 11, 0, BLOCK],
    ['whole blocks, from the one at the position', BLOCK + 5, 3 * BLOCK + 1, BLOCK, 4 * BLOCK],
    ['no more than 8 MiB', 0, Infinity, 0, 32 * BLOCK],
    ['no more than the file', 11 * BLOCK, Infinity, 11 * BLOCK, 10_000_000],
  ])('is %s', (_, position, goal, start, end) => {
    expect(planRun({ ...query, position, until: goal })).toEqual({ start, end });
  });

  test('ends before a block at hand', () => {
    const held = { isAtHand: (index: number) => index === 3 };
    expect(planRun({ ...query, ...held, position: 0, until: Infinity })).toEqual({ start: 0, end: 3 * BLOCK });
  });

  test('looks ahead as far as its reader has come in sequence', () => {
    expect([0, BLOCK, 4 * BLOCK, 99 * BLOCK].map((bytes) => planWindow(bytes, 8 * BLOCK) / BLOCK)).toEqual([
      0, 4, 8, 8,
    ]);
    expect(planWindow(99, 0)).toBe(0);
  });
});
