/** The options of everything that streams, and how they are checked. */

import { InvalidArgumentError } from '../errors.ts';
import type { AudioCache } from '../source/audio-cache.ts';
import type { RequestOptions } from '../source/request-options.ts';
import type { TierChoice } from './attached-buffer.ts';
import type { BufferGoals } from './buffer-window.ts';

/** How much sound is kept on the element around the playhead. */
export interface BufferOptions {
  /** Seconds kept ahead of the playhead, above 0. @default 30 */
  readonly aheadSeconds?: number;
  /** The same in bytes of the file; the smaller of the two counts. Browsers hold about 12 MB. @default 8 MiB */
  readonly aheadBytes?: number;
  /** Seconds kept behind the playhead, so that a short step back costs nothing. @default 10 */
  readonly behindSeconds?: number;
}

/** Options of everything that streams. */
export interface StreamingOptions {
  /** Where blocks are kept. @default a cache of the default name, closed together with the sound */
  readonly cache?: AudioCache;
  readonly request?: Omit<RequestOptions, 'retry' | 'timeouts'>;
  readonly retry?: RequestOptions['retry'];
  readonly timeouts?: RequestOptions['timeouts'];
  readonly buffer?: BufferOptions;
  /** @default 'auto' */
  readonly tier?: TierChoice;
}

const DEFAULT_BUFFER_GOALS: BufferGoals = {
  aheadSeconds: 30,
  aheadBytes: 8 * 2 ** 20, // 8 MiB, of the 12 MB or so that Chromium holds
  behindSeconds: 10,
};

/**
 * Fills in what the user left out.
 *
 * @throws InvalidArgumentError (`invalid-argument`)
 */
export function resolveBufferGoals(options: BufferOptions = {}): BufferGoals {
  const goals = { ...DEFAULT_BUFFER_GOALS, ...options };
  for (const [name, value] of Object.entries<number>(goals)) {
    const least = name === 'behindSeconds' ? 0 : Number.MIN_VALUE;
    if (!(value >= least)) throw new InvalidArgumentError(`buffer.${name}`, 'a number above 0', value);
  }
  return goals;
}
