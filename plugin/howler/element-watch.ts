/** What an element's events mean to a sound. */

import { watchDryness } from './dry-watch.ts';

/** MEDIA_ERR_DECODE and MEDIA_ERR_SRC_NOT_SUPPORTED. Others are no end: Firefox without a sound card plays on. */
const FATAL: ReadonlySet<number> = new Set([3, 4]);

/** Told what the element does, whoever made it do so. */
export interface ElementListener {
  /** It could play now. */
  onPlayable(): void;
  /** It stands, or has moved on, at the place where it was put. */
  onPlayhead(): void;
  /** Sound comes out of it from now on. */
  onHeard(): void;
  /** None comes any more, or not yet after a seek. */
  onSilent(): void;
  /** It was paused, and not because it reached the end. */
  onPaused(): void;
  /** It was told to play. */
  onPlayed(): void;
  /** Its last sample was played. */
  onEnded(): void;
  /** It can play no more. */
  onBroken(reason: string): void;
}

/** Watches `element` until the returned function is called. */
export function watchElement(element: HTMLMediaElement, listener: ElementListener): () => void {
  const until = new AbortController();
  const onPlayhead = (): void => {
    if (!element.seeking && element.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) listener.onPlayhead();
  };
  const handlers: Record<string, () => void> = {
    canplay: () => listener.onPlayable(),
    seeked: onPlayhead,
    timeupdate: onPlayhead,
    playing: () => listener.onHeard(),
    waiting: () => listener.onSilent(),
    seeking: () => listener.onSilent(),
    pause: () => {
      if (!element.ended) listener.onPaused();
    },
    play: () => listener.onPlayed(),
    ended: () => listener.onEnded(),
    error: () => {
      const { error } = element;
      if (error && FATAL.has(error.code)) listener.onBroken(error.message || `media error ${error.code}`);
    },
  };
  for (const [type, handler] of Object.entries(handlers)) {
    element.addEventListener(type, handler, { signal: until.signal });
  }
  watchDryness(element, listener, until.signal);
  return () => until.abort();
}
