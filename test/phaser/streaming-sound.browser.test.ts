import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Alignment, alignRecording } from '../support/align-recording.ts';
import { type Chromium, launchChromium, type TestPage } from '../support/chromium.ts';
import { addSound, mountHarness, openGame, recordGame } from '../support/game.ts';
import { installMediaTap, setContextRate } from '../support/media-tap.ts';
import { type RangeServer, startRangeServer } from '../support/range-server.ts';
import { installRecorder, readRecording, type Recording } from '../support/recorder.ts';
import { makeWav, samplesOf } from '../support/wav.ts';

const RATE = 44_100;
const short = makeWav({ seconds: 1.5, sampleRate: RATE });
const long = makeWav({ seconds: 30, sampleRate: RATE, seed: 2 });

let chromium: Chromium;
let server: RangeServer;
let page: TestPage;

beforeAll(async () => {
  server = await startRangeServer({ '/short.wav': short, '/long.wav': long });
  mountHarness(server);
});

afterAll(() => server.close());

beforeEach(async () => {
  chromium = await launchChromium();
  await installMediaTap(chromium);
  await installRecorder(chromium);
  await setContextRate(chromium, RATE);
  page = await openGame(chromium, server);
  server.clearLog();
  server.policy = {};
});

afterEach(async () => {
  expect(page.errors).toEqual([]);
  await chromium.close();
});

const requests = (path: string): number => server.log.filter((entry) => entry.path === path).length;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const isPast = (seconds: number): boolean => window.sound.seek > seconds;

/** The recording without its silences, which the noise of these tracks has none of. */
function withoutSilences({ sampleRate, left, right }: Recording): Recording {
  const sounds = (_: number, i: number): boolean => left[i] !== 0 || right[i] !== 0;
  return { sampleRate, left: left.filter(sounds), right: right.filter(sounds) };
}

/** How a recording compares to the WAV, and how many silences it has between its first sound and its last. */
async function heard(tap: number, wav: Buffer): Promise<Alignment & { silences: number }> {
  const recording = await readRecording(page, tap);
  const silences = alignRecording(recording, samplesOf(wav), { shortestGap: 1 }).gaps.length;
  return { ...alignRecording(withoutSilences(recording), samplesOf(wav)), silences };
}

