import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { isSlow, planWait, type StartState } from '../../plugin/playback/start-policy.ts';

const RATE = 1000;
const gap = (start: number, end: number, before = start) => ({ start, end, before });

/** A start of 20 s of sound, of which nothing is here, on a network of 0.6 of its rate. */
const START: StartState = {
  gaps: [gap(0, 20 * RATE)],
  speed: 0.6 * RATE,
  rate: RATE,
  room: Infinity,
  waited: 0,
  interruptions: 0,
};

describe('planWait', () => {
  test.each<[string, Partial<StartState>, number]>([
    ['waits until nine tenths of the speed last to the end, and 1.1 s longer', {}, 20 / 0.6 - 0.9 * 18.9],
    ['begins while the speed is unknown', { speed: undefined }, 0],
    ['begins on a network as fast as the sound', { speed: RATE }, 0],
    ['begins on one that is not clearly slower', { speed: 0.9 * RATE }, 0],
    [
      'trusts such a one no more once the sound ran dry',
      { speed: 0.9 * RATE, interruptions: 1 },
      20 / 0.9 - 0.9 * 18.9,
    ],
    ['and no more once it waits', { speed: 0.9 * RATE, waited: 1 }, 20 / 0.9 - 0.9 * 18.9],
    ['begins where nothing is missing', { gaps: [] }, 0],
    ['counts the speed at which the sound is played', { rate: 2 * RATE }, 20 / 0.6 - 0.9 * 8.9],
    ['needs less where more is here', { gaps: [gap(10 * RATE, 20 * RATE)] }, 0],
    ['looks at each gap', { gaps: [gap(1000, 7000), gap(19_000, 20_000)] }, (6000 - 540 * 5.9) / 600],
    ['waits no longer than 30 s', { gaps: [gap(0, 600 * RATE)] }, 30],
    ['counts what it has waited', { gaps: [gap(0, 600 * RATE)], waited: 12 }, 18],
    ['begins once it has waited so long', { gaps: [gap(0, 600 * RATE)], waited: 31 }, 0],
    ['waits longer each time that was not enough', { gaps: [gap(0, 6000 * RATE)], interruptions: 2 }, 120],
    ['waits as long as it may where the end is unknown', { gaps: [gap(0, Infinity)] }, 30],
    ['waits for no more than can be held', { gaps: [gap(3000, 600 * RATE)], room: 6000 }, 5],
  ])('%s', (_, change, seconds) => {
    expect(planWait({ ...START, ...change })).toBeCloseTo(seconds, 9);
  });

  test('a sound that has waited so long plays to its end on a network that keeps nine tenths of its speed', () => {
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 20_000 }), { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(cuts, fc.integer({ min: 100, max: 899 }), (places, speed) => {
        const sorted = places.toSorted((a, b) => a - b);
        const gaps = sorted.flatMap((start, i) =>
          i % 2 === 0 && sorted[i + 1] ? [gap(start, sorted[i + 1] ?? 0)] : [],
        );
        const seconds = planWait({ ...START, gaps, speed });
        let missing = 0;
        for (const { start, end } of gaps) {
          missing += end - start;
          const arrived = seconds * speed + 0.9 * speed * Math.max(0, end / RATE - 1.1);
          if (seconds < 30) expect(arrived).toBeGreaterThanOrEqual(missing - 1e-6);
        }
      }),
    );
  });
});

test('a network is slow where nine tenths of its speed are less than the rate, and never while it is unknown', () => {
  expect(isSlow({ speed: 1100, rate: RATE })).toBe(true);
  expect(isSlow({ speed: 1112, rate: RATE })).toBe(false);
  expect(isSlow({ speed: undefined, rate: RATE })).toBe(false);
});
