import { describe, expect, test } from '@jest/globals';
import { type BufferGoals, planWindow, START_SECONDS, type WindowState } from '../../plugin/playback/buffer-window.ts';

const goals: BufferGoals = { aheadSeconds: 30, aheadBytes: 8e6, behindSeconds: 10 };
const playing: WindowState = {
  playhead: 100,
  bufferedFrom: 95,
  bufferedTo: 110,
  bytesPerSecond: 176_400,
  rate: 1,
  heard: true,
  filling: false,
};

describe('planWindow', () => {
  test.each([
    ['fills to the goal when little is ahead', {}, 130],
    ['leaves well alone while three quarters of the goal are ahead', { bufferedTo: 122.6 }, undefined],
    ['fills again below three quarters of the goal', { bufferedTo: 122.4 }, 130],
    ['goes on filling to the goal once it has begun', { bufferedTo: 129, filling: true }, 130],
    ['stops filling at the goal', { bufferedTo: 130, filling: true }, undefined],
    ['asks for no more than a start before anything is heard', { heard: false, bufferedTo: 100 }, 100 + START_SECONDS],
    ['asks for more of a start at a higher rate', { heard: false, bufferedTo: 102, rate: 8 }, 116],
    ['asks for nothing when a start is at hand', { heard: false, bufferedTo: 102 }, undefined],
    ['counts the goal in bytes where that is less', { bytesPerSecond: 800_000, bufferedTo: 101 }, 110],
    ['wants nothing for a playhead that was sent back', { playhead: 0, bufferedTo: 110 }, undefined],
  ])('%s', (_, change, fillTo) => {
    expect(planWindow({ ...playing, ...change }, goals).fillTo).toBe(fillTo);
  });

  test.each([
    ['has none to spare with little ahead', { bufferedTo: 104.9, filling: true }, false],
    ['has time to spare with 5 s ahead', { bufferedTo: 105, filling: true }, true],
    ['has less at a higher rate', { bufferedTo: 109, rate: 2, filling: true }, false],
    ['has time where a lower goal is reached', { bytesPerSecond: 4e6, bufferedTo: 102, filling: true }, true],
    ['has time where a start is at hand', { heard: false, bufferedTo: 102 }, true],
  ])('%s', (_, change, hasTimeToSpare) => {
    expect(planWindow({ ...playing, ...change }, goals).hasTimeToSpare).toBe(hasTimeToSpare);
  });

  test.each([
    ['keeps what was just heard', {}, undefined],
    ['keeps a little more than the back buffer, so as not to cut all the time', { bufferedFrom: 86 }, undefined],
    ['cuts what lies further back', { bufferedFrom: 84 }, 90],
  ])('%s', (_, change, cutTo) => {
    expect(planWindow({ ...playing, ...change }, goals).cutTo).toBe(cutTo);
  });
});
