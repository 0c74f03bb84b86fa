import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Chromium, launchChromium, type TestPage } from '../support/chromium.ts';
import { mountHarness } from '../support/game.ts';
import { type RangeServer, startRangeServer } from '../support/range-server.ts';
import { makeWav } from '../support/wav.ts';

let chromium: Chromium;
let server: RangeServer;
let page: TestPage;

beforeAll(async () => {
  server = await startRangeServer({ '/track.wav': makeWav({ seconds: 20 }), '/text.wav': Buffer.from('no WAV') });
  mountHarness(server);
});

afterAll(() => server.close());

beforeEach(async () => {
  chromium = await launchChromium();
  page = await chromium.open(`${server.url}/`);
  await page.until(() => window.harness);
  await page.evaluate(async () => {
    window.track = new window.harness.library.StreamingHowl('/track.wav');
    await window.track.ready;
  });
});

afterEach(async () => {
  expect(page.errors).toEqual([]);
  await chromium.close();
});

declare global {
  interface Window {
    track: InstanceType<Window['harness']['library']['StreamingHowl']>;
  }
}

const isPast = (seconds: number): boolean => window.track.state === 'playing' && window.track.position > seconds;

/** The page as a visitor meets it: it may play nothing before a gesture. */
async function reopenLocked(): Promise<void> {
  await chromium.close();
  chromium = await launchChromium({ autoplay: 'locked' });
  page = await chromium.open(`${server.url}/`);
  await page.until(() => window.harness);
}