describe('a StreamingSound', () => {
  test('plays to the last sample, completes once, and then fetches nothing', async () => {
    await addSound(page, '/short.wav');
    const tap = await recordGame(page);
    expect(await page.evaluate(() => window.sound.play())).toBe(true);
    await page.until(() => window.events.includes('complete'));
    const count = requests('/short.wav');
    await pause(500);

    expect(await heard(tap, short)).toMatchObject({
      firstFrame: 0,
      soundingFrames: samplesOf(short).frames,
      differences: 0,
    });
    expect(await page.evaluate(() => window.events)).toEqual(
      expect.arrayContaining(['play', 'response', 'ready', 'playing', 'complete']),
    );
    expect(await page.evaluate(() => window.events.filter((name) => name === 'complete'))).toHaveLength(1);
    expect(await page.evaluate(() => [window.sound.state, window.sound.isPlaying, window.sound.seek])).toEqual([
      'complete',
      false,
      0,
    ]);
    expect([requests('/short.wav'), count]).toEqual([1, 1]);
  });

  test('plays again after its end, without a request', async () => {
    await addSound(page, '/short.wav');
    await page.evaluate(() => window.sound.play());
    await page.until(() => window.events.includes('complete'));
    const tap = await recordGame(page);
    await page.evaluate(() => window.sound.play());
    await page.until(() => window.events.filter((name) => name === 'complete').length === 2);
    await pause(100);
    expect(await heard(tap, short)).toMatchObject({
      firstFrame: 0,
      soundingFrames: samplesOf(short).frames,
      differences: 0,
    });
    expect(requests('/short.wav')).toBe(1);
  });

  test('loses no sample over pauses, and reports its place all the while', async () => {
    await addSound(page, '/long.wav');
    const tap = await recordGame(page);
    await page.evaluate(() => window.sound.play());
    for (const seconds of [0.4, 0.6, 0.8, 1, 1.2, 1.4, 1.6, 1.8]) {
      await page.until(isPast, seconds);
      const places = await page.evaluate(async () => {
        const results = [window.sound.pause(), window.sound.pause()];
        const place = window.sound.seek;
        await new Promise((resolve) => setTimeout(resolve, 100));
        return { results, moved: window.sound.seek - place, state: window.sound.state, resumed: window.sound.resume() };
      });
      expect(places).toMatchObject({ results: [true, false], state: 'paused', resumed: true });
      expect(Math.abs(places.moved)).toBeLessThan(0.001);
    }
    await page.until(isPast, 2);
    const alignment = await heard(tap, long);
    expect(alignment).toMatchObject({ firstFrame: 0, differences: 0, silences: 8 });
    expect(alignment.soundingFrames).toBeGreaterThan(1.8 * RATE);
  });

  test.each([
    ['while it opens', '', 20],
    ['while paused', 'paused', 12.5],
    ['backwards', 'playing', 0.25],
  ])('seeks %s, to the exact sample', async (_, when, target) => {
    await addSound(page, '/long.wav');
    if (when !== '') {
      await page.evaluate(() => window.sound.play());
      await page.until(isPast, 0.6);
    }
    if (when === 'paused') await page.evaluate(() => window.sound.pause());
    const tap = await recordGame(page);
    const reported = await page.evaluate((seconds) => {
      if (!window.sound.isPlaying && !window.sound.isPaused) window.sound.play();
      window.sound.seek = seconds;
      const place = window.sound.seek;
      window.sound.resume();
      return place;
    }, target);
    expect(reported).toBe(target);
    await page.until(isPast, target + 0.3);
    const recording = await readRecording(page, tap);
    const from = when === 'playing' ? seamTo(recording, target) : 0;
    const after = { ...recording, left: recording.left.slice(from), right: recording.right.slice(from) };
    expect(alignRecording(after, samplesOf(long))).toMatchObject({
      firstFrame: target * RATE,
      differences: 0,
      gaps: [],
    });
  });

  test('starts at its place at whatever moment of the opening it is told to', async () => {
    const silent = await page.evaluate(
      async () => {
        const plugin = window.game.plugins.get('StreamingAudio') as InstanceType<
          typeof window.harness.library.StreamingAudioPlugin
        >;
        let count = 0;
        for (let i = 0; i < 60; i++) {
          const sound = plugin.add(i % 2 === 0 ? '/short.wav' : `/short.wav?${i}`);
          await new Promise((resolve) => setTimeout(resolve, (i * 7) % 80));
          sound.play({ seek: 1.2 });
          const isHeard = new Promise((resolve) => sound.once('playing', () => resolve(true)));
          const isLate = new Promise((resolve) => setTimeout(resolve, 2000, false));
          if (!(await Promise.race([isHeard, isLate]))) count += 1;
          sound.destroy();
        }
        return count;
      },
      undefined,
      { timeoutMs: 25_000 },
    );
    expect(silent).toBe(0);
  });

  test('stops at once, and begins at the start again', async () => {
    await addSound(page, '/long.wav');
    await page.evaluate(() => window.sound.play());
    await page.until(isPast, 0.5);
    expect(
      await page.evaluate(() => [window.sound.stop(), window.sound.stop(), window.sound.seek, window.sound.state]),
    ).toEqual([true, false, 0, 'stopped']);
    const tap = await recordGame(page);
    await pause(300);
    await page.evaluate(() => window.sound.play());
    await page.until(isPast, 0.3);
    expect(await heard(tap, long)).toMatchObject({ firstFrame: 0, differences: 0 });
  });

  test('loops on one continuous timeline, without losing or adding a sample', async () => {
    await addSound(page, '/short.wav', { loop: true, loopStart: 0.5, loopEnd: 1.25 });
    const tap = await recordGame(page);
    await page.evaluate(() => window.sound.play());
    await page.until(() => window.events.filter((name) => name === 'looped').length >= 3);
    const alignment = alignRecording(await readRecording(page, tap), samplesOf(short), {
      loop: { start: 0.5 * RATE, end: 1.25 * RATE },
    });
    expect(alignment).toMatchObject({ firstFrame: 0, differences: 0, gaps: [] });
    expect(alignment.soundingFrames).toBeGreaterThan(2.75 * RATE);
    expect(await page.evaluate(() => window.sound.seek)).toBeLessThan(1.25);
  });

  test('plays a marker, and no more than the marker', async () => {
    await addSound(page, '/long.wav');
    const tap = await recordGame(page);
    const played = await page.evaluate(() => {
      window.sound.addMarker({ name: 'bar', start: 4, duration: 0.75 });
      return window.sound.play('bar');
    });
    expect(played).toBe(true);
    await page.until(() => window.events.includes('complete'));
    await pause(200);
    expect(await heard(tap, long)).toMatchObject({ firstFrame: 4 * RATE, soundingFrames: 0.75 * RATE, differences: 0 });
  });

  test('plays a marker that was added before the length was known to the end of the track', async () => {
    await addSound(page, '/short.wav');
    const tap = await recordGame(page);
    await page.evaluate(() => {
      const plugin = window.game.plugins.get('StreamingAudio') as InstanceType<
        typeof window.harness.library.StreamingAudioPlugin
      >;
      window.sound.destroy();
      window.sound = plugin.add('/short.wav');
      window.sound.addMarker({ name: 'rest', start: 1 });
      window.sound.on('complete', () => window.events.push('complete'));
      window.sound.play('rest');
    });
    await page.until(() => window.events.includes('complete'));
    await pause(200);
    expect(await heard(tap, short)).toMatchObject({ firstFrame: RATE, soundingFrames: 0.5 * RATE, differences: 0 });
    expect(await page.evaluate(() => window.sound.duration)).toBe(0.5);
  });

  test('is as loud as its volume says, once', async () => {
    await addSound(page, '/long.wav', { volume: 0.5, mute: true });
    const tap = await recordGame(page);
    await page.evaluate(() => window.sound.play());
    await page.until(isPast, 0.2);
    await page.evaluate(() => void window.sound.setMute(false));
    await page.until(isPast, 0.6);
    const { left, right, sampleRate } = withoutSilences(await readRecording(page, tap));
    const doubled = { sampleRate, left: left.map((x) => 2 * x), right: right.map((x) => 2 * x) };
    const alignment = alignRecording(doubled, samplesOf(long));
    expect(alignment.differences).toBe(0);
    expect(alignment.soundingFrames).toBeGreaterThan(0.2 * RATE);
  });

  test('stands at its end until the frame that completes it, and does not complete once it was stopped', async () => {
    await addSound(page, '/short.wav');
    const after = await page.evaluate(async () => {
      window.sound.play({ seek: 1.2 });
      await new Promise((resolve) => window.sound.once('playing', resolve));
      window.game.loop.sleep();
      await new Promise((resolve) => setTimeout(resolve, 600));
      const { state, seek, duration } = window.sound;
      const answers = [state, seek === duration, window.sound.pause(), window.sound.stop(), window.sound.seek];
      window.game.loop.wake();
      await new Promise((resolve) => setTimeout(resolve, 100));
      return answers;
    });
    expect(after).toEqual(['complete', true, false, true, 0]);
    expect(await page.evaluate(() => window.events.filter((name) => name === 'complete' || name === 'stop'))).toEqual([
      'stop',
    ]);
  });

  test('says that it looped only where playback passed the seam', async () => {
    await addSound(page, '/short.wav', { loop: true });
    await page.evaluate(() => window.sound.play());
    await page.until(isPast, 0.4);
    await page.evaluate(() => void window.sound.setSeek(0.1));
    await page.until(isPast, 0.5);
    expect(await page.evaluate(() => window.events.includes('looped'))).toBe(false);
  });

  test('is paused, resumed and silenced by the sound manager', async () => {
    await addSound(page, '/long.wav');
    await page.evaluate(() => window.sound.play());
    await page.until(isPast, 0.2);
    const after = (verb: string): Promise<string> =>
      page.evaluate((name) => {
        Reflect.apply(Reflect.get(window.game.sound, name), window.game.sound, []);
        return window.sound.state;
      }, verb);
    expect(await after('pauseAll')).toBe('paused');
    expect(['playing', 'waiting']).toContain(await after('resumeAll'));
    expect(await after('stopAll')).toBe('stopped');
    expect(await page.evaluate(() => window.game.sound.get('/long.wav') === window.sound)).toBe(true);
    await page.evaluate(() => window.game.sound.removeAll());
    expect(await page.evaluate(() => window.sound.pendingRemove)).toBe(true);
  });

  test('stands still while the context is suspended, and goes on without a gap', async () => {
    await addSound(page, '/long.wav');
    const tap = await recordGame(page);
    await page.evaluate(() => window.sound.play());
    await page.until(isPast, 0.5);
    const moved = await page.evaluate(async () => {
      const { sound } = window.game;
      if (!('context' in sound)) throw new Error('Phaser has no Web Audio here.');
      sound.gameLostFocus = true; // else the manager resumes in the next frame
      await sound.context.suspend();
      const place = window.sound.seek;
      await new Promise((resolve) => setTimeout(resolve, 1000));
      const distance = window.sound.seek - place;
      sound.gameLostFocus = false;
      await sound.context.resume();
      return distance;
    });
    expect(Math.abs(moved)).toBeLessThan(0.05);
    await page.until(isPast, 1.2);
    const alignment = await heard(tap, long);
    expect(alignment).toMatchObject({ firstFrame: 0, differences: 0 });
    expect(alignment.silences).toBeLessThanOrEqual(1);
  });

  test('changes its rate, and still completes', async () => {
    await addSound(page, '/short.wav');
    const took = await page.evaluate(async () => {
      const { sound } = window;
      sound.play({ rate: 2 });
      await new Promise((resolve) => sound.once('playing', resolve));
      const start = performance.now();
      await new Promise((resolve) => sound.once('complete', resolve));
      return performance.now() - start;
    });
    expect(took).toBeGreaterThan(600);
    expect(took).toBeLessThan(1100);
  });
});

/** The frame of a recording at which the WAV's frame for `seconds` begins. */
function seamTo({ left }: Recording, seconds: number): number {
  const target = samplesOf(long).channels[0]?.subarray(seconds * RATE, seconds * RATE + 32) ?? new Int32Array();
  const integers = Int32Array.from(left, (x) => Math.round(x * (x < 0 ? 32_768 : 32_767)));
  return integers.findLastIndex((_, i) => target.every((sample, k) => integers[i + k] === sample));
}
