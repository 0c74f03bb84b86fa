/** Reads a page's IndexedDB as it is: through `window.indexedDB` alone, with none of the code under test. */
import { createHash } from 'node:crypto';
import type { TestPage } from './chromium.ts';
import type { StoredRecord } from './page/idb-reader.ts';
import { pageScript } from './page-script.ts';

export type { StoredBytes, StoredRecord } from './page/idb-reader.ts';

const TIMEOUT_MS = 60_000; // hashing a full cache of some hundred MB

/** Every record of every store of every database of the page's origin. */
export async function readIndexedDb(page: TestPage): Promise<StoredRecord[]> {
  await page.inject(pageScript('idb-reader.ts'));
  return page.evaluate(() => window.idbReader.readAll(), undefined, { timeoutMs: TIMEOUT_MS });
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
