/** What does the block cache cost over the bare database? */
import { readFileSync } from 'node:fs';
import { withSession, type World } from './session.ts';

/** Medians of one round, in ms. */
export interface Beside {
  readonly oursMs: number;
  readonly bareMs: number;
}

/** Of one round. */
export interface CacheFigures {
  /** One block of 256 KiB, beside idb-keyval's `get` of one in the same store. */
  readonly reads: Beside;
  /** Four blocks in one transaction, beside idb-keyval's `setMany` of as many. */
  readonly writes: Beside;
  /** Opening a cache of 2,000 blocks and listing its tracks, beside opening its database for one `keys()`. */
  readonly opens: Beside;
}

const FILL_TIMEOUT_MS = 120_000; // 500 MiB, on a slow disk

export function measureCache(world: World, rounds: number): Promise<CacheFigures[]> {
  return withSession(world, { way: 'ours' }, async ({ page }) => {
    await page.inject(readFileSync(bundle(), 'utf8'));
    const limit = { timeoutMs: FILL_TIMEOUT_MS };
    await page.evaluate(() => window.cacheBench.prepare(), undefined, limit);
    await page.evaluate((round) => window.cacheBench.measure(round), 0, limit); // until the compiler has seen it
    const figures: CacheFigures[] = [];
    for (let round = 1; round <= rounds; round++) {
      figures.push(await page.evaluate((number) => window.cacheBench.measure(number), round, limit));
    }
    return figures;
  });
}

function bundle(): string {
  const { BENCH_CACHE_PAGE } = process.env;
  if (BENCH_CACHE_PAGE === undefined) throw new Error('Only `npm run bench` has bundled the page of the cache.');
  return BENCH_CACHE_PAGE;
}
