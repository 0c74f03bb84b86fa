/** Reads a page's IndexedDB as it is: through `window.indexedDB` alone, with none of the code under test. */
import { createHash } from 'node:crypto';
import type { TestPage } from './chromium.ts';
import type { CacheLook, StoredRecord } from './page/idb-reader.ts';
import { pageScript } from './page-script.ts';

export type { CacheLook, StoredBytes, StoredRecord } from './page/idb-reader.ts';

const LOOK_EVERY_MS = 100;
const TIMEOUT_MS = 60_000; // hashing a full cache of some hundred MB

/** Every record of every store of every database of the page's origin. */
export async function readIndexedDb(page: TestPage): Promise<StoredRecord[]> {
  await page.inject(pageScript('idb-reader.ts'));
  return page.evaluate(() => window.idbReader.readAll(), undefined, { timeoutMs: TIMEOUT_MS });
}

/** A block of a cache, as it lies in its database. */
export interface StoredBlock {
  /** The cache key. */
  readonly track: string;
  readonly version: string;
  readonly blockBytes: number;
  readonly index: number;
  readonly byteLength: number;
  readonly sha256: string;
}

/** The blocks of every cache of the page's origin. */
export async function readBlocks(page: TestPage): Promise<StoredBlock[]> {
  const records = await readIndexedDb(page);
  return records.flatMap(({ key, bytes }) => {
    if (bytes === undefined || !Array.isArray(key)) return [];
    const [track, version, blockBytes, index] = key as [string, string, number, number];
    return { track, version, blockBytes, index, byteLength: bytes.byteLength, sha256: bytes.sha256 };
  });
}

/** The blocks that are not what their file holds at their place. */
export function wrongBlocks(blocks: readonly StoredBlock[], fileOf: (track: string) => Uint8Array): StoredBlock[] {
  return blocks.filter(({ track, blockBytes, index, byteLength, sha256 }) => {
    const part = fileOf(track).subarray(index * blockBytes, (index + 1) * blockBytes);
    return byteLength !== part.length || sha256 !== sha256Of(part);
  });
}

/** Lends `work` some time in which a tab of its own looks at a cache's database; gives what it saw. */
export async function watchCache(page: TestPage, name: string, work: () => Promise<void>): Promise<CacheLook[]> {
  await page.inject(pageScript('idb-reader.ts'));
  await page.evaluate((asked) => window.idbReader.watch(asked.name, asked.everyMs), { name, everyMs: LOOK_EVERY_MS });
  await work();
  return page.evaluate(() => window.idbReader.stopWatching());
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
