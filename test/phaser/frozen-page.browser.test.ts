import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { LIMITS } from '../e2e/engine-limits.ts';
import { long, pause, playNarrowly, playOn, told } from '../e2e/fault-scene.ts';
import { expectContinuous, heardAtLeast } from '../e2e/hearing.ts';
import { type Chromium, launchChromium, type TestPage } from '../support/chromium.ts';
import { mountHarness, openGame } from '../support/game.ts';
import { setContextRate } from '../support/media-tap.ts';
import { type RangeServer, startRangeServer } from '../support/range-server.ts';
import { installRecorder } from '../support/recorder.ts';

const RATE = 44_100;

let chromium: Chromium;
let server: RangeServer;
let page: TestPage;

beforeAll(async () => {
  server = await startRangeServer({ '/long.wav': long });
  mountHarness(server);
  chromium = await launchChromium();
  await installRecorder(chromium);
  await setContextRate(chromium, RATE);
  page = await openGame(chromium, server);
});

afterAll(async () => {
  await chromium.close();
  await server.close();
});

test('a page that was frozen goes on where it was', async () => {
  const scene = { page, server, limits: LIMITS.chromium };
  const tap = await playNarrowly(scene);
  const setState = (state: 'frozen' | 'active') => page.devtools.send('Page.setWebLifecycleState', { state });
  await setState('frozen');
  server.hangUp();
  await pause(3000);
  await setState('active');
  await playOn(page, 4);
  expectContinuous(await heardAtLeast(scene, tap, long, 4 * RATE), 0, LIMITS.chromium.resume);
  expect(await told(page, 'error')).toBe(0);
  expect(page.errors).toEqual([]);
});
