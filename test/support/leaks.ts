/** Counts what a page has taken and not given back: object URLs, timers, listeners, requests, media. */
import type { Chromium, TestPage } from './chromium.ts';
import type { HeldResource, LeakSnapshot } from './page/leak-ledger.ts';
import { pageScript } from './page-script.ts';

export type { HeldResource, LeakSnapshot } from './page/leak-ledger.ts';

const SCRIPTS = ['leak-ledger.ts', 'leak-objects.ts', 'leak-listeners.ts', 'leak-requests.ts'];

/** Puts `window.leaks` into every page opened from now on, before its own scripts run. */
export async function installLeakWatch(chromium: Chromium): Promise<void> {
  const content = SCRIPTS.map(pageScript).join('\n');
  await chromium.context.addInitScript({ content });
}

/** What the page holds now, after its garbage has been collected. */
export async function snapshotLeaks(page: TestPage): Promise<LeakSnapshot> {
  await page.devtools.send('HeapProfiler.collectGarbage');
  return page.evaluate(() => window.leaks.snapshot());
}

/** What `after` holds and `before` did not, for an assertion that it equals `[]`. */
export function leakedBetween(before: LeakSnapshot, after: LeakSnapshot): HeldResource[] {
  const known = new Set(before.held.map(({ id }) => id));
  return after.held.filter(({ id }) => !known.has(id));
}
