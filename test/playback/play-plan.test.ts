import { describe, expect, test } from '@jest/globals';
import { gapsFrom, type PlayPlan } from '../../plugin/playback/play-plan.ts';

const ONCE: PlayPlan = { end: 100, loop: undefined };
const LOOPED: PlayPlan = { end: 100, loop: { start: 20, end: 80 } };

describe('gapsFrom', () => {
  test.each<[string, number, PlayPlan, [number, number][], object[]]>([
    ['all that is to come, where nothing is here', 10, ONCE, [], [{ start: 10, end: 100, before: 0 }]],
    ['nothing, where all of it is', 10, ONCE, [[0, 100]], []],
    ['nothing behind the playhead', 50, ONCE, [[50, 100]], []],
    [
      'what lies between the parts at hand, in any order and overlapping',
      10,
      ONCE,
      [
        [60, 70],
        [0, 30],
        [20, 40],
      ],
      [
        { start: 40, end: 60, before: 30 },
        { start: 70, end: 100, before: 60 },
      ],
    ],
    ['no more than the lap, where the sound is looped', 0, LOOPED, [[0, 30]], [{ start: 30, end: 80, before: 30 }]],
    [
      'the head of the lap too, where the sound begins within it',
      50,
      LOOPED,
      [[50, 60]],
      [
        { start: 60, end: 80, before: 10 },
        { start: 20, end: 50, before: 30 },
      ],
    ],
    ['nothing, where the lap is at hand', 50, LOOPED, [[20, 80]], []],
    [
      'what has no end, where the length is unknown',
      5,
      { end: Infinity, loop: undefined },
      [[0, 10]],
      [{ start: 10, end: Infinity, before: 5 }],
    ],
  ])('gives %s', (_, frame, plan, atHand, gaps) => {
    const ranges = atHand.map(([start, end]) => ({ start, end }));
    expect(gapsFrom(frame, plan, ranges)).toEqual(gaps);
  });
});
