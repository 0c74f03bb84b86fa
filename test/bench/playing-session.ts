/** What does playing cost the page: memory, and time on its main thread? */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Stalls } from './page/stalls.ts';
import { withSession, type Session, type World } from './session.ts';
import { LONG_SECONDS } from './start-session.ts';
import { quantile } from './statistics.ts';
import { makeTrack } from './track.ts';
import type { Way } from './ways.ts';

/** Of one run. */
export interface PlayingFigures {
  /** The renderer's share of memory, less the same page's while silent. */
  readonly memoryBytes: number;
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
    const silentBytes = await rendererBytes(session);
    const playing = await watchStalls(session, async () => {
      await session.play('/playing.wav');
      await sleep(PLAYED_SECONDS * 1000);
    });
    const memoryBytes = (await rendererBytes(session)) - silentBytes;
    const sorted = playing.lateMs.toSorted((a, b) => a - b);
    return {
      memoryBytes,
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

/** The proportional set size of all the browser's renderers, garbage collected: the page is the only one that changes. */
async function rendererBytes({ chromium, page }: Session): Promise<number> {
  await page.devtools.send('HeapProfiler.collectGarbage');
  const devtools = await chromium.context.browser()?.newBrowserCDPSession();
  if (devtools === undefined) throw new Error('This context has no browser.');
  const { processInfo } = await devtools.send('SystemInfo.getProcessInfo');
  await devtools.detach();
  const renderers = processInfo.filter(({ type }) => type === 'renderer');
  return renderers.reduce((sum, { id }) => sum + proportionalBytes(id), 0);
}

function proportionalBytes(pid: number): number {
  const [, kilobytes] = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}
