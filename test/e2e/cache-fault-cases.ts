/** What may become of the cache under a track that plays, each once, for every engine: every sample is heard, once. */
import { expect } from '@jest/globals';
import type { EnginePage } from '../support/engine.ts';
import { addSound, recordGame } from '../support/game.ts';
import { damageBlock } from '../source/cache-pages.ts';
import { makeWav } from '../support/wav.ts';
import { WHY } from './engine-limits.ts';
import { expectWaits, isPast, long, playNarrowly, playOn, told } from './fault-scene.ts';
import { expectContinuous, heardAtLeast, type Scene, SLOW } from './hearing.ts';
import { RATE, type SmokeCase } from './smoke-cases.ts';

const PLAYED_SECONDS = 3; // after each loss: beyond what is on the element, and the block that was read then
const cached = makeWav({ seconds: 6, sampleRate: RATE, seed: 9 });
const other = makeWav({ seconds: 5, sampleRate: RATE, seed: 8 });
export const CACHE_FAULT_TRACKS: Readonly<Record<string, Buffer>> = { '/cached.wav': cached, '/other.wav': other };

const STARTS = { webkit: [WHY.webkitStarts, WHY.webkitChannels] };

export const CACHE_FAULT_CASES: readonly SmokeCase[] = [
  {
    name: 'a track that plays from the cache goes on whatever becomes of its blocks there',
    on: 'harness',
    show: showLosses,
    notShown: STARTS,
  },
  {
    name: 'a database that is deleted while its track is written to it is not missed',
    on: 'harness',
    show: showDeletedDatabase,
    notShown: STARTS,
  },
];

const LOSSES: Readonly<Record<string, (page: EnginePage) => Promise<void>>> = {
  'deleted with their database': (page) => page.evaluate(deleteDatabases),
  removed: (page) =>
    page.evaluate(() => window.game.scene.getScene('scene').streamingAudio.cache.remove('/cached.wav')),
  damaged: async (page) => {
    for (const index of [2, 3]) await damageBlock(page, index, 'garbled');
  },
  'evicted by another page': (page) => page.evaluate(evictOthers, other.length, SLOW),
  cleared: (page) => page.evaluate(() => window.game.scene.getScene('scene').streamingAudio.cache.clear()),
};

async function showLosses(scene: Scene): Promise<void> {
  for (const [loss, lose] of Object.entries(LOSSES)) {
    expect({ loss, ...(await playThrough(scene, lose)) }).toEqual({ loss, before: 0, hasAsked: true, errors: 0 });
  }
}

/** Plays what is all in the cache, and nowhere else, until something becomes of it there, and on. */
async function playThrough(scene: Scene, lose: (page: EnginePage) => Promise<void>): Promise<object> {
  const { page, limits } = scene;
  await page.evaluate(download, undefined, SLOW);
  await addSound(page, '/cached.wav', { buffer: { aheadSeconds: 2 } });
  const tap = await recordGame(page);
  await page.evaluate(() => window.sound.play());
  await page.until(isPast, 0.5, SLOW);
  const before = await page.evaluate(() => window.sound.stats?.bytesReceived);
  await lose(page);
  await playOn(page, PLAYED_SECONDS);
  const hasAsked = await page.evaluate(() => (window.sound.stats?.bytesReceived ?? 0) > 0);
  const errors = await told(page, 'error');
  expectContinuous(await heardAtLeast(scene, tap, cached, PLAYED_SECONDS * RATE), 0, limits.start);
  await page.evaluate(() => window.sound.destroy());
  return { before, hasAsked, errors };
}

async function showDeletedDatabase(scene: Scene): Promise<void> {
  const { page, limits } = scene;
  const tap = await playNarrowly(scene);
  await page.evaluate(deleteDatabases);
  await playOn(page, 4);
  await expectWaits(scene, 0); // now: while this process compares samples, its server is silent
  expectContinuous(await heardAtLeast(scene, tap, long, 4 * RATE), 0, limits.start);
}

/** All of the track is stored, and may be evicted. */
async function download(): Promise<void> {
  const { cache } = window.game.scene.getScene('scene').streamingAudio;
  await cache.download('/cached.wav');
  await cache.unpin('/cached.wav');
  await cache.usage(); // once it is written
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
