import { expect, test } from '@jest/globals';
import { failuresOf } from '../media/mutants.ts';

const MUTANTS = 200_000;
const TIMEOUT_MS = 180_000;

test(
  '200,000 headers changed at random end in a format or in one of the two errors, soon',
  () => {
    expect(failuresOf(MUTANTS, 2)).toEqual([]);
  },
  TIMEOUT_MS,
);
