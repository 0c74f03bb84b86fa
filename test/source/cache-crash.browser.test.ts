/** The browser killed while it caches: what lies in the database then is the file's, or is not there. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Chromium, TestPage } from '../support/chromium.ts';
import { readBlocks, watchCache, wrongBlocks } from '../support/idb.ts';
import { pseudoRandomBytes } from '../support/served-content.ts';
import {
  CACHE_NAME,
  type CacheWorld,
  closeCacheWorld,
  hashesOf,
  launchIn,
  openCache,
  openCacheWorld,
  openTab,
  readPlaces,
  wholeOf,
} from './cache-pages.ts';

const KILLS = 20;
const HELD_KILLS = 12; // surely inside a transaction, which is held open for it; the others come at any time
const BYTES_PER_SECOND = 20e6; // so that a file takes as long as several transactions
const FILES = new Map(
  Array.from({ length: KILLS }, (_, at) => [`/track-${at}.wav`, pseudoRandomBytes(3_000_000 + at, at + 1)]),
);

let world: CacheWorld;
let chromium: Chromium;

beforeEach(async () => {
  world = await openCacheWorld(Object.fromEntries(FILES));
});

afterEach(async () => {
  await chromium.close();
  await closeCacheWorld(world);
});

const fileOf = (track: string): Uint8Array => FILES.get(new URL(track, world.server.url).pathname) ?? new Uint8Array();

/** In the page: tells of each transaction that writes, and lets the nth never end. */
function tellTransactions(heldNumber: number): void {
  type Transact = (this: IDBDatabase, ...asked: unknown[]) => IDBTransaction;
  const transact = Reflect.get(IDBDatabase.prototype, 'transaction') as unknown as Transact;
  let begun = 0;
  let open = 0;
  const hold = (transaction: IDBTransaction): void => {
    const rows = transaction.objectStore('blocks');
    const askAgain = (): void => rows.count('').addEventListener('success', askAgain);
    askAgain();
  };
  IDBDatabase.prototype.transaction = function told(...asked): IDBTransaction {
    const transaction = transact.apply(this, asked);
    if (transaction.mode !== 'readwrite') return transaction;
    begun += 1;
    open += 1;
    const isHeld = begun === heldNumber;
    if (isHeld) hold(transaction);
    console.debug(`transactions: ${begun} begun, ${open} open${isHeld ? ', held' : ''}`);
    const end = (): void => {
      open -= 1;
      console.debug(`transactions: ${begun} begun, ${open} open`);
    };
    transaction.addEventListener('complete', end);
    transaction.addEventListener('abort', end);
    return transaction;
  };
}

/** The id of the browser's own process. */
async function browserPid(): Promise<number> {
  const session = await chromium.context.browser()?.newBrowserCDPSession();
  const { processInfo = [] } = (await session?.send('SystemInfo.getProcessInfo')) ?? {};
  const browser = processInfo.find(({ type }) => type === 'browser');
  if (browser === undefined) throw new Error('The browser does not tell its process.');
  return browser.id;
}

/** Reads a file for the first time, and kills the browser meanwhile; gives what was last told of transactions. */
async function killWhileCaching(page: TestPage, name: string, at: number): Promise<string> {
  const pid = await browserPid();
  const isDue = (line: string): boolean => (isHeld(at) ? line.endsWith('held') : line.startsWith('transactions: 2'));
  const due = page.page.waitForEvent('console', (message) => isDue(message.text()));
  await page.evaluate((url) => {
    const { openSeekableStream } = window.harness.library;
    void openSeekableStream(url, { cache: window.audioCache }).then((stream) => stream.read());
  }, name);
  await due;
  await sleep(2 * (at % 8));
  const gone = chromium.context.waitForEvent('close');
  process.kill(pid, 'SIGKILL');
  await gone;
  return page.consoleLines.findLast((line) => line.includes('transactions: ')) ?? '';
}

const isHeld = (at: number): boolean => at < HELD_KILLS;

/** Starts the browser anew on its old profile. */
async function restart(heldNumber?: number): Promise<TestPage> {
  chromium = await launchIn(world);
  await chromium.context.addInitScript(tellTransactions, heldNumber);
  return openTab(chromium, world);
}

/** Compares all that the database holds with the files; gives how many blocks that is. */
async function checkBlocks(page: TestPage): Promise<number> {
  const [look] = await watchCache(page, CACHE_NAME, async () => {});
  expect(look?.flaws).toEqual([]);
  const blocks = await readBlocks(page);
  expect(wrongBlocks(blocks, fileOf)).toEqual([]);
  return blocks.length;
}

test('a browser killed twenty times while it caches leaves only blocks that are exact, and the rest comes again', async () => {
  for (const [name, bytes] of FILES) world.server.mount(name, bytes, { bytesPerSecond: BYTES_PER_SECOND });
  const kills: string[] = [];
  const held: number[] = [];
  for (const [at, name] of [...FILES.keys()].entries()) {
    const page = await restart(isHeld(at) ? 1 + (at % 3) : undefined);
    if (at > 0) held.push(await checkBlocks(page));
    await openCache(page);
    kills.push(await killWhileCaching(page, name, at));
  }
  const page = await restart();
  held.push(await checkBlocks(page));
  console.log(kills.map((told, at) => `${told}; then ${held[at]} blocks in all`).join('\n'));
  expect(kills.filter((told) => told.endsWith('held')).length).toBeGreaterThanOrEqual(10);

  const missing = await missingBytes(page);
  world.server.clearLog();
  await openCache(page);
  const places = [...FILES].map(([name, bytes]) => wholeOf(name, bytes));
  expect(await readPlaces(page, places)).toEqual(hashesOf(places, fileOf));
  expect([...FILES.keys()].reduce((sum, name) => sum + world.server.bytesWritten(name), 0)).toBe(missing);
}, 120_000);

/** What the files have that the database has not. */
async function missingBytes(page: TestPage): Promise<number> {
  const all = [...FILES.values()].reduce((sum, { length }) => sum + length, 0);
  return (await readBlocks(page)).reduce((left, { byteLength }) => left - byteLength, all);
}
