import { expect, test } from '@jest/globals';
import { SeekPace } from '../../plugin/playback/seek-pace.ts';

test('a seek that comes alone waits for nothing, and of a drag the last one until it is over', () => {
  const pace = new SeekPace();
  expect(pace.waitMs(0)).toBe(0);
  pace.seek(1000);
  expect(pace.waitMs(1000)).toBe(0);
  pace.seek(1100);
  expect([1100, 1200, 1250, 9000].map((now) => pace.waitMs(now))).toEqual([150, 50, 0, 0]);
  pace.seek(1200);
  expect(pace.waitMs(1250)).toBe(100);
  pace.seek(1350);
  expect(pace.waitMs(1350)).toBe(0);
});
