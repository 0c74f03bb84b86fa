import { expect, test } from '@jest/globals';
import { failuresOf } from './mutants.ts';

const MUTANTS = 20_000; // ten times as many in test:corpus

test('headers changed at random end in a format or in one of the two errors, soon', () => {
  expect(failuresOf(MUTANTS, 1)).toEqual([]);
});
