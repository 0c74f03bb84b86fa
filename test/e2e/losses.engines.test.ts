import { expect, test } from '@jest/globals';
import type { Engine, EnginePage } from '../support/engine.ts';
import { ENGINES, launchEngine } from '../support/engines.ts';
import { addSound, mountHarness, openGame, recordGame } from '../support/game.ts';
import { contextRateScript } from '../support/media-tap.ts';
import { pageScript } from '../support/page-script.ts';
import { type RangeServer, startRangeServer } from '../support/range-server.ts';
import { allowSecondTry } from '../support/second-try.ts';
import { LIMITS } from './engine-limits.ts';
import { expectContinuous, heardAtLeast, SLOW } from './hearing.ts';
import { makeWav } from '../support/wav.ts';

const RATE = 44_100;
const LOSSES_SECONDS = [10, 60];
const CASE_TIMEOUT_MS = 240_000;
const PLAYED_SECONDS = 3; // before each loss, and after the last
const wav = makeWav({ seconds: 60, sampleRate: RATE, seed: 7 });

allowSecondTry();

// Side by side, since they mostly wait.
test.concurrent.each(ENGINES)(
  `%s: no sample is lost or doubled over losses of the network for ${LOSSES_SECONDS.join(' and ')} seconds`,
  async (name) => {
    const server = await startRangeServer({ '/track.wav': wav });
    mountHarness(server, [...['recorder.ts'].map(pageScript), contextRateScript(RATE)]);
    const engine = await launchEngine(name, {});
    try {
      await showLosses(engine, server);
    } finally {
      await engine.close();
      await server.close();
    }
  },
  CASE_TIMEOUT_MS,
);

async function showLosses(engine: Engine, server: RangeServer): Promise<void> {
  const page = await openGame(engine, server);
  server.policy = { bytesPerSecond: 400_000 };
  await addSound(page, '/track.wav', { buffer: { aheadSeconds: 4 } });
  const tap = await recordGame(page);
  await page.evaluate(() => window.sound.play());
  for (const seconds of LOSSES_SECONDS) {
    await playOn(page);
    server.policy = { dropHead: true };
    server.hangUp();
    await page.until(() => window.sound.state === 'waiting', undefined, SLOW);
    await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
    expect(await page.evaluate(() => window.sound.state)).toBe('waiting');
    server.policy = { bytesPerSecond: 400_000 };
  }
  await playOn(page);
  const limits = LIMITS[engine.name];
  const least = PLAYED_SECONDS * (LOSSES_SECONDS.length + 1) * RATE;
  const stretches = await heardAtLeast({ page, server, limits }, tap, wav, least);
  expectContinuous(stretches, 0, limits.resume);
  expect(await page.evaluate(() => window.events.includes('error'))).toBe(false);
}

async function playOn(page: EnginePage): Promise<void> {
  const goal = PLAYED_SECONDS + (await page.evaluate(() => window.sound.seek));
  const isPast = (seconds: number): boolean => window.sound.state === 'playing' && window.sound.seek > seconds;
  await page.until(isPast, goal, SLOW);
}
