import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type CuePoint, cueFields, labelFields } from '../media/wav-bytes.ts';
import { alignRecording } from '../support/align-recording.ts';
import { type Chromium, launchChromium, type TestPage } from '../support/chromium.ts';
import { addSound, mountHarness, openGame, recordGame } from '../support/game.ts';
import { setContextRate } from '../support/media-tap.ts';
import { type RangeServer, startRangeServer } from '../support/range-server.ts';
import { installRecorder, readRecording } from '../support/recorder.ts';
import { makeWav, type RiffChunk, samplesOf } from '../support/wav.ts';

const RATE = 44_100;
const CUES: readonly CuePoint[] = [
  { id: 1, start: RATE, label: 'verse' },
  { id: 2, start: 2 * RATE, label: 'hit', length: 0.5 * RATE },
  { id: 3, start: 3 * RATE },
  { id: 4, start: 3.5 * RATE, label: 'verse' },
];
const chunks: RiffChunk[] = [
  { id: 'cue ', data: cueFields(CUES) },
  { id: 'LIST', data: labelFields(CUES) },
];
const wav = makeWav({ seconds: 4, chunksBefore: chunks });
const behind = makeWav({ seconds: 4, chunksAfter: chunks });
const MARKED = { verse: [1, 3], hit: [2, 0.5], 'cue 3': [3, 1], 'cue 4': [3.5, 0.5] };

let chromium: Chromium;
let server: RangeServer;
let page: TestPage;

beforeAll(async () => {
  chromium = await launchChromium();
  await installRecorder(chromium);
  await setContextRate(chromium, RATE);
  server = await startRangeServer({
    '/marked.wav': wav,
    '/behind.wav': behind,
    '/plain.wav': makeWav({ seconds: 4 }),
  });
  mountHarness(server);
});

beforeEach(async () => {
  page = await openGame(chromium, server);
});

afterEach(async () => {
  expect(page.errors).toEqual([]);
  await page.close();
});

afterAll(async () => {
  await chromium.close();
  await server.close();
});

/** Of each marker where it starts and how long it is. */
const markers = (): Record<string, (number | undefined)[]> =>
  Object.fromEntries(Object.entries(window.sound.markers).map(([name, one]) => [name, [one.start, one.duration]]));

describe("a file's cue points", () => {
  test('are markers once it is ready, by their labels, which can be played', async () => {
    await addSound(page, '/marked.wav');
    await page.evaluate(() => window.sound.ready);
    expect(await page.evaluate(markers)).toEqual(MARKED);

    const tap = await recordGame(page);
    expect(await page.evaluate(() => window.sound.play('hit'))).toBe(true);
    await page.until(() => window.events.includes('complete'));
    await new Promise((resolve) => setTimeout(resolve, 200)); // the tap hears in steps
    const heard = alignRecording(await readRecording(page, tap), samplesOf(wav));
    expect(heard).toMatchObject({ firstFrame: 2 * RATE, soundingFrames: 0.5 * RATE, differences: 0, gaps: [] });
  });

  test('are markers once they have come, where they stand behind the audio', async () => {
    await addSound(page, '/behind.wav');
    await page.evaluate(() => window.sound.play());
    await page.until(() => 'verse' in window.sound.markers);
    expect(await page.evaluate(markers)).toEqual(MARKED);
    expect(server.bytesWritten('/behind.wav')).toBe(behind.length);
  });

  test("neither take the place of the user's markers nor keep the user from adding one", async () => {
    await addSound(page, '/marked.wav');
    await page.evaluate(async () => {
      window.sound.addMarker({ name: 'verse', start: 0.5, duration: 0.25 });
      window.sound.addMarker({ name: 'gone', start: 0 });
      window.sound.removeMarker('gone');
      await window.sound.ready;
      window.sound.addMarker({ name: 'hit', start: 0.75, duration: 0.25 });
    });
    expect(await page.evaluate(() => window.sound.addMarker({ name: 'hit', start: 0 }))).toBe(false);
    const { verse, hit } = await page.evaluate(() => window.sound.markers);
    expect([verse?.start, hit?.start]).toEqual([0.5, 0.75]);
  });
});

test('a looping marker has no gap', async () => {
  await addSound(page, '/plain.wav');
  const tap = await recordGame(page);
  await page.evaluate(() => {
    window.sound.addMarker({ name: 'bar', start: 1, duration: 0.5, config: { loop: true } });
    window.sound.play('bar');
  });
  await page.until(() => window.events.filter((name) => name === 'looped').length >= 4);
  const heard = alignRecording(await readRecording(page, tap), samplesOf(makeWav({ seconds: 4 })), {
    loop: { start: RATE, end: 1.5 * RATE },
  });
  expect(heard).toMatchObject({ firstFrame: RATE, differences: 0, gaps: [] });
  expect(heard.soundingFrames).toBeGreaterThan(1.9 * RATE);
});

describe('a sound in space', () => {
  /** How loud left and right are, in thousandths, of Phaser's own sound and of ours. */
  async function loudness(source: Phaser.Types.Sound.SpatialSoundConfig, move = ''): Promise<[string, string]> {
    const levels: string[] = [];
    for (const kind of ['theirs', 'ours']) {
      const tap = await recordGame(page);
      await page.evaluate(
        async (asked) => {
          const target = { x: asked.source.x ?? 0, y: 0 };
          const { load, streamingAudio, sound: manager } = window.game.scene.getScene('scene');
          load.audio('plain', '/plain.wav');
          await new Promise((resolve) => load.once('complete', resolve).start());
          const sound = asked.kind === 'ours' ? streamingAudio.add('/plain.wav') : manager.add('plain');
          sound.play({ source: asked.move === 'follow' ? { ...asked.source, follow: target } : asked.source });
          const moves = sound as Phaser.Sound.WebAudioSound;
          if (asked.move === 'x') moves.x = -3;
          if (asked.move === 'follow') target.x = -3;
          while (moves.seek < 0.6) await new Promise((resolve) => setTimeout(resolve, 20));
          sound.destroy();
        },
        { kind, source, move },
      );
      const { left, right } = await readRecording(page, tap);
      levels.push([left, right].map(loudest).join(' '));
    }
    return levels as [string, string];
  }

  const loudest = (samples: Float32Array): number => {
    let most = 0;
    for (const sample of samples.subarray(-RATE / 5)) most = Math.max(most, Math.abs(sample));
    return Math.round(most * 50); // in steps of a fiftieth: the two are not cut at the same sample
  };

  test.each([
    ['to the right', { x: 2, y: 1, refDistance: 1 }, ''],
    ['far away', { x: 0, y: 0, z: 8, rolloffFactor: 2 }, ''],
    ['moved to the left', { x: 2 }, 'x'],
    ['following something to the left', { x: 2 }, 'follow'],
  ])('%s sounds as one of Phaser does', async (_, source, move) => {
    const [theirs, ours] = await loudness(source, move);
    expect(ours).toBe(theirs);
  });
});
