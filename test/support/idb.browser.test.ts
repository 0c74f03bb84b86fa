import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { launchChromium, type Chromium } from './chromium.ts';
import { readIndexedDb, sha256Of } from './idb.ts';
import { startRangeServer, type RangeServer } from './range-server.ts';

const FILE = randomBytes(50_000);

let chromium: Chromium;
let server: RangeServer;

beforeAll(async () => {
  server = await startRangeServer({
    '/blank.html': Buffer.from('<!doctype html><link rel="icon" href="data:,"><title>blank</title>'),
    '/file.bin': FILE,
  });
  chromium = await launchChromium();
});

afterAll(async () => {
  await chromium.close();
  await server.close();
});

test('every record of every database is read, with the hash of its bytes', async () => {
  const page = await chromium.open(`${server.url}/blank.html`);
  expect(await readIndexedDb(page)).toEqual([]);
  await page.evaluate(fillDatabase);

  const whole = { byteLength: 50_000, storedByteLength: 50_000, sha256: sha256Of(FILE) };
  const tail = { byteLength: 10, storedByteLength: 50_000, sha256: sha256Of(FILE.subarray(-10)) };
  const records = await readIndexedDb(page);
  expect(records.map(({ database, store, key }) => [database, store, key])).toEqual([
    ['audio', 'blocks', 'buffer'],
    ['audio', 'blocks', 'record'],
    ['audio', 'blocks', 'view'],
  ]);
  expect(records[0]?.bytes).toEqual({ kind: 'ArrayBuffer', ...whole });
  expect(records[1]?.value).toEqual({ url: '/file.bin', blocks: [{ kind: 'ArrayBuffer', ...whole }] });
  expect(records[2]?.bytes).toEqual({ kind: 'Uint8Array', ...tail });
});

async function fillDatabase(): Promise<void> {
  const buffer = await (await fetch('/file.bin')).arrayBuffer();
  const opening = indexedDB.open('audio');
  opening.addEventListener('upgradeneeded', () => opening.result.createObjectStore('blocks'));
  await new Promise((resolve) => opening.addEventListener('success', resolve));
  const transaction = opening.result.transaction('blocks', 'readwrite');
  const store = transaction.objectStore('blocks');
  store.put(buffer, 'buffer');
  store.put({ url: '/file.bin', blocks: [buffer] }, 'record');
  store.put(new Uint8Array(buffer).subarray(-10), 'view');
  await new Promise((resolve) => transaction.addEventListener('complete', resolve));
  opening.result.close();
}
