/** Faults of network, server and file in mid-track, each once, for every engine: by what reaches the speakers. */
import { expect } from '@jest/globals';
import { addSound, recordGame } from '../support/game.ts';
import type { Policy } from '../support/range-server.ts';
import { makeWav, samplesOf } from '../support/wav.ts';
import { WHY } from './engine-limits.ts';
import {
  expectOneError,
  hasState,
  isPast,
  expectWaits,
  long,
  pause,
  playNarrowly,
  playOn,
  told,
} from './fault-scene.ts';
import { expectContinuous, heard, heardAtLeast, reachedBy, type Scene, SLOW } from './hearing.ts';
import { RATE, type SmokeCase } from './smoke-cases.ts';

const VERSION_SECONDS = 16;
const VERSION_FRAMES = VERSION_SECONDS * RATE;
const [first, second, third] = [1, 2, 3].map((seed) =>
  makeWav({ seconds: VERSION_SECONDS, sampleRate: RATE, seed }),
) as [Buffer, Buffer, Buffer];
const FAULTS: Readonly<Record<string, Policy>> = {
  'breaks every connection': { dropHead: true },
  'answers 503': { status: 503 },
  'is silent': { holdHead: true },
};
const MOVED_SECONDS = 0.3; // what the old version may play on until the new one is there
const RESUMES = { firefox: [WHY.firefoxResumes], webkit: [WHY.webkitStarts, WHY.webkitChannels] };

export const FAULT_CASES: readonly SmokeCase[] = [
  ...Object.entries(FAULTS).map(([fault, policy]): SmokeCase => ({
    name: `no sample is lost or doubled while its server ${fault}`,
    on: 'harness',
    show: (scene) => showOutage(scene, policy),
    notShown: RESUMES,
  })),
  {
    name: 'no sample is lost or doubled while the device is offline, and no request is made',
    on: 'harness',
    show: showOffline,
    outOfReach: { firefox: WHY.firefoxOnline, webkit: WHY.webkitOnline },
  },
  {
    name: 'what is cached plays while its server is gone, then waits, and goes on by itself',
    on: 'harness',
    show: showCachedWithoutServer,
    notShown: RESUMES,
  },
  { name: 'a file that its server has no more ends the sound with one error', on: 'harness', show: showMissing },
  {
    name: 'a file that is replaced goes on in its new version where it stood, unmixed; replaced again, it ends the sound',
    on: 'harness',
    show: showReplaced,
    notShown: RESUMES,
  },
];

async function showOutage(scene: Scene, fault: Policy): Promise<void> {
  const { page, server, limits } = scene;
  const tap = await playNarrowly(scene);
  server.policy = fault;
  server.hangUp();
  await page.until(hasState, 'waiting', SLOW);
  await pause(limits.outageMs);
  expect(await page.evaluate(() => window.sound.state)).toBe('waiting');
  server.policy = {};
  server.release();
  await expectGoneOn(scene, tap);
}

async function showOffline(scene: Scene): Promise<void> {
  const { page, server, limits } = scene;
  const tap = await playNarrowly(scene);
  await page.setOffline?.(true);
  await page.until(() => !navigator.onLine);
  server.hangUp();
  await page.until(hasState, 'waiting', SLOW);
  server.clearLog();
  await pause(limits.outageMs);
  expect(server.log).toEqual([]);
  await page.setOffline?.(false);
  await expectGoneOn(scene, tap);
}

async function showCachedWithoutServer(scene: Scene): Promise<void> {
  const { page, server } = scene;
  await addSound(page, '/long.wav', { buffer: { aheadSeconds: 2 } });
  server.policy = ({ path }) => (path === '/long.wav' ? { bytesPerSecond: 2_000_000 } : {});
  await page.evaluate(() => window.sound.play());
  await page.until(() => window.sound.cached.some(([, end]) => end > 4), undefined, SLOW);

  server.policy = ({ path }) => (path === '/long.wav' ? { dropHead: true } : {});
  await page.goto(`${server.url}/index.html`);
  await page.evaluate(() => window.harness.bootGame({}), undefined, SLOW);
  await addSound(page, '/long.wav');
  const tap = await recordGame(page);
  await page.evaluate(() => window.sound.play());
  await page.until(isPast, 2, SLOW);
  await page.until(hasState, 'waiting', SLOW);
  server.policy = {};
  await expectGoneOn(scene, tap);
}

/** After a fault that made the sound wait once: it goes on, and all that is heard is the track from its start. */
async function expectGoneOn(scene: Scene, tap: number): Promise<void> {
  const { page, limits } = scene;
  await playOn(page, 1);
  await expectWaits(scene, 1); // now: while this process compares samples, its server is silent
  const least = (await page.evaluate(() => window.sound.seek)) - limits.leadSeconds;
  expectContinuous(await heardAtLeast(scene, tap, long, least * RATE), 0, limits.resume);
}

async function showMissing(scene: Scene): Promise<void> {
  await playNarrowly(scene);
  scene.server.policy = { status: 404 };
  scene.server.hangUp();
  await expectOneError(scene, 'http');
}

async function showReplaced(scene: Scene): Promise<void> {
  const { page, server, limits } = scene;
  server.mount('/long.wav', first);
  const tap = await playNarrowly(scene);
  server.mount('/long.wav', second);
  server.hangUp();
  await page.until(() => window.events.includes('changed'), undefined, SLOW);
  await playOn(page, 1 + 2 * limits.leadSeconds); // what is not heard yet is cut off by the seek
  await page.evaluate(() => {
    window.sound.seek = 0;
  });
  await page.until(() => window.sound.state === 'playing' && window.sound.seek < 3, undefined, SLOW);
  await playOn(page, 0.5);
  const said = { changed: await told(page, 'changed'), error: await told(page, 'error') };

  server.mount('/long.wav', third);
  server.hangUp();
  await page.evaluate(() => {
    window.sound.seek = 15;
  });
  await expectOneError(scene, 'resource-changed');
  await expectVersions(scene, tap);
  expect(said).toEqual({ changed: 1, error: 0 });
}

/** The first version, the second from where that stood, and that from its start: of the third nothing. */
async function expectVersions(scene: Scene, tap: number): Promise<void> {
  const { resume, leadSeconds } = scene.limits;
  const stretches = await heard(scene, tap, inARow(first, second, third));
  const turn = stretches.findIndex(({ wavFrame = 0 }) => wavFrame >= VERSION_FRAMES);
  const start = stretches.findIndex(({ wavFrame }, i) => i > turn && wavFrame === VERSION_FRAMES);
  const [before, after] = [stretches.slice(0, turn), stretches.slice(turn, start)];
  expectContinuous(before, 0, resume);
  const turnedAt = after[0]?.wavFrame ?? NaN;
  expectContinuous(after, turnedAt, resume);
  expect(Math.abs(turnedAt - VERSION_FRAMES - reachedBy(before)) / RATE).toBeLessThan(MOVED_SECONDS + leadSeconds);
  expectContinuous(stretches.slice(start), VERSION_FRAMES, resume);
  expect(reachedBy(stretches)).toBeLessThan(2 * VERSION_FRAMES);
}

/** One WAV of the samples of several that are alike. */
function inARow(...wavs: readonly Buffer[]): Buffer {
  const [model = Buffer.alloc(0)] = wavs;
  const { dataStart } = samplesOf(model);
  const row = makeWav({ seconds: VERSION_SECONDS * wavs.length, sampleRate: RATE });
  const bytes = model.length - dataStart;
  for (const [i, wav] of wavs.entries()) wav.copy(row, dataStart + i * bytes, dataStart);
  return row;
}
