import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type Chromium, launchChromium, type TestPage } from '../support/chromium.ts';
import { addSound, mountHarness, openGame, recordGame } from '../support/game.ts';
import { setContextRate } from '../support/media-tap.ts';
import { damageBlock } from '../source/cache-pages.ts';
import { type Policy, type RangeServer, startRangeServer } from '../support/range-server.ts';
import { installRecorder, readRecording } from '../support/recorder.ts';
import { jumpsOf, type Stretch, stretchesOf } from '../support/stretches.ts';
import { makeWav, samplesOf } from '../support/wav.ts';

const RATE = 44_100;
const QUANTUM = 128; // frames that Web Audio takes at once
const SLOW = { timeoutMs: 30_000 };
const ELSEWHERE = Buffer.from('<!doctype html><link rel="icon" href="data:,"><title>elsewhere</title>');
const long = makeWav({ seconds: 60, sampleRate: RATE, seed: 7 });
const cached = makeWav({ seconds: 6, sampleRate: RATE, seed: 9 });
const other = makeWav({ seconds: 5, sampleRate: RATE, seed: 8 });

let chromium: Chromium;
let server: RangeServer;
let page: TestPage;

beforeAll(async () => {
  server = await startRangeServer({
    '/long.wav': long,
    '/cached.wav': cached,
    '/other.wav': other,
    '/elsewhere.html': ELSEWHERE,
  });
  mountHarness(server);
});

afterAll(() => server.close());

beforeEach(async () => {
  chromium = await launchChromium();
  await installRecorder(chromium);
  await setContextRate(chromium, RATE);
  page = await openGame(chromium, server);
  server.policy = {};
});

afterEach(async () => {
  server.policy = {};
  expect(page.errors).toEqual([]);
  await chromium.close();
});

const isPast = (seconds: number): boolean => window.sound.state === 'playing' && window.sound.seek > seconds;
const hasState = (state: string): boolean => window.sound.state === state;
const count = (name: string): number => window.events.filter((event) => event === name).length;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function heard(tap: number, wav = long): Promise<Stretch[]> {
  return stretchesOf(await readRecording(page, tap), samplesOf(wav), 'left');
}

/** How often the sound has said that it waits, or fails. */
async function toldOf(): Promise<{ waiting: number; error: number }> {
  return { waiting: await page.evaluate(count, 'waiting'), error: await page.evaluate(count, 'error') };
}

/** Plays with little ahead, so that a fault is soon heard. */
async function playNarrowly(): Promise<number> {
  server.policy = { bytesPerSecond: 400_000 };
  await addSound(page, '/long.wav', { buffer: { aheadSeconds: 3 } });
  const tap = await recordGame(page);
  await page.evaluate(() => window.sound.play());
  await page.until(isPast, 1);
  return tap;
}

async function setOffline(offline: boolean): Promise<void> {
  const line = { offline, latency: 0, downloadThroughput: -1, uploadThroughput: -1 };
  await page.devtools.send('Network.emulateNetworkConditions', line);
}

/** After a fault that made the sound wait once: it goes on, and all that is heard is the track, from `frame` on. */
async function expectWholeFrom(tap: number, frame: number): Promise<void> {
  const place = await page.evaluate(() => window.sound.seek);
  await page.until(isPast, place + 1, SLOW);
  const told = await toldOf(); // now: while this process compares samples, its server is silent
  const stretches = await heard(tap);
  expect(stretches[0]?.wavFrame).toBe(frame);
  expect(jumpsOf(stretches).filter((jump) => jump !== 0)).toEqual([]);
  expect(told).toEqual({ waiting: 1, error: 0 });
}

/** After an absence: the sound plays on by itself, through what it fetches anew. */
async function expectGoingOn(tap: number, mostRepeated = 0): Promise<void> {
  const place = await page.evaluate(() => window.sound.seek);
  await page.until(isPast, place + 4, SLOW);
  expect(jumpsOf(await heard(tap)).filter((jump) => jump > 0 || jump < -mostRepeated)).toEqual([]);
  expect(await page.evaluate(count, 'error')).toBe(0);
}

const FAULTS: Readonly<Record<string, Policy>> = {
  'a server that breaks every connection': { dropHead: true },
  'a server that answers 503': { status: 503 },
  'a server that is silent': { holdHead: true },
};

test.each(Object.entries(FAULTS))(
  'no sample is lost or doubled over ten seconds of %s',
  async (_, fault) => {
    const tap = await playNarrowly();
    server.policy = fault;
    server.hangUp();
    await page.until(hasState, 'waiting', SLOW);
    await pause(10_000);
    expect(await page.evaluate(() => window.sound.state)).toBe('waiting');
    server.policy = {};
    server.release();
    await expectWholeFrom(tap, 0);
  },
  90_000,
);

test('no sample is lost or doubled over ten seconds without any network, which are waited for without a request', async () => {
  const tap = await playNarrowly();
  await setOffline(true);
  server.hangUp();
  await page.until(hasState, 'waiting', SLOW);
  server.clearLog();
  await pause(10_000);
  expect(server.log).toEqual([]);
  await setOffline(false);
  await expectWholeFrom(tap, 0);
}, 60_000);

