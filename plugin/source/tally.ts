/** What a track has cost so far, and how fast it comes. Pure; times as of `performance.now()`. */

/** What a track has cost so far. */
export interface SourceStats {
  /** HTTP requests made, failed ones and HEAD included. */
  readonly requests: number;
  /** Bytes of bodies that came over the network. */
  readonly bytesReceived: number;
  /** Bytes that came out of the store instead. */
  readonly bytesFromCache: number;
  /** How fast bodies have come lately; undefined while too little of them has to tell. */
  readonly bytesPerSecond: number | undefined;
}

const HALF_LIVES_MS = [2000, 8000]; // after which what was measured counts half as much
const LEAST_MS = 25; // of waiting for bodies, before it tells anything

/** What came lately, and how long it was waited for. */
interface Average {
  readonly halfLifeMs: number;
  readonly bytes: number;
  readonly ms: number;
}

/** `SourceStats` for those who count. */
export class Tally implements SourceStats {
  requests = 0;
  bytesReceived = 0;
  bytesFromCache = 0;
  #averages: readonly Average[] = HALF_LIVES_MS.map((halfLifeMs) => ({ halfLifeMs, bytes: 0, ms: 0 }));
  #countedTo = 0;

  get bytesPerSecond(): number | undefined {
    const speeds = this.#averages.map(({ bytes, ms }) => (ms < LEAST_MS ? Infinity : (1000 * bytes) / ms));
    const least = Math.min(...speeds); // a network that slows down is believed at once, one that hurries is not
    return least === Infinity ? undefined : least;
  }

  /** Bytes have come that were waited for from one time to another; of bodies side by side, each moment counts once. */
  receive(bytes: number, fromMs: number, toMs: number): void {
    const ms = Math.max(0, toMs - Math.max(fromMs, this.#countedTo));
    this.bytesReceived += bytes;
    this.#averages = this.#averages.map((before) => {
      const kept = 2 ** (-ms / before.halfLifeMs);
      return { ...before, bytes: before.bytes * kept + bytes, ms: before.ms * kept + ms };
    });
    this.#countedTo = toMs;
  }
}
