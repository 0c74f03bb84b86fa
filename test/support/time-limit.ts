/** Waits that end. */

export interface TimeLimit {
  /** @default 10000 */
  readonly timeoutMs?: number;
}

export const DEFAULT_TIMEOUT_MS = 10_000; // a page that needs longer is broken

const POLL_MS = 25; // well under what a listener would notice

/** Gives what `work` resolves to; rejects where that takes longer. `what` says what is being done. */
export async function within<T>(timeoutMs: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** Asks again and again until the answer is truthy, and gives it; rejects where that takes longer. */
export async function untilTruthy<T>(timeoutMs: number, what: string, ask: () => T | Promise<T>): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline) {
    const answer = await ask();
    if (answer) return answer;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`Not true within ${timeoutMs} ms: ${what}`);
}