test('what is cached plays while its server is gone, then waits, and goes on by itself', async () => {
  server.policy = ({ path }) => (path === '/long.wav' ? { bytesPerSecond: 2_000_000 } : {});
  await addSound(page, '/long.wav', { buffer: { aheadSeconds: 5 } });
  await page.evaluate(() => window.sound.play());
  await page.until(() => window.sound.cached.some(([, end]) => end > 4));
  await page.evaluate(() => window.sound.destroy());
  await page.close();

  server.policy = ({ path }) => (path === '/long.wav' ? { dropHead: true } : {});
  page = await openGame(chromium, server);
  await addSound(page, '/long.wav');
  const tap = await recordGame(page);
  await page.evaluate(() => window.sound.play());
  await page.until(isPast, 2);
  await page.until(hasState, 'waiting', SLOW);
  server.policy = {};
  await expectWholeFrom(tap, 0);
}, 60_000);

test('a server that has the file no more ends the sound with one error, once what is at hand has been asked for', async () => {
  await playNarrowly();
  await page.evaluate(() => {
    window.sound.on('error', (error: { code: string }) => window.events.push(error.code));
  });
  server.policy = { status: 404 };
  server.hangUp();
  await page.until(hasState, 'failed', SLOW);
  await pause(500);
  expect([await page.evaluate(count, 'http'), await page.evaluate(count, 'error')]).toEqual([1, 1]);
});

async function deleteDatabases(): Promise<void> {
  for (const { name = '' } of await indexedDB.databases()) {
    await new Promise((resolve) => {
      const request = indexedDB.deleteDatabase(name);
      request.addEventListener('success', resolve);
      request.addEventListener('blocked', resolve);
    });
  }
}

/** Downloads into a cache of the same name that may hold nothing else. Runs in another tab. */
async function evictOthers(maxBytes: number): Promise<void> {
  const cache = await window.harness.library.openAudioCache({ maxBytes });
  await cache.download('/other.wav');
  cache.close();
}

test('a database that is deleted while its track is written to it is not missed', async () => {
  const tap = await playNarrowly();
  await page.evaluate(deleteDatabases);
  await page.until(isPast, 5, SLOW);
  expect(await toldOf()).toEqual({ waiting: 0, error: 0 });
  expect(jumpsOf(await heard(tap)).filter((jump) => jump !== 0)).toEqual([]);
});

test('a track that plays from the cache goes on whatever becomes of its blocks there', async () => {
  const elsewhere = await chromium.open(`${server.url}/index.html`);
  const losses: Readonly<Record<string, () => Promise<void>>> = {
    removed: () => page.evaluate(() => window.game.scene.getScene('scene').streamingAudio.cache.remove('/cached.wav')),
    cleared: () => page.evaluate(() => window.game.scene.getScene('scene').streamingAudio.cache.clear()),
    damaged: async () => {
      for (const index of [2, 3]) await damageBlock(page, index, 'garbled');
    },
    'evicted by another tab': () => elsewhere.evaluate(evictOthers, other.length),
    'deleted with their database': () => page.evaluate(deleteDatabases),
  };
  for (const [loss, lose] of Object.entries(losses)) {
    await page.evaluate(async () => {
      const { cache } = window.game.scene.getScene('scene').streamingAudio;
      await cache.download('/cached.wav');
      await cache.unpin('/cached.wav');
    });
    await addSound(page, '/cached.wav', { buffer: { aheadSeconds: 2 } });
    const tap = await recordGame(page);
    await page.evaluate(() => window.sound.play());
    await page.until(isPast, 0.5);
    const received = await page.evaluate(() => window.sound.stats?.bytesReceived);
    await lose();
    await page.until(isPast, 3 + (await page.evaluate(() => window.sound.seek)), SLOW);
    const receivedAnew = await page.evaluate(() => (window.sound.stats?.bytesReceived ?? 0) > 0);
    const errors = await page.evaluate(count, 'error');
    await page.evaluate(() => window.sound.destroy());
    const stretches = await heard(tap, cached);
    const jumps = jumpsOf(stretches).filter((jump) => jump !== 0);
    const found = { loss, received, receivedAnew, start: stretches[0]?.wavFrame, jumps, errors };
    expect(found).toEqual({ loss, received: 0, receivedAnew: true, start: 0, jumps: [], errors: 0 });
  }
}, 90_000);

test('a segment that the decoder refuses ends the sound with one error', async () => {
  await playNarrowly();
  await page.evaluate(() => {
    window.sound.on('error', (error: { code: string }) => window.events.push(error.code));
    const append = Reflect.get<SourceBuffer, 'appendBuffer'>(SourceBuffer.prototype, 'appendBuffer');
    SourceBuffer.prototype.appendBuffer = function (segment) {
      append.call(this, new Uint8Array(ArrayBuffer.isView(segment) ? segment.byteLength : 8).fill(255));
    };
  });
  await page.until(hasState, 'failed', SLOW);
  await pause(500);
  expect([await page.evaluate(count, 'playback'), await page.evaluate(count, 'error')]).toEqual([1, 1]);
});

test('a page that was frozen goes on where it was', async () => {
  const tap = await playNarrowly();
  const setState = (state: 'frozen' | 'active') => page.devtools.send('Page.setWebLifecycleState', { state });
  await setState('frozen');
  server.hangUp();
  await pause(3000);
  await setState('active');
  await expectGoingOn(tap);
});

test('a page that was left and gone back to goes on where it was', async () => {
  await page.close();
  await chromium.close();
  chromium = await launchChromium({ keepsPages: true });
  await installRecorder(chromium);
  await setContextRate(chromium, RATE);
  page = await openGame(chromium, server);
  const tap = await playNarrowly();
  await page.goto(`${server.url}/elsewhere.html`);
  await pause(2000);
  await page.page.goBack({ waitUntil: 'commit' });
  await expectGoingOn(tap, QUANTUM); // Chromium takes the player of such a page apart, and seeks when it builds it anew
});
