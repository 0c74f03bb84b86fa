/** The page without a network: kept by a service worker, where the browser has them, and open about what it misses. */

import { registerSW } from 'virtual:pwa-register';
import { element } from './page.ts';

const KEEP_AFTER_MS = 2000; // a press on the fresh page comes first
const ANSWER_MS = 5000; // the head of the page takes one round trip
const RETRY_MS = 15_000; // between two questions whether the server is back

/** Lets the browser keep the page. A newer one is there at the next visit: this one may be playing. */
export function keepPage(): void {
  setTimeout(() => {
    registerSW({ onNeedReload: () => {}, onRegisterError: (error) => console.warn('The page is not kept:', error) });
  }, KEEP_AFTER_MS);
}

/** Says on the page, for as long as it lives, whether it is offline. */
export function watchConnection(): void {
  window.addEventListener('online', checkConnection);
  window.addEventListener('offline', checkConnection);
  document.addEventListener('visibilitychange', checkConnection);
  setInterval(() => {
    if (!element('offline').hidden) checkConnection();
  }, RETRY_MS);
  checkConnection();
}

/** Asks whether the page's server answers, and says on the page where it does not. */
export function checkConnection(): void {
  void showConnection();
}

async function showConnection(): Promise<void> {
  element('offline').hidden = await isAnswered();
}

async function isAnswered(): Promise<boolean> {
  if (!navigator.onLine) return false;
  // Without a service worker in charge the page itself has just come from the server.
  if (!navigator.serviceWorker?.controller) return true;
  try {
    await fetch(document.baseURI, { method: 'HEAD', cache: 'no-store', signal: AbortSignal.timeout(ANSWER_MS) });
    return true;
  } catch {
    return false;
  }
}
