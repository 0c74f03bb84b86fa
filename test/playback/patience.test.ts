import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { HttpError, NetworkError, TimeoutError } from '../../plugin/errors.ts';
import { readPatiently } from '../../plugin/playback/patience.ts';

const URL = 'http://localhost/track.wav';
const lost = new NetworkError(URL, false);
const { signal } = new AbortController();
/** Node's global object tells of nothing; a page's tells when the device is online again. */
const page = new EventTarget();

beforeEach(() => {
  jest.useFakeTimers();
  Object.assign(globalThis, { addEventListener: page.addEventListener.bind(page) });
});

afterEach(() => {
  jest.useRealTimers();
  Reflect.deleteProperty(globalThis, 'addEventListener');
});

/** A read that fails so often before it succeeds. */
function failing(times: number, error: Error = lost): () => Promise<string> {
  let left = times;
  return async () => {
    if (left > 0) {
      left -= 1;
      throw error;
    }
    return 'read';
  };
}

/** How a read ends, and after how many ms. */
async function outcomeOf(read: () => Promise<string>, isUrgent: () => boolean): Promise<{ end: unknown; ms: number }> {
  const start = performance.now();
  const ends: unknown[] = [];
  const keep = (end: unknown): unknown => ends.push(end);
  void readPatiently(read, { isUrgent, signal }).then(keep, keep);
  for (let seconds = 0; ends.length === 0 && seconds < 600; seconds++) await jest.advanceTimersByTimeAsync(1000);
  return { end: ends[0], ms: performance.now() - start };
}

test('a read that fails for the moment is tried again, at growing intervals of 8 s at most', async () => {
  expect(await outcomeOf(failing(1), () => true)).toEqual({ end: 'read', ms: 1000 });
  expect(await outcomeOf(failing(2, new TimeoutError(URL, 1, 'the first byte')), () => true)).toEqual({
    end: 'read',
    ms: 3000,
  });
  expect(await outcomeOf(failing(6, new HttpError(URL, 503, 'busy')), () => true)).toEqual({ end: 'read', ms: 31_000 });
});

test('what no wait can mend is told at once', async () => {
  const missing = new HttpError(URL, 404, 'Not Found');
  expect(await outcomeOf(failing(1, missing), () => true)).toEqual({ end: missing, ms: 1000 }); // looked at each second
});

test('two minutes of silence are enough, but sound that lasts can wait for ever', async () => {
  const { end, ms } = await outcomeOf(failing(1000), () => true);
  expect(end).toBe(lost);
  expect(ms).toBeGreaterThanOrEqual(120_000);
  expect(ms).toBeLessThanOrEqual(130_000);
  expect(await outcomeOf(failing(1000), () => false)).toMatchObject({ end: undefined });
});

test('the end of the reading ends the wait', async () => {
  const lifetime = new AbortController();
  const reading = readPatiently(failing(1000), { isUrgent: () => true, signal: lifetime.signal });
  const ended = expect(reading).rejects.toThrow('disposed');
  await jest.advanceTimersByTimeAsync(500);
  lifetime.abort(new Error('disposed'));
  await ended;
  expect(jest.getTimerCount()).toBe(0);
});

test('a device that comes online again is not waited for any longer', async () => {
  const reading = readPatiently(failing(6), { isUrgent: () => true, signal });
  for (let tries = 0; tries < 6; tries++) {
    await jest.advanceTimersByTimeAsync(1);
    page.dispatchEvent(new Event('online'));
  }
  expect(await reading).toBe('read');
});
