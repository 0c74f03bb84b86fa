import { expect, test } from '@jest/globals';
import { quantile, summarize } from './statistics.ts';

test.each([
  [[3, 1, 2], { median: 2, least: 1, most: 3, runs: 3 }],
  [[10, 1], { median: 5.5, least: 1, most: 10, runs: 2 }],
  [[7], { median: 7, least: 7, most: 7, runs: 1 }],
  [[], undefined],
])('summarizes %j', (values, summary) => {
  expect(summarize(values)).toEqual(summary);
});

test('a quantile between two values lies between them', () => {
  expect(quantile([0, 10, 20, 30, 40], 0.99)).toBeCloseTo(39.6);
});
