/** What does playing cost the page of its main thread? */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Stalls } from './page/stalls.ts';
import { withSession, type Session, type World } from './session.ts';
import { LONG_SECONDS } from './start-session.ts';
import { quantile } from './statistics.ts';
import { makeTrack } from './track.ts';
import type { Way } from './ways.ts';

/** Of one run. */
export interface PlayingFigures {
  readonly longTaskMs: number;
  readonly stallMostMs: number;
  readonly stall99Ms: number;
  /** The same page, silent. */
  readonly silentStall99Ms: number;
}

/** What is played: a way, and how much there is of the track. */
export interface PlayingCase {
  readonly way: Way;
  readonly seconds: number;
}

export const PLAYED_SECONDS = 4;
export const HUGE_SECONDS = 4 * 3600;
const SILENT_MS = 1000;
const SETTLE_MS = 500; // what a page's start leaves behind

export const PLAYING_CASES: readonly PlayingCase[] = [
  { way: 'ours', seconds: LONG_SECONDS },
  { way: 'native', seconds: LONG_SECONDS },
  { way: 'howler-html5', seconds: LONG_SECONDS },
  { way: 'howler-web-audio', seconds: LONG_SECONDS },
  { way: 'phaser', seconds: LONG_SECONDS },
  { way: 'ours', seconds: HUGE_SECONDS },
];

/** On a line without limits, so that the work of a start comes as fast as it can. */
export function measurePlaying(world: World, { way, seconds }: PlayingCase): Promise<PlayingFigures> {
  world.server.mount('/playing.wav', makeTrack({ name: `playing-${seconds}`, seconds, marks: [] }));
  return withSession(world, { way }, async (session) => {
    await sleep(SETTLE_MS);
    const silent = await watchStalls(session, () => sleep(SILENT_MS));
    const playing = await watchStalls(session, async () => {
      await session.play('/playing.wav');
      await sleep(PLAYED_SECONDS * 1000);
    });
    const sorted = playing.lateMs.toSorted((a, b) => a - b);
    return {
      longTaskMs: playing.longTaskMs,
      stallMostMs: sorted.at(-1) ?? NaN,
      stall99Ms: quantile(sorted, 0.99),
      silentStall99Ms: quantile(
        silent.lateMs.toSorted((a, b) => a - b),
        0.99,
      ),
    };
  });
}

async function watchStalls({ page }: Session, work: () => Promise<void>): Promise<Stalls> {
  await page.evaluate(() => window.stallMeter.start());
  await work();
  return page.evaluate(() => window.stallMeter.stop());
}
