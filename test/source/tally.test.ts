import { expect, test } from '@jest/globals';
import { Tally } from '../../plugin/source/tally.ts';

/** Pieces of 10 kB, waited for one after the other at a speed in bytes a second. */
function receive(tally: Tally, pieces: number, bytesPerSecond: number, fromMs = 0): number {
  const eachMs = (1000 * 10_000) / bytesPerSecond;
  for (let i = 0; i < pieces; i += 1) tally.receive(10_000, fromMs + i * eachMs, fromMs + (i + 1) * eachMs);
  return fromMs + pieces * eachMs;
}

test('tells a speed once it was measured for 25 ms', () => {
  const tally = new Tally();
  expect(tally.bytesPerSecond).toBeUndefined();
  const now = receive(tally, 1, 500_000);
  expect(tally.bytesPerSecond).toBeUndefined();
  receive(tally, 4, 500_000, now);
  expect(tally.bytesPerSecond).toBeCloseTo(500_000, -4);
  expect(tally.bytesReceived).toBe(50_000);
});

test('counts no time in which nothing was waited for', () => {
  const tally = new Tally();
  const now = receive(tally, 10, 100_000);
  receive(tally, 10, 100_000, now + 60_000);
  expect(tally.bytesPerSecond).toBeCloseTo(100_000, -4);
});

test('counts each moment once where bodies come side by side', () => {
  const tally = new Tally();
  for (let ms = 100; ms <= 1000; ms += 100) {
    tally.receive(5000, ms - 100, ms);
    tally.receive(5000, ms - 100, ms);
  }
  expect(tally.bytesPerSecond).toBeCloseTo(100_000, -4);
});

test.each([
  ['believes a network that becomes slower within seconds', 1e6, 50_000, 10, [49_000, 75_000]],
  ['believes one that becomes faster as soon', 50_000, 1e6, 2, [500_000, 1e6]],
] as const)('%s', (_, before, after, seconds, [least, most]) => {
  const tally = new Tally();
  const now = receive(tally, before / 10_000, before);
  receive(tally, (seconds * after) / 10_000, after, now);
  expect(tally.bytesPerSecond).toBeGreaterThan(least);
  expect(tally.bytesPerSecond).toBeLessThan(most);
});
