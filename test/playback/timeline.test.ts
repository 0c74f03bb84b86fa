import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { type PlayPlan, replacePlan } from '../../plugin/playback/play-plan.ts';
import { Timeline } from '../../plugin/playback/timeline.ts';

const once = (end: number): PlayPlan => ({ end, loop: undefined });

/** Appends until `mediaFrames` are on the timeline or the sound is over; returns the track frames in order. */
function play(timeline: Timeline, plan: PlayPlan, mediaFrames: number, step = 7, least = 0): number[] {
  const heard: number[] = [];
  while (heard.length < mediaFrames) {
    const stretch = timeline.next(plan, Math.min(step, mediaFrames - heard.length), least);
    if (!stretch) break;
    expect(stretch.mediaFrame).toBe(timeline.end);
    timeline.extend(stretch);
    for (let i = 0; i < stretch.frames * stretch.times; i++) heard.push(stretch.trackFrame + (i % stretch.frames));
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
    expect(play(timeline, { ...late, comesBackAt: 10 }, 8)).toEqual([7, 8, 9, 2, 3, 2, 3, 2]);
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
    expect(timeline.next(once(20), 10)).toEqual({ trackFrame: 4, mediaFrame: 4, frames: 10, times: 1 });
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

  test('puts laps too short for a segment together, in one span however many they are', () => {
    const timeline = new Timeline();
    const plan = { end: 100, loop: { start: 10, end: 13 } };
    timeline.restart(11);
    const first = timeline.next(plan, 50, 20);
    expect(first).toEqual({ trackFrame: 11, mediaFrame: 11, frames: 2, times: 1 });
    if (first) timeline.extend(first);
    for (let i = 0; i < 1000; i++) {
      const laps = timeline.next(plan, 1, 20);
      expect(laps).toEqual({ trackFrame: 10, mediaFrame: 13 + 21 * i, frames: 3, times: 7 });
      if (laps) timeline.extend(laps);
    }
    expect([13, 14, 15, 16, 21_012].map((frame) => timeline.trackFrameAt(frame))).toEqual([10, 11, 12, 10, 12]);
    expect([12, 13, 16, 21_012].map((frame) => timeline.lapAt(frame))).toEqual([0, 1, 2, 7000]);
    expect(timeline.trackRanges(12, 30)).toEqual([{ start: 10, end: 13 }]);
    expect(timeline.mediaFrameOf(10)).toBe(21_010);
  });

  test('plays on under another plan from the first seam that is far enough ahead', () => {
    const timeline = new Timeline();
    const old = { end: 20, loop: { start: 4, end: 8 } };
    play(timeline, old, 30);
    const departures = [
      once(20),
      { end: 20, loop: { start: 4, end: 6 } },
      { end: 20, loop: { start: 2, end: 8 } },
      old,
    ];
    expect(departures.map((plan) => timeline.departureFrom(plan, 9))).toEqual([12, 10, 12, 30]);
    timeline.cutFrom(timeline.departureFrom(once(20), 9));
    expect(play(timeline, once(20), 100)).toEqual([8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
  });

  test('plays what a plan says that came late, whatever it replaced', () => {
    const frames = fc.integer({ min: 0, max: 40 });
    const plans = fc
      .record({ end: frames, start: frames, length: fc.integer({ min: 1, max: 15 }), loops: fc.boolean() })
      .map(({ end, start, length, loops }) => ({ end, loop: loops ? { start, end: start + length } : undefined }));
    fc.assert(
      fc.property(plans, plans, plans, frames, frames, fc.nat(30), (first, second, third, from, ahead, least) => {
        const timeline = new Timeline();
        timeline.restart(from);
        const heard = play(timeline, first, 60, 9, least);
        let plan: PlayPlan = first;
        for (const given of [second, third]) {
          plan = replacePlan(plan, given);
          const kept = timeline.departureFrom(plan, from + ahead) - from;
          timeline.cutFrom(from + kept);
          heard.splice(kept, Infinity, ...play(timeline, plan, 60, 5, least));
          const [next, ...rest] = heard.slice(ahead);
          if (next !== undefined && kept > ahead) expect([next, ...rest]).toEqual(inOrder(plan, next, rest.length + 1));
          heard.forEach((trackFrame, i) => expect(timeline.trackFrameAt(from + i)).toBe(trackFrame));
        }
      }),
    );
  });
});

/** The frames of the track that are to be heard one after the other, once `frame` is. */
function inOrder({ end, loop, comesBackAt }: PlayPlan, frame: number, count: number): number[] {
  const heard: number[] = [];
  for (let reached = frame; heard.length < count; reached += 1) {
    const turn = loop && (reached <= loop.end ? loop.end : comesBackAt);
    if (loop && reached === turn) reached = loop.start;
    else if (reached >= end && (turn === undefined || reached > turn)) break;
    heard.push(reached);
  }
  return heard;
}
