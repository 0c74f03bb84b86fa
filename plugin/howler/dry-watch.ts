/** Firefox neither says that an element has run out of sound, nor that it goes on: its `readyState` stays what it was. */

/** How long after the last sample that is buffered an element is surely dry, in ms. */
const GRACE_MS = 250;

/** What an element may leave unplayed where it waits for more, in seconds: less than a packet. */
const MOST_LEFT_SECONDS = 0.05;

/** Told of what the element does not tell. */
export interface DryListener {
  /** It plays no more, for want of data. */
  onSilent(): void;
  /** It plays again. */
  onHeard(): void;
}

/** Watches `element` for as long as `signal` lets it. */
export function watchDryness(element: HTMLMediaElement, listener: DryListener, signal: AbortSignal): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let driedUpAt: number | undefined;
  const look = (): void => {
    const { paused, seeking, currentTime } = element;
    if (paused || seeking || !isDry(element)) return;
    driedUpAt = currentTime;
    listener.onSilent();
  };
  const onMoved = (): void => {
    if (driedUpAt !== undefined && !element.paused && element.currentTime !== driedUpAt) {
      driedUpAt = undefined;
      listener.onHeard();
    }
    clearTimeout(timer);
    timer = setTimeout(look, (bufferedSeconds(element) * 1000) / element.playbackRate + GRACE_MS);
  };
  element.addEventListener('timeupdate', onMoved, { signal });
  element.addEventListener('progress', onMoved, { signal });
  signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
}

/** Whether an element has too little ahead of its playhead to play on, or to begin, though not because that is all. */
export function isDry(element: HTMLMediaElement): boolean {
  return element.currentTime <= element.duration - MOST_LEFT_SECONDS && bufferedSeconds(element) === 0;
}

/** What is buffered ahead of the playhead, in seconds; 0 where that has come to its end. Rounded, it may begin behind it. */
function bufferedSeconds({ buffered, currentTime }: HTMLMediaElement): number {
  for (let i = 0; i < buffered.length; i++) {
    const left = buffered.end(i) - currentTime;
    if (buffered.start(i) - MOST_LEFT_SECONDS <= currentTime && left > MOST_LEFT_SECONDS) return left;
  }
  return 0;
}
