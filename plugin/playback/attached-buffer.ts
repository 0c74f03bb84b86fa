/** A MediaSource, its object URL and its one SourceBuffer (Media Source Extensions). */

import { UnsupportedPlatformError } from '../errors.ts';
import { SEGMENT_MIME_TYPES } from '../media/fmp4.ts';
import { SourceBufferQueue } from './source-buffer-queue.ts';

/** How the sound reaches the element: MediaSource, Safari's ManagedMediaSource, or a Blob of the whole track. */
export type Tier = 'media-source' | 'managed-media-source' | 'blob';

/** Which tier to use; `'auto'` takes the first that the browser has, in the order of `Tier`. */
export type TierChoice = 'auto' | Tier;

/**
 * Duration of every MediaSource, in seconds: 68 years. Howler keeps the first duration it sees and ends a sound there,
 * so a duration that grew with each lap of a loop would end it in the second.
 */
const TIMELINE_SECONDS = 2 ** 31;

/** What segments are appended to. Opens when an element's `src` is set to `objectUrl`; works for one element only. */
export class AttachedBuffer {
  readonly objectUrl: string;
  /** Resolves when the element has taken it. */
  readonly opened: Promise<SourceBufferQueue>;

  readonly #mediaSource: MediaSource;
  readonly #lifetime = new AbortController();

  constructor({ Source, mimeType }: SourceTier) {
    this.#mediaSource = new Source();
    this.objectUrl = URL.createObjectURL(this.#mediaSource);
    this.opened = this.#open(mimeType);
  }

  /** Appends one segment, once the MediaSource is open. Rejects with `QuotaExceededError` where the buffer is full. */
  async append(segment: Uint8Array<ArrayBuffer>): Promise<void> {
    const queue = await this.opened;
    await queue.append(segment);
    if (this.#mediaSource.duration < TIMELINE_SECONDS) await this.#reopen(queue);
  }

  /** Removes what lies between two media times, in seconds. What has ended stays so. */
  async remove(start: number, end: number): Promise<void> {
    const queue = await this.opened;
    const hasEnded = this.#mediaSource.readyState === 'ended';
    await queue.remove(start, end); // opens it again, as Media Source Extensions wants of `SourceBuffer.remove`
    if (hasEnded) await this.end();
  }

  /**
   * Removes what begins at a media time, in seconds, or later, and undoes `end`.
   *
   * @returns where what is left ends: nothing is cut in two
   */
  async removeFrom(start: number): Promise<number> {
    const queue = await this.opened;
    await queue.remove(start, Infinity);
    await this.#reopen(queue);
    const { buffered } = queue.buffer;
    return buffered.length > 0 ? buffered.end(buffered.length - 1) : start;
  }

  /** Says that nothing follows: the element ends after the last sample. A later `append` takes it back. */
  async end(): Promise<void> {
    const queue = await this.opened;
    await queue.run(() => {
      if (this.#mediaSource.readyState === 'open') this.#mediaSource.endOfStream();
    });
  }

  /** Tells, until `signal`, that the browser has taken the buffer away: WebKitGTK does where a page is gone back to. */
  onLost(listener: () => void, signal: AbortSignal): void {
    this.#mediaSource.addEventListener('sourceclose', listener, { signal });
  }

  /** Revokes the object URL. What still waits for the MediaSource to open waits for ever, and is collected with it. */
  dispose(): void {
    this.#lifetime.abort();
    URL.revokeObjectURL(this.objectUrl);
  }

  /** The duration again that `end` has cut to that of what was appended. */
  #reopen(queue: SourceBufferQueue): Promise<void> {
    return queue.run(() => {
      this.#mediaSource.duration = TIMELINE_SECONDS;
    });
  }

  async #open(mimeType: string): Promise<SourceBufferQueue> {
    await new Promise((resolve) => {
      this.#mediaSource.addEventListener('sourceopen', resolve, { once: true, signal: this.#lifetime.signal });
    });
    this.#mediaSource.duration = TIMELINE_SECONDS;
    return new SourceBufferQueue(this.#mediaSource.addSourceBuffer(mimeType));
  }
}

/** A Blob's object URL; `revoke` it when done with it. */
export function blobUrl(blob: Blob): { readonly url: string; readonly revoke: () => void } {
  const url = URL.createObjectURL(blob);
  return { url, revoke: () => URL.revokeObjectURL(url) };
}

/** A tier with a source of its own, and what that takes. */
export interface SourceTier {
  readonly tier: Exclude<Tier, 'blob'>;
  readonly Source: typeof MediaSource;
  readonly mimeType: string;
}

/**
 * Finds the tier by probing what the browser has.
 *
 * @throws UnsupportedPlatformError (`unsupported-platform`) where it lacks the one that was chosen, or FLAC in MP4 there
 */
export function findTier(choice: TierChoice): SourceTier | { readonly tier: 'blob' } {
  const { MediaSource: standard, ManagedMediaSource: managed } = globalThis as {
    MediaSource?: typeof MediaSource;
    ManagedMediaSource?: typeof MediaSource;
  };
  const tiers: [SourceTier['tier'], typeof MediaSource | undefined][] = [
    ['media-source', standard],
    ['managed-media-source', managed],
  ];
  for (const [tier, Source] of tiers) {
    const mimeType = SEGMENT_MIME_TYPES.find((type) => Source?.isTypeSupported(type));
    if (Source && mimeType && (choice === 'auto' || choice === tier)) return { tier, Source, mimeType };
  }
  if (choice === 'auto' || choice === 'blob') return { tier: 'blob' };
  throw new UnsupportedPlatformError(`no ${choice} that takes FLAC in MP4`);
}
