/** One element that sounds use one after the other, in every engine, by what reaches the speakers. */
import { expect } from '@jest/globals';
import { addSound, recordGame } from '../support/game.ts';
import { pageScript } from '../support/page-script.ts';
import type { Stretch } from '../support/stretches.ts';
import { makeWav } from '../support/wav.ts';
import { WHY } from './engine-limits.ts';
import { expectContinuous, expectWhole, framesOf, heard, heardToTheEnd, type Scene, SLOW } from './hearing.ts';
import type { SmokeCase } from './smoke-cases.ts';

const RATE = 44_100;
const CUT_SECONDS = 0.6; // what a tap may still have to hand over on a busy machine; WebKitGTK's rest would be 1.1 s

const short = makeWav({ seconds: 1.5, sampleRate: RATE });
const long = makeWav({ seconds: 30, sampleRate: RATE, seed: 2 });
const other = makeWav({ seconds: 6, sampleRate: 48_000, channels: 1, seed: 5 });
export const REUSE_TRACKS: Readonly<Record<string, Buffer>> = { '/other.wav': other };

export const REUSE_CASES: readonly SmokeCase[] = [
  {
    name: 'on an element that played other sounds, each is heard from its first sample on, and no rest of those',
    on: 'harness',
    scripts: [pageScript('media-tap.ts')],
    show: showReuse,
    notShown: { webkit: [WHY.webkitStarts, WHY.webkitChannels, WHY.webkitEnd] },
  },
];

/** What happened to none but the sounds before. */
const OTHERS = new Set(['pause', 'resume', 'stop', 'seek', 'looped', 'complete', 'error']);

const isPast = (seconds: number): boolean => window.sound.state === 'playing' && window.sound.seek > seconds;
const isComplete = (): boolean => window.events.includes('complete');

async function showReuse(scene: Scene): Promise<void> {
  const { page, limits } = scene;
  await addSound(page, '/long.wav');
  await page.evaluate(() => window.sound.play());
  const elements = await countElements(scene);
  const tap = await recordGame(page);
  await page.until(isPast, 2, SLOW);
  const cutAt = await playAtOnce(scene, '/long.wav', { seek: 10 }, tap);
  await page.until(isPast, 11.2, SLOW);
  const ownEvents = await page.evaluate(() => window.events);
  const stretches = await heard(scene, tap, long);
  const turn = stretches.findIndex(({ wavFrame }) => wavFrame === 10 * RATE);
  const [before, after] = [stretches.slice(0, turn), stretches.slice(turn)];
  expectContinuous(before, before[0]?.wavFrame ?? NaN, limits.start);
  expect(endOf(before)).toBeLessThan(cutAt + CUT_SECONDS * RATE);
  expectContinuous(after, 10 * RATE, limits.start);
  expect(framesOf(after)).toBeGreaterThan(RATE);
  expect(ownEvents.filter((name) => OTHERS.has(name))).toEqual([]);

  // What a sound leaves on its element: another format, a rate, a place that it was still on its way to.
  await playAtOnce(scene, '/other.wav', { mute: true, rate: 2, seek: 3 });
  await page.until(isPast, 3.4, SLOW);
  await playAtOnce(scene, '/long.wav', { mute: true, rate: 0.5, seek: 20 });
  await page.until(() => window.events.includes('ready'), undefined, SLOW);
  const lastTap = await recordGame(page);
  await playAtOnce(scene, '/short.wav');
  await page.until(isComplete, undefined, SLOW);
  expectWhole(await heardToTheEnd(scene, lastTap, short), short, limits);
  expect(await page.evaluate(() => window.events.filter((name) => name === 'complete'))).toEqual(['complete']);
  expect(await countElements(scene)).toBe(elements);
}

/** Plays a sound in place of the one before, in the same turn; gives how much a tap had heard then. */
async function playAtOnce({ page }: Scene, url: string, config: object = {}, tap?: number): Promise<number> {
  return page.evaluate(
    (asked) => {
      const { library, Phaser } = window.harness;
      const plugin = window.game.plugins.get('StreamingAudio') as InstanceType<typeof library.StreamingAudioPlugin>;
      window.sound.destroy();
      window.sound = plugin.add(asked.url);
      const events: string[] = [];
      window.events = events;
      for (const name of ['ready', 'playing', 'error', ...Object.values(Phaser.Sound.Events)])
        window.sound.on(name, () => events.push(name));
      window.sound.play(asked.config);
      return asked.tap === undefined ? 0 : window.recorder.measure(asked.tap).frames;
    },
    { url, config, tap },
  );
}

async function countElements({ page }: Scene): Promise<number> {
  return page.evaluate(() => window.mediaTap.elements.length);
}

/** Frame of the recording at which they end. */
function endOf(stretches: readonly Stretch[]): number {
  const last = stretches.at(-1);
  return (last?.start ?? NaN) + (last?.frames ?? NaN);
}
