import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { type PlayPlan, Timeline } from '../../plugin/playback/timeline.ts';

const once = (end: number): PlayPlan => ({ end, loop: undefined });

/** Appends until `mediaFrames` are on the timeline or the sound is over; returns the track frames in order. */
function play(timeline: Timeline, plan: PlayPlan, mediaFrames: number, step = 7): number[] {
  const heard: number[] = [];
  while (heard.length < mediaFrames) {
    const stretch = timeline.next(plan, Math.min(step, mediaFrames - heard.length));
    if (!stretch) break;
    expect(stretch.mediaFrame).toBe(timeline.end);
    timeline.extend(stretch);
    for (let i = 0; i < stretch.frames; i++) heard.push(stretch.trackFrame + i);
  }
  return heard;
}

describe('Timeline', () => {
  test('plays a track once, media time equal to track time, and then says that it is over', () => {
    const timeline = new Timeline();
    expect(play(timeline, once(20), 100)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(timeline.next(once(20), 5)).toBeUndefined();
    expect(timeline.trackFrameAt(13)).toBe(13);
    expect(timeline.lapAt(19)).toBe(0);
  });

  test('begins anew at any frame, where media time equals track time again', () => {
    const timeline = new Timeline();
    play(timeline, once(20), 10);
    timeline.restart(15);
    expect(play(timeline, once(20), 100)).toEqual([15, 16, 17, 18, 19]);
    expect([timeline.start, timeline.end]).toEqual([15, 20]);
  });

  test('comes back from the end to a loop that became known too late, where it is told to', () => {
    const timeline = new Timeline();
    expect(play(timeline, { end: 10, loop: { start: 0, end: 10 } }, 7)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    const late = { end: 10, loop: { start: 2, end: 4 } };
    expect(play(timeline, { ...late, comesBack: true }, 8)).toEqual([7, 8, 9, 2, 3, 2, 3, 2]);
    timeline.restart(8);
    expect(play(timeline, late, 8)).toEqual([8, 9]);
  });

  test('plays an intro and then its loop, for ever, while media time grows', () => {
    const timeline = new Timeline();
    const plan = { end: 10, loop: { start: 4, end: 8 } };
    expect(play(timeline, plan, 14, 3)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5]);
    expect(timeline.end).toBe(14);
    expect([0, 7, 8, 11, 12].map((frame) => timeline.lapAt(frame))).toEqual([0, 0, 1, 1, 2]);
  });

  test('does not enter a loop that lies behind, and leaves one that is taken away', () => {
    const timeline = new Timeline();
    timeline.restart(9);
    expect(play(timeline, { end: 12, loop: { start: 4, end: 8 } }, 100)).toEqual([9, 10, 11]);
    timeline.restart(6);
    play(timeline, { end: 12, loop: { start: 4, end: 8 } }, 3, 2);
    expect(play(timeline, once(12), 100)).toEqual([5, 6, 7, 8, 9, 10, 11]);
  });

  test('counts a stretch of which only a part arrived', () => {
    const timeline = new Timeline();
    const stretch = timeline.next(once(20), 10);
    if (!stretch) throw new Error('nothing to play');
    timeline.extend(stretch, 4);
    expect(timeline.next(once(20), 10)).toEqual({ trackFrame: 4, mediaFrame: 4, frames: 10 });
  });

  test('gives the parts of the track between two media times, merged', () => {
    const timeline = new Timeline();
    play(timeline, { end: 10, loop: { start: 2, end: 8 } }, 16);
    expect(timeline.trackRanges(0, 16)).toEqual([{ start: 0, end: 8 }]);
    expect(timeline.trackRanges(6, 10)).toEqual([
      { start: 2, end: 4 },
      { start: 6, end: 8 },
    ]);
    expect(timeline.trackRanges(16, 16)).toEqual([]);
  });

  test('forgets what has been heard, so that a loop of days holds no more than its last laps', () => {
    const timeline = new Timeline();
    const plan = { end: 100, loop: { start: 0, end: 10 } };
    for (let lap = 0; lap < 1000; lap++) {
      play(timeline, plan, 10);
      timeline.forgetBefore(timeline.end - 25);
    }
    expect(timeline.start).toBe(9975);
    expect(timeline.trackRanges(0, 1e9)).toEqual([{ start: 0, end: 10 }]);
    expect(timeline.lapAt(9999)).toBe(999);
  });

  test('finds a track frame again wherever it said that it was', () => {
    fc.assert(
      fc.property(
        fc.nat(50),
        fc.integer({ min: 1, max: 50 }),
        fc.nat(100),
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 20 }),
        (loopStart, length, from, frames, step) => {
          const timeline = new Timeline();
          timeline.restart(from);
          const heard = play(timeline, { end: 120, loop: { start: loopStart, end: loopStart + length } }, frames, step);
          heard.forEach((trackFrame, i) => {
            expect(timeline.trackFrameAt(from + i)).toBe(trackFrame);
            const mediaFrame = timeline.mediaFrameOf(trackFrame);
            expect(mediaFrame).toBeGreaterThanOrEqual(from + i);
            expect(timeline.trackFrameAt(mediaFrame ?? -1)).toBe(trackFrame);
          });
        },
      ),
    );
  });
});