describe('a StreamingHowl', () => {
  test('plays and seeks through a Howl whose source is an object URL', async () => {
    expect(await page.evaluate(() => [window.track.state, window.track.duration, window.track.position])).toEqual([
      'ready',
      20,
      0,
    ]);
    await page.evaluate(() => window.track.play());
    await page.until(isPast, 0.2);
    await page.evaluate(() => window.track.seek(15));
    expect(await page.evaluate(() => window.track.position)).toBe(15);
    await page.until(isPast, 15.2);
    expect(await page.evaluate(() => window.track.howl.playing())).toBe(true);
    expect(await page.evaluate(() => window.track.element.src)).toMatch(/^blob:/);
  });

  test('is ended by dispose, twice over, and leaves its Howl and URL to nobody', async () => {
    const after = await page.evaluate(async () => {
      const { track } = window;
      const url = track.element.src;
      track.play();
      track.dispose();
      track.dispose();
      track.play();
      const answers = await fetch(url).then(
        () => 'still there',
        () => 'gone',
      );
      return { answers, howl: track.howl.state(), src: track.element.getAttribute('src') };
    });
    expect(after).toEqual({ answers: 'gone', howl: 'unloaded', src: null });
  });

  test('survives the gesture in which Howler unlocks the elements it knows', async () => {
    await reopenLocked();
    await page.evaluate(async () => {
      const { Howl } = window.harness.Howler;
      window.track = new window.harness.library.StreamingHowl('/track.wav');
      const other = new Howl({ src: ['/track.wav'], preload: false }); // one that Howler unlocks for
      other.load();
      await window.track.ready;
      document.addEventListener('pointerdown', () => window.track.play(), { once: true });
    });
    await page.page.mouse.click(100, 100);
    await page.until(isPast, 0.5);
    await page.page.mouse.click(100, 100);
    await page.until(isPast, 1);
  });

  test('has Howler make no AudioContext, which others get as ever', async () => {
    const contexts = await page.evaluate(async () => {
      const { Howl, Howler } = window.harness.Howler;
      window.track.volume = 0.5;
      window.track.play();
      await new Promise((resolve) => window.track.on('playing', () => resolve(undefined)));
      window.track.volume = 1;
      const ours = Howler.ctx as AudioContext | null;
      void new Howl({ src: ['/track.wav'], preload: false });
      return [ours, Howler.usingWebAudio, Howler.ctx instanceof AudioContext];
    });
    expect(contexts).toEqual([null, true, true]);
  });

  test('waits for a gesture where the page may not play, and then plays', async () => {
    await reopenLocked();
    await page.evaluate(async () => {
      window.track = new window.harness.library.StreamingHowl('/track.wav');
      window.track.play();
      await window.track.ready;
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await page.evaluate(() => [window.track.state, window.track.position])).toEqual(['waiting', 0]);
    await page.press('a');
    await page.until(isPast, 0.2);
  });

  test('takes a pause from elsewhere for the user’s, and plays on when told', async () => {
    await page.evaluate(() => window.track.play());
    await page.until(isPast, 0.2);
    await page.evaluate(() => window.track.element.pause());
    await page.until(() => window.track.state === 'paused');
    await page.evaluate(() => window.track.play());
    await page.until(isPast, 0.5);
  });

  test('obeys the last of many wishes', async () => {
    await page.evaluate(async () => {
      const { track } = window;
      for (let i = 0; i < 40; i++) {
        if (i % 2 === 0) track.play();
        else track.pause();
        track.seek((i * 7) % 20);
        if (i % 5 === 0) await new Promise((resolve) => setTimeout(resolve, 10));
      }
      track.seek(3);
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await page.evaluate(() => [window.track.state, window.track.position, window.track.element.paused])).toEqual(
      ['paused', 3, true],
    );
    await page.evaluate(() => window.track.play());
    await page.until(isPast, 3.2);
  });

  test('plays on after a pause and a play inside the start of the sound, time and again', async () => {
    const stuck = await page.evaluate(async () => {
      const { track } = window;
      let hung = 0;
      for (let i = 0; i < 10; i++) {
        const heardTwice = new Promise<void>((resolve, reject) => {
          let count = 0;
          const onPlaying = (): void => {
            count += 1;
            if (count === 1) {
              track.pause();
              track.play();
            } else {
              track.off('playing', onPlaying);
              resolve();
            }
          };
          track.on('playing', onPlaying);
          setTimeout(() => reject(new Error('hangs')), 1000);
        });
        track.play();
        await heardTwice.catch(() => (hung += 1));
        track.pause();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return hung;
    });
    expect(stuck).toBe(0);
  });

  test('is not over where its buffer lacks a rounding, and no frame, of what a start needs', async () => {
    const frame = 62_681; // of those for which (frame + 2 s) - frame comes to less than 2 s
    await page.evaluate((start) => window.track.seek(start), frame / 44_100);
    await page.until((end) => (window.track.buffered[0]?.[1] ?? 0) >= end, frame / 44_100 + 2);
    await new Promise((resolve) => setTimeout(resolve, 200)); // in which the stream would end
    await page.evaluate(() => {
      window.track.play();
      window.track.seek(10);
    });
    await page.until(isPast, 10.2);
  });

  test('keeps its place when Howler stops every sound, and plays on from there', async () => {
    await page.evaluate(() => window.track.seek(5));
    await page.evaluate(() => window.track.play());
    await page.until(isPast, 5.6);
    await page.evaluate(() => void window.harness.Howler.Howler.stop());
    await page.until(() => window.track.state === 'paused');
    expect(await page.evaluate(() => window.track.position)).toBeGreaterThan(5.2);
    await page.evaluate(() => window.track.play());
    await page.until(isPast, 6);
  });

  test('plays from a listener to its own end', async () => {
    await page.evaluate(() => {
      window.track.on('end', () => window.track.play());
      window.track.seek(19.8);
      window.track.play();
    });
    await page.until(
      () => window.track.state === 'playing' && window.track.position > 0.3 && window.track.position < 5,
    );
  });

  test('a listener that throws does not stop the sound', async () => {
    await page.evaluate(() => {
      window.track.on('playing', () => {
        throw new Error('a bug of the page');
      });
      window.track.play();
    });
    await page.until(isPast, 0.3);
    expect(page.errors.splice(0).map(({ message }) => message)).toEqual(['a bug of the page']);
  });
});

test.each([
  ['/missing.wav', 'http'],
  ['/text.wav', 'malformed-wav'],
])('openStreamingHowl rejects %s with the code %s', async (url, code) => {
  const rejected = await page.evaluate(
    (asked) =>
      window.harness.library.openStreamingHowl(asked).then(
        () => 'opened',
        (error: { code?: string }) => error.code,
      ),
    url,
  );
  expect(rejected).toBe(code);
});
