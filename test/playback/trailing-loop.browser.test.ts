import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { smpl } from '../media/wav-bytes.ts';
import { type Chromium, launchChromium, type TestPage } from '../support/chromium.ts';
import { mountHarness } from '../support/game.ts';
import { type RangeServer, startRangeServer } from '../support/range-server.ts';
import { makeWav } from '../support/wav.ts';

const RATE = 44_100;
const LONG = wavWithLoop(40, 5, 6);
const SHORT = wavWithLoop(4, 0.5, 1);
const SLOW = { timeoutMs: 20_000 }; // of sounds that take their time

let chromium: Chromium;
let server: RangeServer;
let page: TestPage;

/** A loop in a `smpl` chunk behind the audio. */
function wavWithLoop(seconds: number, start: number, end: number): Buffer {
  const content = smpl([{ start: start * RATE, end: end * RATE - 1 }]).subarray(8);
  return makeWav({ seconds, sampleRate: RATE, chunksAfter: [{ id: 'smpl', data: content }] });
}

beforeAll(async () => {
  chromium = await launchChromium();
});

beforeEach(async () => {
  server = await startRangeServer({ '/long.wav': LONG, '/short.wav': SHORT });
  mountHarness(server);
  page = await chromium.open(`${server.url}/`);
  await page.until(() => window.harness);
});

afterEach(async () => {
  expect(page.errors).toEqual([]);
  await page.close();
  await server.close();
});

afterAll(() => chromium.close());

declare global {
  interface Window {
    looping: InstanceType<Window['harness']['library']['StreamingHowl']>;
    laps: number;
  }
}

async function play(url: string, loop: boolean): Promise<void> {
  await page.evaluate(
    async (asked) => {
      window.laps = 0;
      window.looping = new window.harness.library.StreamingHowl(asked.url, { loop: asked.loop });
      window.looping.on('looped', () => (window.laps += 1));
      window.looping.play();
      await window.looping.ready;
    },
    { url, loop },
  );
}

/** When the file's end was asked for, as `Date.now()`. */
const askedForTailAt = (file: Buffer, url: string): number | undefined =>
  server.log.find(({ path, range }) => path === url && (range?.end ?? 0) >= file.length)?.startedAt;

test('a loop marked behind the audio is played, and is asked for only once something is heard', async () => {
  server.policy = { bytesPerSecond: 1e6 }; // so that the first second is heard long before the loop's end arrives
  await play('/long.wav', true);
  await page.until(() => window.laps >= 2, undefined, SLOW);
  const heardAt = await page.evaluate(() => performance.timeOrigin + (window.looping.stats.firstSoundAt ?? Infinity));
  expect(askedForTailAt(LONG, '/long.wav')).toBeGreaterThan(heardAt - 20);
  const { position, buffered } = await page.evaluate(() => ({
    position: window.looping.position,
    buffered: window.looping.buffered,
  }));
  expect(position).toBeGreaterThanOrEqual(5);
  expect(position).toBeLessThan(6);
  expect(buffered.every(([, end]) => end <= 6)).toBe(true);
});

test('one found too late for the first lap is played from the second on', async () => {
  await play('/short.wav', true);
  await page.until(() => window.laps >= 1, undefined, SLOW);
  await page.until(() => window.laps >= 4, undefined, SLOW);
  const position = await page.evaluate(() => window.looping.position);
  expect(position).toBeGreaterThanOrEqual(0.5);
  expect(position).toBeLessThan(1);
});
