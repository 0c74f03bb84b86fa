/** A sound that soon hears of a fault, and what it has said of it: what the fault cases share. */
import { expect } from '@jest/globals';
import type { EnginePage } from '../support/engine.ts';
import { addSound, recordGame } from '../support/game.ts';
import type { Policy } from '../support/range-server.ts';
import { makeWav } from '../support/wav.ts';
import { type Scene, SLOW } from './hearing.ts';
import { RATE } from './smoke-cases.ts';

export const long = makeWav({ seconds: 40, sampleRate: RATE, seed: 7 });
/** What the server must have. */
export const FAULT_TRACKS: Readonly<Record<string, Buffer>> = { '/long.wav': long };

/** More than twice as fast as the track, so that no more of it is at hand than was asked for. */
export const NARROW: Policy = { bytesPerSecond: 400_000 };

export const isPast = (seconds: number): boolean => window.sound.state === 'playing' && window.sound.seek > seconds;
export const hasState = (state: string): boolean => window.sound.state === state;
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Plays with little ahead, so that a fault is soon heard; gives the tap. */
export async function playNarrowly({ page, server }: Scene): Promise<number> {
  server.policy = NARROW;
  await addSound(page, '/long.wav', { buffer: { aheadSeconds: 2 } });
  await page.evaluate(() => {
    window.sound.on('error', ({ code }: { code: string }) => window.events.push(code));
  });
  const tap = await recordGame(page);
  await page.evaluate(() => window.sound.play());
  await page.until(isPast, 1, SLOW);
  await page.until(() => (window.sound.buffered.at(-1)?.[1] ?? 0) - window.sound.seek > 1.5, undefined, SLOW);
  await page.evaluate(() => void window.events.splice(0));
  return tap;
}

/** Waits until so many seconds more have been played. */
export async function playOn(page: EnginePage, seconds: number): Promise<void> {
  await page.until(isPast, seconds + (await page.evaluate(() => window.sound.seek)), SLOW);
}

/** How often the sound has said that since; of errors, the code is said as well. */
export function told(page: EnginePage, name: string): Promise<number> {
  return page.evaluate((asked) => window.events.filter((event) => event === asked).length, name);
}

/** The sound has said no error, and that it waits so often: where an engine takes sound ahead, it may say so more often. */
export async function expectWaits({ page, limits }: Scene, waits: number): Promise<void> {
  expect(await told(page, 'error')).toBe(0);
  if (limits.leadSeconds === 0) expect(await told(page, 'waiting')).toBe(waits);
}

/** The sound ends with one error of that code, and says nothing more. */
export async function expectOneError({ page }: Scene, code: string): Promise<void> {
  await page.until(hasState, 'failed', SLOW);
  await pause(500);
  expect([await told(page, code), await told(page, 'error')]).toEqual([1, 1]);
}
