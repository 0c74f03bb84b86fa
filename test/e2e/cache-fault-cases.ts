/** What may become of the cache under a track that plays, each once, for every engine: every sample is heard, once. */
import { expect } from '@jest/globals';
import type { EnginePage } from '../support/engine.ts';
import { addSound, recordGame } from '../support/game.ts';
import { damageBlock } from '../source/cache-pages.ts';
import { makeWav, samplesOf } from '../support/wav.ts';
import { WHY } from './engine-limits.ts';
import { long, expectWaits, playNarrowly, playOn, told } from './fault-scene.ts';
import { expectContinuous, heardAtLeast, type Scene, SLOW } from './hearing.ts';
import { RATE, type SmokeCase } from './smoke-cases.ts';

const BLOCK_BYTES = 2 ** 18;
const PLAYED_SECONDS = 3; // after each loss: beyond what is on the element, and the block that was read then
const other = makeWav({ seconds: 5, sampleRate: RATE, seed: 8 });
export const CACHE_FAULT_TRACKS: Readonly<Record<string, Buffer>> = { '/other.wav': other };

const STARTS = { webkit: [WHY.webkitStarts, WHY.webkitChannels] };

export const CACHE_FAULT_CASES: readonly SmokeCase[] = [
  {
    name: 'a track that plays from the cache goes on whatever becomes of its blocks there',
    on: 'harness',
    show: showLosses,
    notShown: { firefox: [WHY.firefoxResumes], ...STARTS },
  },
  {
    name: 'a database that is deleted while its track is written to it is not missed',
    on: 'harness',
    show: showDeletedDatabase,
    notShown: STARTS,
  },
];

/** The database first: a download before would leave blocks in memory. */
const LOSSES: Readonly<Record<string, (page: EnginePage) => Promise<void>>> = {
  'deleted with their database': (page) => page.evaluate(deleteDatabases),
  removed: (page) => page.evaluate(() => window.game.scene.getScene('scene').streamingAudio.cache.remove('/long.wav')),
  damaged: async (page) => {
    const next = await page.evaluate(() => window.sound.buffered.at(-1)?.[1] ?? 0);
    const index = Math.ceil((samplesOf(long).dataStart + next * RATE * 4) / BLOCK_BYTES);
    for (const damaged of [index, index + 1]) await damageBlock(page, damaged, 'garbled');
  },
  'evicted by another page': (page) => page.evaluate(evictOthers, other.length, SLOW),
  cleared: (page) => page.evaluate(() => window.game.scene.getScene('scene').streamingAudio.cache.clear()),
};

/** One loss after the other while the track plays, each after all of it was stored anew. */
async function showLosses(scene: Scene): Promise<void> {
  const { page, limits } = scene;
  await page.evaluate(download, undefined, SLOW);
  await addSound(page, '/long.wav', { buffer: { aheadSeconds: 1 } });
  const tap = await recordGame(page);
  await page.evaluate(() => window.sound.play());
  await playOn(page, 0.5);
  const received: Record<string, boolean> = {};
  expect(await bytesReceived(page)).toBe(0);
  for (const [loss, lose] of Object.entries(LOSSES)) {
    await page.evaluate(download, undefined, SLOW);
    const before = await bytesReceived(page);
    await lose(page);
    await playOn(page, PLAYED_SECONDS);
    received[loss] = (await bytesReceived(page)) > before;
  }
  expect(await told(page, 'error')).toBe(0);
  const least = PLAYED_SECONDS * Object.keys(LOSSES).length;
  expectContinuous(await heardAtLeast(scene, tap, long, least * RATE), 0, limits.resume);
  expect(received).toEqual(Object.fromEntries(Object.keys(LOSSES).map((loss) => [loss, true])));
}

async function showDeletedDatabase(scene: Scene): Promise<void> {
  const { page, limits } = scene;
  const tap = await playNarrowly(scene);
  await page.evaluate(deleteDatabases);
  await playOn(page, 4);
  await expectWaits(scene, 0); // now: while this process compares samples, its server is silent
  expectContinuous(await heardAtLeast(scene, tap, long, 4 * RATE), 0, limits.start);
}

function bytesReceived(page: EnginePage): Promise<number> {
  return page.evaluate(() => window.sound.stats?.bytesReceived ?? NaN);
}

/** All of the track is stored, and may be evicted. */
async function download(): Promise<void> {
  const { cache } = window.game.scene.getScene('scene').streamingAudio;
  await cache.download('/long.wav');
  await cache.unpin('/long.wav');
}

async function deleteDatabases(): Promise<void> {
  for (const { name = '' } of await indexedDB.databases()) {
    await new Promise((resolve) => {
      const request = indexedDB.deleteDatabase(name);
      request.addEventListener('success', resolve);
      request.addEventListener('blocked', resolve);
    });
  }
}

/** Another page of this origin downloads into the cache, where it allows no more than that. */
async function evictOthers(maxBytes: number): Promise<void> {
  const frame = document.createElement('iframe');
  frame.src = '/index.html';
  const loaded = new Promise((resolve) => frame.addEventListener('load', resolve));
  document.body.append(frame);
  await loaded;
  const { harness } = frame.contentWindow as Window;
  const cache = await harness.library.openAudioCache({ maxBytes });
  await cache.download('/other.wav');
  cache.close();
  frame.remove();
}
