import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Chromium, launchChromium, type TestPage } from '../support/chromium.ts';
import { addSound, mountHarness, openGame, recordGame } from '../support/game.ts';
import { installMediaTap, setContextRate } from '../support/media-tap.ts';
import { type RangeServer, startRangeServer } from '../support/range-server.ts';
import { installRecorder, readRecording } from '../support/recorder.ts';
import { makeWav, samplesOf } from '../support/wav.ts';

const RATE = 44_100;
const LEVEL = 0.5;

/** A WAV that says nothing but how loud it is heard; negative, since engines differ in what a positive full scale is. */
function steady(seconds: number, left: number, right: number): Buffer {
  const wav = makeWav({ seconds, sampleRate: RATE });
  const { dataStart, frames } = samplesOf(wav);
  for (let i = 0; i < frames; i++) {
    wav.writeInt16LE(-left * 32_768, dataStart + 4 * i);
    wav.writeInt16LE(-right * 32_768, dataStart + 4 * i + 2);
  }
  return wav;
}

let chromium: Chromium;
let server: RangeServer;
let page: TestPage;

beforeAll(async () => {
  server = await startRangeServer({
    '/both.wav': steady(20, LEVEL, LEVEL),
    '/left.wav': steady(20, LEVEL, 0),
    '/right.wav': steady(20, 0, LEVEL),
  });
  mountHarness(server);
});

afterAll(() => server.close());

beforeEach(async () => {
  chromium = await launchChromium();
  await installMediaTap(chromium);
  await installRecorder(chromium);
  await setContextRate(chromium, RATE);
  page = await openGame(chromium, server);
});

afterEach(async () => {
  expect(page.errors).toEqual([]);
  await chromium.close();
});

