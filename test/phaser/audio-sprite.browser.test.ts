import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { alignRecording } from '../support/align-recording.ts';
import { type Chromium, launchChromium, type TestPage } from '../support/chromium.ts';
import { mountHarness, openGame, recordGame } from '../support/game.ts';
import { setContextRate } from '../support/media-tap.ts';
import { type RangeServer, startRangeServer } from '../support/range-server.ts';
import { installRecorder, readRecording } from '../support/recorder.ts';
import { makeWav, samplesOf } from '../support/wav.ts';

const RATE = 44_100;
const SECONDS = 40; // more than is fetched for a start
const wav = makeWav({ seconds: SECONDS, sampleRate: RATE });
const sprites = {
  resources: ['sfx.wav'],
  spritemap: {
    door: { start: 1, end: 1.4, loop: false },
    hum: { start: 20.1, end: 20.4, loop: true },
    bell: { start: 2, end: 2.3 },
  },
};

let chromium: Chromium;
let server: RangeServer;
let page: TestPage;

beforeAll(async () => {
  chromium = await launchChromium();
  await installRecorder(chromium);
  await setContextRate(chromium, RATE);
  server = await startRangeServer({
    '/sounds/sfx.wav': wav,
    '/sounds/sfx.json': Buffer.from(JSON.stringify(sprites)),
  });
  mountHarness(server);
});

afterEach(async () => {
  expect(page.errors).toEqual([]);
  await page.close();
});

afterAll(async () => {
  await chromium.close();
  await server.close();
});

/** Opens a game that has loaded the sprites twice: as Phaser's own, and streamed. */
async function openLoaded(audio: object = {}): Promise<void> {
  page = await openGame(chromium, server, audio);
  await page.evaluate(async () => {
    const { load } = window.game.scene.getScene('scene');
    load.setPath('sounds').streamingAudio({ key: 'sfx', url: 'sfx.wav', jsonURL: 'sfx.json' });
    load.audioSprite('own', 'sfx.json', 'sfx.wav');
    await new Promise((resolve) => load.once('complete', resolve).start());
  });
}

type Kind = 'own' | 'sfx';

describe.each(['own', 'sfx'] as const)('the audio sprite %s', (kind) => {
  beforeEach(() => openLoaded());

  test('is a sound with a marker for each sprite, in its own configuration', async () => {
    const found = await page.evaluate((key) => {
      const { sound: manager, streamingAudio } = window.game.scene.getScene('scene');
      const owner = key === 'own' ? manager : streamingAudio;
      const sound = owner.addAudioSprite(key, { volume: 0.5, loop: true });
      const { spritemap } = sound as object as { spritemap: object };
      const markers = Object.values(sound.markers).map((marker) => [
        marker?.name,
        marker?.start,
        marker?.duration,
        marker?.config?.loop,
        marker?.config?.volume,
      ]);
      const isListed = manager.get(key) === sound;
      return { spritemap, markers, isListed, isLooping: (sound as Phaser.Sound.WebAudioSound).loop };
    }, kind);
    expect(found).toEqual({
      spritemap: sprites.spritemap,
      markers: [
        ['door', 1, expect.closeTo(0.4), false, 0.5],
        ['hum', 20.1, expect.closeTo(0.3), true, 0.5],
        ['bell', 2, expect.closeTo(0.3), false, 0.5],
      ],
      isListed: true,
      isLooping: true,
    });
  });

  test('plays one sprite, says so, and is gone when that is over', async () => {
    const found = await page.evaluate(playDoor, kind);
    expect(found).toEqual({ plays: true, volume: 0.25, loop: false, duration: expect.closeTo(0.4), left: 0 });
  });
});

describe('a streamed audio sprite', () => {
  test('is heard from the first frame of a sprite to its last, and loops without one different sample', async () => {
    await openLoaded();
    for (const [name, { start, end }] of Object.entries(sprites.spritemap)) {
      const tap = await recordGame(page);
      const isLooping = name === 'hum';
      await page.evaluate(playSprite, { name, laps: isLooping ? 6 : 0 });
      await new Promise((resolve) => setTimeout(resolve, 200)); // the tap hears in steps
      const range = { start: Math.round(start * RATE), end: Math.round(end * RATE) };
      const loop = isLooping ? { loop: range } : {};
      const heard = alignRecording(await readRecording(page, tap), samplesOf(wav), loop);
      expect(heard).toMatchObject({ firstFrame: range.start, differences: 0, gaps: [] });
      const frames = range.end - range.start;
      if (isLooping) expect(heard.soundingFrames).toBeGreaterThan(6 * frames);
      else expect(heard.soundingFrames).toBe(frames);
    }
  });

  test('that is not there is not played, and leaves nothing behind; one without a list is an error', async () => {
    await openLoaded();
    const found = await page.evaluate(() => {
      const { sound: manager, streamingAudio } = window.game.scene.getScene('scene');
      const plays = streamingAudio.playAudioSprite('sfx', 'window');
      let code = '';
      try {
        streamingAudio.addAudioSprite('unheard-of');
      } catch (error) {
        ({ code } = error as { code: string });
      }
      return { plays, code, listed: manager.getAll('unheard-of').length };
    });
    expect(found).toEqual({ plays: false, code: 'invalid-argument', listed: 0 });
    await page.until(() => window.game.sound.getAll('sfx').length === 0);
  });

  test('has no sprites and plays none with the NoAudio manager, as one of Phaser', async () => {
    await openLoaded({ noAudio: true });
    const found = await page.evaluate(() => {
      const { sound: manager, streamingAudio } = window.game.scene.getScene('scene');
      return [manager, streamingAudio].map((owner) => {
        const sound = owner.addAudioSprite('sfx') as Phaser.Sound.BaseSound & { spritemap: object };
        return [sound.spritemap, sound.markers, owner.playAudioSprite('sfx', 'door'), manager.getAll('sfx').length];
      });
    });
    expect(found).toEqual([
      [{}, {}, false, 1],
      [{}, {}, false, 2],
    ]);
  });
});

/** Runs in the page: plays a sprite by its manager's verb, and waits until the sound is gone. */
async function playDoor(key: Kind): Promise<object> {
  const { sound: manager, streamingAudio } = window.game.scene.getScene('scene');
  const owner = key === 'own' ? manager : streamingAudio;
  const plays = owner.playAudioSprite(key, 'door', { volume: 0.25 });
  const sound = manager.get<Phaser.Sound.WebAudioSound>(key);
  await new Promise((resolve) => setTimeout(resolve, 100)); // a gain node tells its volume only later
  const { volume, loop, duration } = sound;
  for (let i = 0; i < 300 && manager.get(key); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  return { plays, volume, loop, duration, left: manager.getAll(key).length };
}

/** Runs in the page: plays a sprite to its end, or for so many laps. */
async function playSprite({ name, laps }: { name: string; laps: number }): Promise<void> {
  const { sound: manager, streamingAudio } = window.game.scene.getScene('scene');
  streamingAudio.playAudioSprite('sfx', name);
  const sound = manager.get('sfx');
  for (let i = 0; i < laps; i++) await new Promise((resolve) => sound.once('looped', resolve));
  if (laps > 0) manager.stopByKey('sfx');
  else await new Promise((resolve) => sound.once('complete', resolve));
  sound.destroy();
}
