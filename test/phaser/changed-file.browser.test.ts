import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { alignRecording } from '../support/align-recording.ts';
import { type Chromium, launchChromium, type TestPage } from '../support/chromium.ts';
import { addSound, mountHarness, openGame, recordGame } from '../support/game.ts';
import { setContextRate } from '../support/media-tap.ts';
import { type RangeServer, startRangeServer } from '../support/range-server.ts';
import { installRecorder, readRecording } from '../support/recorder.ts';
import { until } from '../support/until.ts';
import { makeWav, samplesOf } from '../support/wav.ts';

const RATE = 44_100;
const [first, second] = [1, 2].map((seed) => makeWav({ seconds: 100, sampleRate: RATE, seed })) as [Buffer, Buffer];
const [short, shortened] = [makeWav({ seconds: 1.5, seed: 4 }), makeWav({ seconds: 1, seed: 5 })];

let chromium: Chromium;
let server: RangeServer;
let page: TestPage;

beforeAll(async () => {
  server = await startRangeServer();
  mountHarness(server);
});

afterAll(() => server.close());

beforeEach(async () => {
  chromium = await launchChromium();
  await installRecorder(chromium);
  await setContextRate(chromium, RATE);
  page = await openGame(chromium, server);
});

afterEach(async () => {
  expect(page.errors).toEqual([]);
  await chromium.close();
});

const isPast = (seconds: number): boolean => window.sound.state === 'playing' && window.sound.seek > seconds;
const count = (name: string): number => window.events.filter((event) => event === name).length;

describe('a file that is replaced on its server', () => {
  test('is let go of where the sound is destroyed before the old version is off its element', async () => {
    server.mount('/track.wav', first);
    await addSound(page, '/track.wav');
    await page.evaluate(() => window.sound.play());
    await page.until(isPast, 0.2);
    server.mount('/track.wav', second);
    server.policy = ({ range }) => (range?.start === 0 ? { hold: 300_000 } : {});
    server.clearLog();
    await page.evaluate(() => {
      const remove = Reflect.get<SourceBuffer, 'remove'>(SourceBuffer.prototype, 'remove');
      SourceBuffer.prototype.remove = function (start, end) {
        remove.call(this, start, end);
        if (window.events.includes('changed')) window.sound.destroy();
      };
      window.sound.seek = 90;
    });
    await page.until(count, 'changed');
    await until(() =>
      server.log.some(({ method, range, closedEarly }) => method === 'GET' && range?.start === 0 && closedEarly),
    );
    server.policy = {};
  });

  test('is played to its end in the version that is cached, and is new the next time', async () => {
    server.mount('/track.wav', short);
    await addSound(page, '/track.wav');
    await page.evaluate(() => window.sound.play());
    await page.until(count, 'complete');
    await page.evaluate(() => window.sound.destroy());
    await page.close();

    server.mount('/track.wav', shortened);
    page = await openGame(chromium, server);
    const tap = await recordGame(page);
    await addSound(page, '/track.wav');
    await page.evaluate(() => window.sound.play());
    await page.until(count, 'complete');
    expect(await page.evaluate(count, 'changed')).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 300)); // the tap hears in steps
    const heard = alignRecording(await readRecording(page, tap), samplesOf(short));
    expect(heard).toMatchObject({ firstFrame: 0, differences: 0, gaps: [], soundingFrames: 1.5 * RATE });

    await page.evaluate(() => window.sound.destroy());
    await addSound(page, '/track.wav');
    await page.until(() => window.sound.state === 'ready');
    expect(await page.evaluate(() => window.sound.duration)).toBe(1);
  });
});
