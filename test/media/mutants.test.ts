import { expect, test } from '@jest/globals';
import { failuresOf } from './mutants.ts';

const MUTANTS = 20_000; // ten times as many in test:corpus
const MOST_MS = 10_000; // of a machine that does other things beside

test('headers changed at random end in a format or in one of the two errors, soon', () => {
  const startedAt = performance.now();
  expect(failuresOf(MUTANTS, 1)).toEqual([]);
  expect(performance.now() - startedAt).toBeLessThan(MOST_MS);
});
