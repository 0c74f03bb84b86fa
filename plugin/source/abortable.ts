/** Waiting no longer than a signal allows. */

/**
 * Settles as `task` does, or rejects with the signal's reason as soon as it is aborted. The task itself goes on: it may
 * be shared with others.
 */
export function abortable<Value>(task: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (signal === undefined) return task;
  return new Promise<Value>((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    const unlink = onAbort(signal, abort);
    void task.then(resolve, reject).finally(unlink);
  });
}

/** Resolves to whether `task` is fulfilled within `ms`. */
export async function settlesWithin(ms: number, task: Promise<unknown>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<boolean>((resolve) => (timer = setTimeout(resolve, ms, false)));
  return Promise.race([task.then(() => true), tooLate]).finally(() => clearTimeout(timer));
}

/** Calls `listener` when `signal` is aborted, at once where it is already. Returns the way to stop listening. */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (signal?.aborted) listener();
  signal?.addEventListener('abort', listener, { once: true });
  return () => signal?.removeEventListener('abort', listener);
}

/** A signal that is aborted with the first of two; `unlink` once it is not needed any more. */
export function bothOf(
  one: AbortSignal,
  other: AbortSignal | undefined,
): { readonly signal: AbortSignal; readonly unlink: () => void } {
  if (other === undefined) return { signal: one, unlink: () => {} };
  const either = new AbortController();
  const unlinks = [one, other].map((signal) => onAbort(signal, () => either.abort(signal.reason)));
  return { signal: either.signal, unlink: () => unlinks.forEach((unlink) => unlink()) };
}
