/** Runs in the harness page: how long is the main thread taken, from `start` on? */

export interface Stalls {
  /** How late each of the timers came that were due 4 ms after the one before, in ms. */
  readonly lateMs: readonly number[];
  /** The longest task of 50 ms and more; 0 where there was none. */
  readonly longTaskMs: number;
}

export interface StallMeter {
  start(): void;
  /** What was seen since `start`. */
  stop(): Stalls;
}

declare global {
  interface Window {
    stallMeter: StallMeter;
  }
}

const TICK_MS = 4; // the shortest that browsers grant a timer

let lateMs: number[] = [];
let longTaskMs = 0;
let timer: number | undefined;

const observer = new PerformanceObserver((list) => note(list.getEntries()));

function note(tasks: readonly PerformanceEntry[]): void {
  for (const { duration } of tasks) longTaskMs = Math.max(longTaskMs, duration);
}

function tick(dueAt: number): void {
  const now = performance.now();
  lateMs.push(Math.max(0, now - dueAt));
  timer = window.setTimeout(tick, TICK_MS, now + TICK_MS);
}

window.stallMeter = {
  start() {
    lateMs = [];
    longTaskMs = 0;
    observer.observe({ type: 'longtask' });
    timer = window.setTimeout(tick, TICK_MS, performance.now() + TICK_MS);
  },
  stop() {
    window.clearTimeout(timer);
    note(observer.takeRecords());
    observer.disconnect();
    return { lateMs, longTaskMs };
  },
};
