import { expect, test } from '@jest/globals';
import type { Engine } from '../support/engine.ts';
import { ENGINES, launchEngine } from '../support/engines.ts';
import { addSound, mountHarness, openGame, recordGame } from '../support/game.ts';
import { contextRateScript } from '../support/media-tap.ts';
import { pageScript } from '../support/page-script.ts';
import { type RangeServer, startRangeServer } from '../support/range-server.ts';
import type { Stretch } from '../support/stretches.ts';
import { allowSecondTry } from '../support/second-try.ts';
import { LIMITS } from './engine-limits.ts';
import { expectContinuous, heardToTheEnd } from './hearing.ts';
import { makeWav } from '../support/wav.ts';

const RATE = 44_100;
const SECONDS = 12;
const SHARE = 0.6; // of the track's bytes a second
const WAIT_FRAMES = RATE / 4; // a busy machine's own silences are shorter
const CASE_TIMEOUT_MS = 120_000;
const wav = makeWav({ seconds: SECONDS, sampleRate: RATE, seed: 7 });

allowSecondTry();

// Side by side, since they mostly wait.
test.concurrent.each(ENGINES)(
  `%s: on a network of ${SHARE} of its bytes a second a track waits once, and then plays without a stop`,
  async (name) => {
    const server = await startRangeServer({ '/track.wav': wav });
    mountHarness(server, [...['recorder.ts'].map(pageScript), contextRateScript(RATE)]);
    const engine = await launchEngine(name, {});
    try {
      await showPatience(engine, server);
    } finally {
      await engine.close();
      await server.close();
    }
  },
  CASE_TIMEOUT_MS,
);

async function showPatience(engine: Engine, server: RangeServer): Promise<void> {
  const page = await openGame(engine, server);
  server.policy = { bytesPerSecond: (SHARE * wav.length) / SECONDS };
  await addSound(page, '/track.wav');
  const tap = await recordGame(page);
  await page.evaluate(() => window.sound.play());
  const patience = { timeoutMs: 4000 * SECONDS };
  await page.until(() => window.events.includes('complete'), undefined, patience);
  const limits = LIMITS[engine.name];
  const stretches = await heardToTheEnd({ page, server, limits }, tap, wav);
  expectContinuous(stretches, 0, limits.start);
  // What WebKitGTK plays twice of a start it plays before the wait, too.
  const isWait = ({ wavFrame = 0, silence }: Stretch): boolean => wavFrame > 0 && silence > WAIT_FRAMES;
  expect(stretches.slice(1).filter(isWait)).toEqual([]);
  expect(server.bytesWritten('/track.wav')).toBe(wav.length);
  expect(await page.evaluate(() => [window.events.includes('waiting'), window.events.includes('error')])).toEqual([
    true,
    false,
  ]);
}
