/** The user's gestures, after which browsers let a page play sound. */

const GESTURES = ['pointerup', 'touchend', 'click', 'keydown'] as const;

/** Calls `listener`, inside the gesture, at each until the returned function is called. */
export function onGestures(listener: () => void): () => void {
  const until = new AbortController();
  for (const type of GESTURES) document.addEventListener(type, listener, { signal: until.signal, capture: true });
  return () => until.abort();
}
