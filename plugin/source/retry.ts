/** Whether, and how soon, to ask again: capped exponential backoff with jitter, and `Retry-After`. */

import { InvalidArgumentError, isStreamingAudioError } from '../errors.ts';
import { abortable } from './abortable.ts';

/** How often and how soon a failed request is made again. Bytes that arrive start the count anew. */
export interface RetryOptions {
  /** How many requests in a row may fail; an integer of at least 1, which means no second try. @default 3 */
  readonly tries?: number | undefined;
  /** The wait before the second try, in ms, at least 0; it doubles with each further one. @default 250 */
  readonly baseDelayMs?: number | undefined;
  /** The longest wait, in ms, at least `baseDelayMs`; a server that asks for a longer one is given up. @default 8000 */
  readonly maxDelayMs?: number | undefined;
}

/** `RetryOptions` with every default filled in. */
export type ResolvedRetry = { readonly [Name in keyof RetryOptions]-?: number };

/** The longest wait that a timer takes, in ms: with a longer one it goes off at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

const DEFAULT_TRIES = 3; // with the delays below an unreachable host fails within a second
const DEFAULT_BASE_DELAY_MS = 250;
const DEFAULT_MAX_DELAY_MS = 8000; // longer than that, a listener has left

/** @throws `invalid-argument` */
export function resolveRetry(options: RetryOptions = {}): ResolvedRetry {
  const {
    tries = DEFAULT_TRIES,
    baseDelayMs = DEFAULT_BASE_DELAY_MS,
    maxDelayMs = Math.max(DEFAULT_MAX_DELAY_MS, baseDelayMs),
  } = options;
  if (!Number.isInteger(tries) || tries < 1) throw new InvalidArgumentError('retry.tries', 'an integer above 0', tries);
  if (!(baseDelayMs >= 0)) {
    throw new InvalidArgumentError('retry.baseDelayMs', 'a number of milliseconds, at least 0', baseDelayMs);
  }
  if (!(maxDelayMs >= baseDelayMs)) {
    throw new InvalidArgumentError('retry.maxDelayMs', `at least \`baseDelayMs\` (${baseDelayMs})`, maxDelayMs);
  }
  return { tries, baseDelayMs, maxDelayMs: Math.min(maxDelayMs, MAX_TIMER_MS) };
}

/** True where the same request may succeed later: no answer, a broken or silent one, 408, 429 or 5xx. */
export function isTransient(error: unknown): boolean {
  if (isStreamingAudioError(error, 'network')) return !error.blockedByCors;
  if (isStreamingAudioError(error, 'http')) return error.status === 408 || error.status === 429 || error.status >= 500;
  return isStreamingAudioError(error, 'timeout');
}

/**
 * How long to wait after the `failures`-th failure in a row, in ms; `undefined` to give up.
 *
 * @param retryAfterMs what the server asked for, where it did
 * @param random in `[0, 1)`; up to half of the wait is taken off, so that a crowd does not come back at once
 */
export function planRetry(
  failures: number,
  { tries, baseDelayMs, maxDelayMs }: ResolvedRetry,
  retryAfterMs = 0,
  random = Math.random(),
): number | undefined {
  if (failures >= tries || retryAfterMs > maxDelayMs) return undefined;
  const backoffMs = Math.min(baseDelayMs * 2 ** (failures - 1), maxDelayMs);
  return Math.max(retryAfterMs, backoffMs * (1 - random / 2));
}

/** The wait that a `Retry-After` header asks for, in ms: seconds or a date (RFC 9110, section 10.2.3). */
export function parseRetryAfter(header: string | null | undefined, nowMs = Date.now()): number | undefined {
  if (header === null || header === undefined) return undefined;
  const waitMs = /^\s*\d+\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - nowMs;
  return Number.isNaN(waitMs) ? undefined : Math.max(0, waitMs);
}

/** True where the browser knows that it has no network at all. */
export function isOffline(): boolean {
  const { navigator } = globalThis as { navigator?: { onLine?: boolean } }; // Node's does not say
  return navigator?.onLine === false;
}

/** Resolves when the browser has a network again; rejects with the signal's reason where that comes first. */
export async function untilOnline(signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const online = new Promise<void>((resolve) => {
    globalThis.addEventListener('online', () => resolve(), { signal: over.signal });
  });
  await abortable(online, signal).finally(() => over.abort());
}

/** Resolves after `ms`; rejects with the signal's reason, and stops its timer, where that comes first. */
export async function delay(ms: number, signal: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const time = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  await abortable(time, signal).finally(() => clearTimeout(timer));
}
