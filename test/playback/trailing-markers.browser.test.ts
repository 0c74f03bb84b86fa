import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type CuePoint, cueFields, labelFields } from '../media/wav-bytes.ts';
import { type Chromium, launchChromium, type TestPage } from '../support/chromium.ts';
import { mountHarness } from '../support/game.ts';
import { type LoggedRequest, type RangeServer, startRangeServer } from '../support/range-server.ts';
import { makeWav } from '../support/wav.ts';

const RATE = 44_100;
const SECONDS = 60;
const BLOCK = 256 * 2 ** 10;
const CUES: readonly CuePoint[] = [{ id: 1, start: 50 * RATE, label: 'finale' }];
const MARKERS = [{ name: 'finale', start: 50, end: undefined }];
const plain = makeWav({ seconds: SECONDS, sampleRate: RATE });
const marked = makeWav({
  seconds: SECONDS,
  sampleRate: RATE,
  chunksAfter: [
    { id: 'cue ', data: cueFields(CUES) },
    { id: 'LIST', data: labelFields(CUES) },
  ],
});
const WAIT = { timeoutMs: 20_000 };

let chromium: Chromium;
let server: RangeServer;
let page: TestPage;

beforeAll(async () => {
  chromium = await launchChromium();
});

beforeEach(async () => {
  server = await startRangeServer({ '/marked.wav': marked, '/plain.wav': plain });
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
    marked: InstanceType<Window['harness']['library']['StreamingHowl']>;
    markedCache: Awaited<ReturnType<Window['harness']['library']['openAudioCache']>>;
  }
}

/** Opens a track in a cache of its own, as `window.marked`. */
async function open(url: string): Promise<void> {
  await page.evaluate(async (asked) => {
    const { openAudioCache, StreamingHowl } = window.harness.library;
    window.markedCache = await openAudioCache({ name: 'markers' });
    window.marked = new StreamingHowl(asked, { cache: window.markedCache });
    await window.marked.ready;
  }, url);
}

const requestsOf = (url: string): LoggedRequest[] => server.log.filter(({ path }) => path === url);
/** The requests that reach what stands behind the audio. */
const trailing = (): LoggedRequest[] => requestsOf('/marked.wav').filter(({ range }) => range?.end === marked.length);
const hasMarkers = (): boolean => window.marked.markers.length > 0;

test('markers behind the audio come by one request of a block, once there is sound to spare', async () => {
  server.policy = { bytesPerSecond: 500_000 };
  await open('/marked.wav');
  await page.evaluate(() => window.marked.play());
  await page.until(hasMarkers, undefined, WAIT);
  const { markers, firstSoundAt, position, stats } = await page.evaluate(() => ({
    markers: window.marked.markers,
    firstSoundAt: performance.timeOrigin + (window.marked.stats.firstSoundAt ?? Infinity),
    position: window.marked.position,
    stats: window.marked.stats,
  }));
  expect(markers).toEqual(MARKERS);
  expect(position).toBeLessThan(10);
  const [request, ...others] = trailing();
  expect(others).toEqual([]);
  expect(request?.startedAt).toBeGreaterThan(firstSoundAt);
  expect(request?.range?.start).toBe(Math.floor(plain.length / BLOCK) * BLOCK);
  expect(stats.requests).toBe(requestsOf('/marked.wav').length);
});

test('they come before a sound is played, too, and no byte of the track comes twice', async () => {
  await open('/marked.wav');
  await page.until(hasMarkers, undefined, WAIT);
  expect(await page.evaluate(() => window.marked.markers)).toEqual(MARKERS);
  expect(trailing()).toHaveLength(1);
  await page.evaluate(() => window.markedCache.download('/marked.wav'), undefined, WAIT);
  expect(server.bytesWritten('/marked.wav')).toBe(marked.length);
});

test('nothing is asked for where the file ends with its audio, nor of a server without Range', async () => {
  await open('/plain.wav');
  await page.evaluate(() => window.marked.play());
  await page.until(() => window.marked.position > 1, undefined, WAIT);
  await page.until(() => (window.marked.buffered[0]?.[1] ?? 0) > 25, undefined, WAIT);
  expect(requestsOf('/plain.wav').filter(({ range }) => (range?.end ?? 0) >= plain.length)).toEqual([]);

  await page.evaluate(() => window.marked.dispose());
  server.policy = { ranges: false, bytesPerSecond: 2e6 };
  await open('/marked.wav');
  await page.evaluate(() => window.marked.play());
  await page.until(() => window.marked.position > 1, undefined, WAIT);
  await page.until(() => (window.marked.buffered[0]?.[1] ?? 0) > 10, undefined, WAIT);
  expect(requestsOf('/marked.wav')).toHaveLength(1);
});
