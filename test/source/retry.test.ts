import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { HttpError, InvalidRangeResponseError, NetworkError, TimeoutError } from '../../plugin/errors.ts';
import { delay, isTransient, parseRetryAfter, planRetry, resolveRetry } from '../../plugin/source/retry.ts';

const retry = resolveRetry({ tries: 5, baseDelayMs: 100, maxDelayMs: 400 });

describe('the wait before the next try', () => {
  test.each([
    [1, 100],
    [2, 200],
    [3, 400],
    [4, 400],
    [5, undefined],
  ])('after failure %d is at most %p ms', (failures, waitMs) => {
    expect(planRetry(failures, retry, undefined, 0)).toBe(waitMs);
  });

  test('is never less than half of that, nor than the server asks for', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.nat(400),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (n, asked, random) => {
          const most = planRetry(n, retry, 0, 0) ?? 0;
          const waitMs = planRetry(n, retry, asked, random);
          expect(waitMs).toBeGreaterThanOrEqual(Math.max(asked, most / 2));
          expect(waitMs).toBeLessThanOrEqual(Math.max(asked, most));
        },
      ),
    );
  });

  test('is none where the server asks for more than the longest wait', () => {
    expect(planRetry(1, retry, 401, 0)).toBeUndefined();
  });

  test('ends early with the reason of an abort', async () => {
    const leaving = new AbortController();
    const waiting = delay(60_000, leaving.signal);
    leaving.abort('enough');
    await expect(waiting).rejects.toBe('enough');
    await expect(delay(60_000, leaving.signal)).rejects.toBe('enough');
  });
});

test.each([
  ['120', 120_000],
  ['Tue, 03 Nov 2026 10:00:05 GMT', 5000],
  ['Tue, 03 Nov 2026 09:00:00 GMT', 0],
  ['soon', undefined],
  [null, undefined],
])('Retry-After: %p is %p ms', (header, waitMs) => {
  expect(parseRetryAfter(header, Date.UTC(2026, 10, 3, 10))).toBe(waitMs);
});

test.each([
  [new NetworkError('u', false), true],
  [new NetworkError('u', true), false],
  [new TimeoutError('u', 1, 'the first byte'), true],
  [new HttpError('u', 408, ''), true],
  [new HttpError('u', 429, ''), true],
  [new HttpError('u', 500, ''), true],
  [new HttpError('u', 404, ''), false],
  [new HttpError('u', 416, ''), false],
  [new InvalidRangeResponseError('u', { start: 0, end: 1 }, ''), false],
  [new TypeError('a bug'), false],
])('%p passes by itself: %p', (error, passes) => {
  expect(isTransient(error)).toBe(passes);
});
