import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Chromium, launchChromium, type TestPage } from '../support/chromium.ts';
import { mountHarness, openGame } from '../support/game.ts';
import { installLeakWatch, leakedBetween, snapshotLeaks } from '../support/leaks.ts';
import { type Policy, type RangeServer, startRangeServer } from '../support/range-server.ts';
import { makeWav } from '../support/wav.ts';
import { describeSound, playAnother, watchSounds } from './soak-page.ts';

const MINUTES = Number(process.env['SOAK_MINUTES'] ?? 240); // of tracks, heard at up to eight times their speed
const SEED = Number(process.env['SOAK_SEED'] ?? 1);
const RATES = [1, 4, 8, 8, 8];
const SETTLING = { timeoutMs: 30_000 }; // from a fault's end until the sound goes on
const TRACKS = {
  '/short.wav': makeWav({ seconds: 3 }),
  '/mono.wav': makeWav({ seconds: 90, channels: 1, seed: 2 }),
  '/long.wav': makeWav({ seconds: 240, seed: 3 }),
};
const FAULTS: readonly Policy[] = [
  { dropHead: true },
  { status: 503 },
  { holdHead: true },
  { cut: 100_000 },
  { bytesPerSecond: 150_000 },
  { latencyMs: 800 },
];
const MOST_BUFFERED_SECONDS = 90; // 30 ahead and 15 behind, and as much as a refill and eight times the speed add
const MOST_STUCK_MS = 5000;
const MOST_HEAP_BYTES = 8 * 2 ** 20; // of code that was compiled, and blocks at hand

let chromium: Chromium;
let server: RangeServer;
let page: TestPage;

beforeAll(async () => {
  server = await startRangeServer(TRACKS);
  mountHarness(server);
  chromium = await launchChromium();
  await installLeakWatch(chromium);
  page = await openGame(chromium, server);
});

afterAll(async () => {
  await chromium.close();
  await server.close();
});

/** Random numbers in `[0, 1)` that come again with the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const random = randomFrom(SEED);
const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(random() * values.length)] as Value;

/** What a game, its player and the network do. */
const ACTS: Readonly<Record<string, () => Promise<unknown>>> = {
  'another track': () =>
    page.evaluate(playAnother, {
      url: pick(Object.keys(TRACKS)),
      config: { rate: pick(RATES), ...pick([{}, { loop: true }, { loop: true, loopStart: 1, loopEnd: 2.5 }]) },
    }),
  seek: () =>
    page.evaluate((share) => {
      window.sound.seek = share * window.sound.duration;
    }, random()),
  'a rate': () => page.evaluate((rate) => void window.sound.setRate(rate), pick(RATES)),
  pause: () => page.evaluate(() => window.sound.pause()),
  resume: () => page.evaluate(() => window.sound.resume()),
  play: () => page.evaluate(() => window.sound.play()),
  stop: () => page.evaluate(() => window.sound.stop()),
  loop: () => page.evaluate((loop) => void window.sound.setLoop(loop), random() < 0.5),
  mute: () => page.evaluate((mute) => void window.sound.setMute(mute), random() < 0.5),
  'a fault': async () => {
    server.policy = pick(FAULTS);
    server.hangUp();
    await sleep(500 + 3000 * random());
    server.policy = {};
    server.release();
  },
};

/** Whatever is wished of the sound, it is on its way there: nothing is waited for in vain. */
const isSettled = (): boolean => !['opening', 'waiting'].includes(window.sound.state);

async function holdings() {
  const leaks = await snapshotLeaks(page);
  const { usedSize } = await page.devtools.send('Runtime.getHeapUsage');
  return { leaks, heapBytes: usedSize };
}

async function silence(): Promise<void> {
  await page.evaluate(() => window.sound.destroy());
  await sleep(2000);
}

test(
  `what ${MINUTES} minutes of play have taken, the end gives back`,
  async () => {
    await page.evaluate(watchSounds);
    for (const url of Object.keys(TRACKS)) {
      await page.evaluate(playAnother, { url, config: {} });
      await page.until(() => window.sound.seek > 0.2);
    }
    await silence();
    const before = await holdings();
    const trail: string[] = [];

    await page.evaluate(playAnother, { url: '/long.wav', config: { loop: true, rate: 8 } });
    for (let heard = 0; heard < MINUTES * 60;) {
      const act = pick(Object.keys(ACTS));
      await ACTS[act]?.();
      await sleep(200 + 1000 * random());
      trail.push(act);
      await page.until(isSettled, undefined, SETTLING).catch(async (error: unknown) => {
        throw new Error(`After ${trail.slice(-12).join(', ')}: ${JSON.stringify(await page.evaluate(describeSound))}`, {
          cause: error,
        });
      });
      // What rests would make the soak last: most of the time something plays, fast.
      if (random() < 0.7)
        await page.evaluate(() => window.sound.isPlaying || window.sound.resume() || window.sound.play());
      const watch = await page.evaluate(() => window.soak);
      expect(watch.stuckMs).toBeLessThan(MOST_STUCK_MS);
      expect(watch.buffered).toBeLessThan(MOST_BUFFERED_SECONDS);
      heard = watch.heard;
    }
    console.log(`Seed ${SEED}, ${trail.length} acts: ${JSON.stringify(await page.evaluate(() => window.soak))}`);

    await silence();
    const after = await holdings();
    expect(leakedBetween(before.leaks, after.leaks)).toEqual([]);
    expect(after.heapBytes - before.heapBytes).toBeLessThan(MOST_HEAP_BYTES);
    expect(server.log.filter(({ endedAt }) => endedAt === undefined)).toEqual([]);
    expect(page.errors).toEqual([]);
  },
  MINUTES * 60_000 + 300_000,
);