declare global {
  interface Window {
    next: Window['sound'];
    one: InstanceType<Window['harness']['library']['StreamingHowl']>;
    two: InstanceType<Window['harness']['library']['StreamingHowl']>;
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const isPast = (seconds: number): boolean => window.sound.seek > seconds;

/** Lets the wall clock of a page run ahead of what is heard, as on a machine that is too busy to render it in time. */
async function runAhead(of: TestPage, factor: number): Promise<void> {
  await of.evaluate((times) => {
    const now = performance.now.bind(performance);
    performance.now = () => now() * times;
  }, factor);
}

/** How loud the sound was, frame by frame, from its first to its last. */
async function loudness(tap: number): Promise<number[]> {
  const { left } = await readRecording(page, tap);
  const sounding = [...left].map((x) => -x / LEVEL);
  return sounding.slice(
    sounding.findIndex((x) => x !== 0),
    sounding.findLastIndex((x) => x !== 0) + 1,
  );
}

function largestStep(levels: readonly number[]): number {
  return levels.slice(1).reduce((largest, level, i) => Math.max(largest, Math.abs(level - (levels[i] ?? 0))), 0);
}

describe('a StreamingSound', () => {
  test('fades without a step, in its time, and exactly to its target', async () => {
    await addSound(page, '/both.wav');
    const tap = await recordGame(page);
    await page.evaluate(() => window.sound.play());
    await page.until(isPast, 0.3);
    await page.evaluate(() => void window.sound.fade(0.25, 600));
    await page.until(() => window.sound.volume === 0.25);
    await pause(200);
    const levels = await loudness(tap);
    expect([levels[0], levels.at(-1)]).toEqual([1, 0.25]);
    expect(largestStep(levels)).toBeLessThan(0.001);
    const frames = levels.filter((level) => level < 1 && level > 0.25).length;
    expect(Math.abs(frames / RATE - 0.6)).toBeLessThan(0.1);
    expect(await page.evaluate(() => window.events.includes('volume'))).toBe(true);
  });

  test('keeps to the clock of its sound, where that falls behind', async () => {
    await runAhead(page, 1.5);
    await addSound(page, '/both.wav');
    const tap = await recordGame(page);
    await page.evaluate(() => window.sound.play());
    await page.until(isPast, 0.3);
    await page.evaluate(() => void window.sound.fade(0.25, 600));
    await page.until(() => window.sound.volume === 0.25);
    await pause(200);
    const levels = await loudness(tap);
    expect([levels[0], levels.at(-1)]).toEqual([1, 0.25]);
    expect(largestStep(levels)).toBeLessThan(0.001);
  });

  test('begins its fade without a step, where the page is slow to begin it', async () => {
    await addSound(page, '/both.wav');
    const tap = await recordGame(page);
    await page.evaluate(() => window.sound.play());
    await page.until(isPast, 0.3);
    await page.evaluate(() => {
      const ramp = Reflect.get(AudioParam.prototype, 'linearRampToValueAtTime');
      AudioParam.prototype.linearRampToValueAtTime = function slowRamp(...to) {
        const end = performance.now() + 10;
        while (performance.now() < end);
        AudioParam.prototype.linearRampToValueAtTime = ramp;
        return Reflect.apply(ramp, this, to);
      };
      window.sound.fade(0.25, 600);
    });
    await page.until(() => window.sound.volume === 0.25);
    await pause(200);
    expect(largestStep(await loudness(tap))).toBeLessThan(0.001);
  });

  test('fades on from where it is heard when it is told to fade elsewhere', async () => {
    await addSound(page, '/both.wav');
    const tap = await recordGame(page);
    await page.evaluate(() => window.sound.play());
    await page.until(isPast, 0.3);
    await page.evaluate(async () => {
      window.sound.fade(0, 400);
      await new Promise((resolve) => setTimeout(resolve, 150));
      const end = performance.now() + 60;
      while (performance.now() < end); // the glide goes on meanwhile
      window.sound.fade(1, 400);
    });
    await page.until(() => window.sound.volume === 1);
    await pause(200);
    expect(largestStep(await loudness(tap))).toBeLessThan(0.06);
  });

  test('stands still in its fade while its context is suspended', async () => {
    await addSound(page, '/both.wav');
    const tap = await recordGame(page);
    await page.evaluate(() => window.sound.play());
    await page.until(isPast, 0.3);
    const volumes = await page.evaluate(async () => {
      const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
      window.sound.fade(0.25, 600);
      await wait(300);
      window.game.events.emit('blur');
      await wait(50);
      const before = window.sound.volume;
      await wait(700);
      const after = window.sound.volume;
      window.game.events.emit('focus');
      return [before, after];
    });
    expect(volumes[0]).toBeGreaterThan(0.3);
    expect(volumes[1]).toBe(volumes[0]);
    await page.until(() => window.sound.volume === 0.25);
    await pause(200);
    const levels = await loudness(tap);
    expect(largestStep(levels.filter((level) => level > 0))).toBeLessThan(0.005); // one render quantum
    const frames = levels.filter((level) => level < 1 && level > 0.25).length;
    expect(Math.abs(frames / RATE - 0.6)).toBeLessThan(0.1);
  });

  test('stands still in its fade while it is paused', async () => {
    await addSound(page, '/both.wav');
    const tap = await recordGame(page);
    await page.evaluate(() => window.sound.play());
    await page.until(isPast, 0.3);
    const volumes = await page.evaluate(async () => {
      const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
      window.sound.fade(0, 600);
      await wait(300);
      window.sound.pause();
      await wait(50);
      const before = window.sound.volume;
      await wait(700);
      const after = window.sound.volume;
      window.sound.resume();
      return [before, after];
    });
    expect(volumes[0]).toBeGreaterThan(0.3);
    expect(volumes[1]).toBe(volumes[0]);
    await page.until(() => window.sound.volume === 0);
    const frames = (await loudness(tap)).filter((level) => level < 1 && level > 0).length;
    expect(Math.abs(frames / RATE - 0.6)).toBeLessThan(0.1);
  });

  test('rises from silence where it is told to fade in', async () => {
    await addSound(page, '/both.wav', { volume: 0.5, fadeIn: 500 });
    const tap = await recordGame(page);
    await page.evaluate(() => window.sound.play());
    await page.until(() => window.sound.volume === 0.5);
    await pause(200);
    const levels = await loudness(tap);
    expect(levels[0]).toBeLessThan(0.1);
    expect(levels.at(-1)).toBe(0.5);
    const frames = levels.filter((level) => level < 0.5).length;
    expect(Math.abs(frames / RATE - 0.5)).toBeLessThan(0.1);
  });

  test('gives way to another at equal power, and stops', async () => {
    await addSound(page, '/left.wav');
    const tap = await recordGame(page);
    await page.evaluate(() => window.sound.play());
    await page.until(isPast, 0.3);
    await page.evaluate(() => {
      const plugin = window.game.plugins.get('StreamingAudio') as InstanceType<
        typeof window.harness.library.StreamingAudioPlugin
      >;
      window.next = plugin.add('/right.wav');
      window.sound.crossFade(window.next, 600);
    });
    await page.until(() => window.events.includes('stop'));
    await pause(200);
    const { left, right } = await readRecording(page, tap);
    const powers = [...left].flatMap((x, i) => (x < 0 ? [(x ** 2 + (right[i] ?? 0) ** 2) / LEVEL ** 2] : []));
    expect(powers.length).toBeGreaterThan(0.8 * RATE);
    expect(Math.min(...powers.slice(0, -0.1 * RATE))).toBeGreaterThan(0.8);
    expect(Math.max(...powers)).toBeLessThan(1.2);
    expect(right.at(-1)).toBe(-LEVEL);
    const after = await page.evaluate(() => [window.sound.state, window.sound.volume, window.next.volume]);
    expect(after).toEqual(['stopped', 1, 1]);
  });

  test('is not cut off before it is silent, where the clock of the sound falls behind', async () => {
    await runAhead(page, 1.5);
    await addSound(page, '/left.wav');
    const tap = await recordGame(page);
    await page.evaluate(() => window.sound.play());
    await page.until(isPast, 0.3);
    await page.evaluate(() => {
      const plugin = window.game.plugins.get('StreamingAudio') as InstanceType<
        typeof window.harness.library.StreamingAudioPlugin
      >;
      window.next = plugin.add('/right.wav');
      window.sound.crossFade(window.next, 600);
    });
    await page.until(() => window.events.includes('stop'));
    await pause(100);
    const levels = await loudness(tap);
    expect(levels.length).toBeGreaterThan(0.8 * RATE);
    expect(levels.at(-1)).toBeLessThan(0.01);
  });

  test('obeys a volume that is set by hand, and a tween of it', async () => {
    await addSound(page, '/both.wav');
    await page.evaluate(() => window.sound.play());
    await page.until(isPast, 0.3);
    const volumes = await page.evaluate(async () => {
      const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
      window.sound.fade(0, 300);
      await wait(100);
      window.sound.volume = 0.75;
      await wait(400);
      const byHand = window.sound.volume;
      window.game.scene.getScene('scene').tweens.add({ targets: window.sound, volume: 0.125, duration: 200 });
      await wait(500);
      return [byHand, window.sound.volume];
    });
    expect(volumes).toEqual([0.75, 0.125]);
  });

  test('has its full volume again when it is stopped in a fade', async () => {
    await addSound(page, '/both.wav', { fadeIn: 5000, volume: 0.5 });
    await page.evaluate(() => window.sound.play());
    await page.until(isPast, 0.2);
    expect(await page.evaluate(() => window.sound.volume)).toBeLessThan(0.4);
    expect(await page.evaluate(() => window.sound.stop() && window.sound.volume)).toBe(0.5);
  });
});

test('a sound of the HTML5 manager fades by its element', async () => {
  await chromium.close();
  chromium = await launchChromium();
  await installMediaTap(chromium);
  page = await openGame(chromium, server, { disableWebAudio: true });
  await addSound(page, '/both.wav');
  await page.evaluate(() => window.sound.play());
  await page.until(isPast, 0.3);
  await page.evaluate(() => void window.sound.fade(0.25, 300));
  const volume = (): number | undefined => window.mediaTap.elements.find(({ src }) => src !== '')?.volume;
  const between = await page.until((): boolean => {
    const element = window.mediaTap.elements.find(({ src }) => src !== '');
    return element !== undefined && element.volume < 1 && element.volume > 0.25;
  });
  expect(between).toBe(true);
  await page.until(() => window.sound.volume === 0.25);
  expect(await page.evaluate(volume)).toBe(0.25);
});

test('a StreamingHowl fades in, to another volume, and over to another sound', async () => {
  const volumes = await page.evaluate(
    async () => {
      const { StreamingHowl } = window.harness.library;
      const over = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
      window.one = new StreamingHowl('/left.wav', { fadeIn: 200 });
      window.two = new StreamingHowl('/right.wav', { volume: 0.5 });
      window.one.play();
      window.one.play();
      const seen = [window.one.volume];
      const settled = async (sound: typeof window.one, volume: number): Promise<void> => {
        while (sound.volume !== volume) await over(10);
      };
      await settled(window.one, 1);
      window.one.fade(0.5, 100);
      await settled(window.one, 0.5);
      window.one.crossFade(window.two, 200);
      while (window.one.state !== 'stopped') await over(10);
      await settled(window.two, 0.5);
      seen.push(window.one.volume, window.one.element.volume, window.two.element.volume);
      return seen;
    },
    undefined,
    { timeoutMs: 20_000 },
  );
  expect(volumes).toEqual([0, 0.5, 0.5, 0.5]);
});
