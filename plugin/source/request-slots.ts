/** How many ranged requests a host is asked at once, and whose turn is next. Those that a listener waits for go first. */

import { onAbort } from './abortable.ts';

/** One who wants to ask. */
export interface SlotRequest {
  /** True as long as somebody waits for the answer; false for what is read ahead. */
  readonly isUrgent: () => boolean;
  readonly signal: AbortSignal;
}

interface Waiting extends SlotRequest {
  readonly enter: () => void;
}

const MOST_REQUESTS = 4; // of the 6 connections that browsers open to a host over HTTP/1.1
const MOST_AHEAD = 2; // reading ahead leaves room for a seek
const REVIEW_MS = 250; // how often is looked at who has become urgent while free slots are kept for such

export class RequestSlots {
  #reviewing: ReturnType<typeof setTimeout> | undefined;
  readonly #hosts = new Map<string, { taken: number; waiting: Waiting[] }>();

  /**
   * Resolves when it is the caller's turn to ask `host`, to the way to give the slot back, which may be called twice.
   *
   * @throws the signal's reason
   */
  async take(host: string, request: SlotRequest): Promise<() => void> {
    const queue = this.#hosts.get(host) ?? { taken: 0, waiting: [] };
    this.#hosts.set(host, queue);
    await new Promise<void>((resolve, reject) => {
      const waiting = { ...request, enter: () => (unlink(), resolve()) };
      queue.waiting.push(waiting);
      const unlink = onAbort(request.signal, () => {
        queue.waiting = queue.waiting.filter((other) => other !== waiting);
        reject(request.signal.reason);
      });
      this.#admit(host);
    });
    let isTaken = true;
    return () => {
      if (!isTaken) return;
      isTaken = false;
      queue.taken -= 1;
      this.#admit(host);
    };
  }

  /** Looks again at who is urgent. */
  review(): void {
    clearTimeout(this.#reviewing);
    this.#reviewing = undefined;
    for (const host of this.#hosts.keys()) this.#admit(host);
  }

  #admit(host: string): void {
    const queue = this.#hosts.get(host);
    if (queue === undefined) return;
    while (queue.taken < MOST_REQUESTS) {
      const urgent = queue.waiting.findIndex(({ isUrgent }) => isUrgent());
      const next = urgent < 0 && queue.taken < MOST_AHEAD ? 0 : urgent;
      const [waiting] = next < 0 ? [] : queue.waiting.splice(next, 1);
      if (waiting === undefined) break;
      queue.taken += 1;
      waiting.enter();
    }
    if (queue.waiting.length > 0) this.#reviewing ??= setTimeout(() => this.review(), REVIEW_MS);
    else if (queue.taken === 0) this.#hosts.delete(host);
  }
}
