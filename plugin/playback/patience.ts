/** How long a sound waits for a network that fails for the moment. */

import { bothOf } from '../source/abortable.ts';
import { delay, isOffline, isTransient, untilOnline } from '../source/retry.ts';

/** Waits between the tries, each of which is one of `RetryOptions` already, in ms: the first, and the longest. */
const WAIT_MS = { first: 1000, longest: 8000 };

/** How long a listener hears nothing, or soon will, before the sound gives up, in ms. */
const MOST_PATIENCE_MS = 120_000;

/** How a read bears failures. */
export interface Patience {
  /** Asked after each failure: whether somebody will soon hear nothing. */
  readonly isUrgent: () => boolean;
  readonly signal: AbortSignal;
}

/**
 * Reads again and again while only the network fails: for ever while there is sound enough, for two minutes while
 * there is not. What the device being offline lasts does not count, and its end is used at once.
 *
 * @throws what `read` throws, once it is no use to wait
 */
export async function readPatiently<Value>(read: () => Promise<Value>, { isUrgent, signal }: Patience): Promise<Value> {
  let giveUpAt = Infinity;
  for (let waitMs = WAIT_MS.first; ; waitMs = Math.min(2 * waitMs, WAIT_MS.longest)) {
    try {
      return await read();
    } catch (error) {
      const now = performance.now();
      giveUpAt = isUrgent() && !isOffline() ? Math.min(giveUpAt, now + MOST_PATIENCE_MS) : Infinity;
      if (!isTransient(error) || now >= giveUpAt) throw error;
    }
    await delayOrOnline(waitMs, signal);
  }
}

async function delayOrOnline(ms: number, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const { signal: either, unlink } = bothOf(over.signal, signal);
  const waits = [delay(ms, either), untilOnline(either)];
  try {
    await Promise.race(waits);
  } finally {
    over.abort();
    unlink();
    await Promise.allSettled(waits);
  }
}
