import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Alignment, alignRecording } from '../support/align-recording.ts';
import { type Chromium, launchChromium, type TestPage } from '../support/chromium.ts';
import { addSound, mountHarness, openGame, recordGame } from '../support/game.ts';
import { setContextRate } from '../support/media-tap.ts';
import { type RangeServer, startRangeServer } from '../support/range-server.ts';
import { installRecorder, readRecording } from '../support/recorder.ts';
import { until } from '../support/until.ts';
import { makeWav, samplesOf } from '../support/wav.ts';

const RATE = 44_100;
const [first, second, third] = [1, 2, 3].map((seed) => makeWav({ seconds: 100, sampleRate: RATE, seed })) as [
  Buffer,
  Buffer,
  Buffer,
];
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

/** Seeks there and compares what is heard from then on with `wav`. */
async function seekAndHear(seconds: number, wav: Buffer): Promise<Alignment> {
  await page.evaluate((target) => {
    window.sound.seek = target;
  }, seconds);
  await page.until(isPast, seconds);
  const tap = await recordGame(page);
  await page.until(isPast, seconds + 0.5);
  return alignRecording(await readRecording(page, tap), samplesOf(wav));
}

describe('a file that is replaced on its server', () => {
  test('is opened anew by a sound that has not all of it, goes on where it was, and is never mixed', async () => {
    server.mount('/track.wav', first);
    await addSound(page, '/track.wav');
    await page.evaluate(() => window.sound.play());
    await page.until(isPast, 0.5);
    server.mount('/track.wav', second);
    const heard = await seekAndHear(90, second);
    expect(heard).toMatchObject({ differences: 0, gaps: [] });
    expect(heard.firstFrame).toBeGreaterThanOrEqual(90 * RATE);
    expect([await page.evaluate(count, 'changed'), await page.evaluate(count, 'error')]).toEqual([1, 0]);

    expect(await seekAndHear(0, second)).toMatchObject({ differences: 0, gaps: [] });
  });

  test('ends the sound with an error where it is replaced once more', async () => {
    server.mount('/track.wav', first);
    await addSound(page, '/track.wav');
    await page.evaluate(() => window.sound.play());
    await page.until(isPast, 0.2);
    server.mount('/track.wav', second);
    await seekAndHear(90, second);
    server.mount('/track.wav', third);
    await page.evaluate(() => {
      window.sound.once('error', (error: { code: string }) => window.events.push(error.code));
      window.sound.seek = 45;
    });
    await page.until(() => window.sound.state === 'failed');
    expect(await page.evaluate(count, 'resource-changed')).toBe(1);
    expect(await page.evaluate(count, 'changed')).toBe(1);
  });

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
