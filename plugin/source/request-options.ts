/** How a track is asked for: the options of every request, resolved and checked once. */

import { InvalidArgumentError } from '../errors.ts';
import { MAX_TIMER_MS, type ResolvedRetry, type RetryOptions, resolveRetry } from './retry.ts';

/** How long a server may be silent. */
export interface TimeoutOptions {
  /** The longest wait for the head of an answer, in ms, above 0; `Infinity` for none. @default 10000 */
  readonly firstByteMs?: number | undefined;
  /** The longest wait for more of a body that has begun, in ms, above 0; `Infinity` for none. @default 10000 */
  readonly stallMs?: number | undefined;
}

/** How a track is asked for. */
export interface RequestOptions {
  /**
   * Sent with every request. Across origins, a header outside the CORS safelist costs a preflight: one more round trip.
   *
   * @default none
   */
  readonly headers?: RequestInit['headers'] | undefined;
  /** Whether cookies go along, as for `fetch`. @default 'same-origin' */
  readonly credentials?: RequestInit['credentials'] | undefined;
  /**
   * Under which name the cache keeps the track. Signed URLs change from visit to visit: name what stays.
   *
   * @default the URL without its fragment
   */
  readonly cacheKey?: string | ((url: string) => string) | undefined;
  /**
   * Asked for another URL of the same track where the server answers 401 or 403, as it does once a signed one has
   * expired: gets the URL and the status. What it rejects with, the read rejects with.
   *
   * @default none: the read rejects with `http`
   */
  readonly refreshUrl?: ((url: string, status: number) => string | Promise<string>) | undefined;
  /**
   * Rejects with `range-not-supported` where the server sends the whole file instead of a range, which is otherwise read
   * forward, from its start.
   *
   * @default false
   */
  readonly requireRange?: boolean | undefined;
  /** Stands in for the global `fetch`; must honour `signal`. @default globalThis.fetch */
  readonly fetch?: typeof globalThis.fetch | undefined;
  readonly retry?: RetryOptions | undefined;
  readonly timeouts?: TimeoutOptions | undefined;
}

/** `RequestOptions` with every default filled in. */
export interface ResolvedRequest {
  /** Absolute, without credentials and fragment. */
  readonly url: string;
  readonly cacheKey: string;
  readonly headers: Headers;
  readonly credentials: NonNullable<RequestInit['credentials']>;
  readonly fetch: typeof globalThis.fetch | undefined;
  readonly refreshUrl: RequestOptions['refreshUrl'];
  readonly requireRange: boolean;
  readonly retry: ResolvedRetry;
  readonly timeouts: { readonly firstByteMs: number; readonly stallMs: number };
}

const DEFAULT_TIMEOUT_MS = 10_000; // a slow mobile link wakes up in 2 to 3 s; thrice that is a dead one

/** @throws `invalid-argument` */
export function resolveRequest(url: string, options: RequestOptions = {}): ResolvedRequest {
  const { credentials = 'same-origin', fetch, refreshUrl, requireRange = false } = options;
  const { cacheKey = (absolute: string) => absolute } = options;
  const { firstByteMs = DEFAULT_TIMEOUT_MS, stallMs = DEFAULT_TIMEOUT_MS } = options.timeouts ?? {};
  requirePositive('timeouts.firstByteMs', firstByteMs);
  requirePositive('timeouts.stallMs', stallMs);
  const absolute = resolveUrl(url);
  return {
    url: absolute,
    cacheKey: typeof cacheKey === 'function' ? cacheKey(absolute) : cacheKey,
    headers: resolveHeaders(options.headers),
    credentials,
    fetch,
    refreshUrl,
    requireRange,
    retry: resolveRetry(options.retry),
    timeouts: { firstByteMs: Math.min(firstByteMs, MAX_TIMER_MS), stallMs: Math.min(stallMs, MAX_TIMER_MS) },
  };
}

/**
 * The absolute form of `url`, without its fragment; a relative one counts from the document, where there is one.
 *
 * @throws `invalid-argument`
 */
export function resolveUrl(url: string): string {
  const parsed = parseUrl(url, globalThis.document?.baseURI);
  const hasCredentials = parsed.username !== '' || parsed.password !== '';
  parsed.username = parsed.password = parsed.hash = '';
  // The message shows the URL without them: messages end up in logs.
  if (hasCredentials) throw new InvalidArgumentError('url', 'a URL without user name and password', parsed.href);
  return parsed.href;
}

function parseUrl(url: string, base: string | undefined): URL {
  try {
    return new URL(url, base);
  } catch {
    throw new InvalidArgumentError('url', base === undefined ? 'an absolute URL' : 'a URL', url);
  }
}

function resolveHeaders(headers: RequestInit['headers'] | undefined): Headers {
  try {
    return new Headers(headers);
  } catch {
    throw new InvalidArgumentError('headers', 'valid HTTP headers', headers);
  }
}

function requirePositive(name: string, value: number): void {
  if (!(value > 0)) throw new InvalidArgumentError(name, 'a number of milliseconds above 0', value);
}
