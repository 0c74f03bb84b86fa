/** What does the page hold after five minutes of playing? */
import { setTimeout as sleep } from 'node:timers/promises';
import { contextRateScript } from '../support/media-tap.ts';
import { BareChromium } from './bare-chromium.ts';
import { HUGE_SECONDS, type PlayingCase } from './playing-session.ts';
import { NO_LIMITS } from './link.ts';
import { SCRIPTS, type World } from './session.ts';
import { LONG_SECONDS } from './start-session.ts';
import { makeTrack, SAMPLE_RATE } from './track.ts';

export const MEMORY_MINUTES = 5;

export const MEMORY_CASES: readonly PlayingCase[] = [
  { way: 'ours', seconds: LONG_SECONDS },
  { way: 'ours', seconds: HUGE_SECONDS },
  { way: 'native', seconds: LONG_SECONDS },
  { way: 'phaser', seconds: LONG_SECONDS },
];

const COPIES = 2;
const SETTLE_MS = 10_000; // what a page's start leaves behind is freed by and by

/** One run of a case. */
export interface MemoryRun {
  readonly played: PlayingCase;
  /** The renderer's share of memory after five minutes, less the same page's while silent. */
  readonly bytes: number;
}

/**
 * On a line without limits. All cases play at once, each in a browser of its own: memory, unlike time, is not shared.
 */
export function measureMemory(world: World): Promise<MemoryRun[]> {
  for (const seconds of [LONG_SECONDS, HUGE_SECONDS]) {
    world.server.mount(`/memory-${seconds}.wav`, makeTrack({ name: `memory-${seconds}`, seconds, marks: [] }));
  }
  world.link.shape = NO_LIMITS;
  const copies = Array.from({ length: COPIES }, () => MEMORY_CASES).flat();
  return Promise.all(copies.map((played) => measure(world, played)));
}

async function measure({ link }: World, played: PlayingCase): Promise<MemoryRun> {
  const chromium = new BareChromium();
  try {
    await chromium.open(`${link.url}/`);
    for (const script of [contextRateScript(SAMPLE_RATE), ...SCRIPTS]) await chromium.evaluate(script);
    await chromium.evaluate(`bench.prepare('${played.way}')`);
    await sleep(SETTLE_MS);
    const silentBytes = await chromium.rendererBytes();
    await chromium.evaluate(`bench.play('/memory-${played.seconds}.wav')`);
    await sleep(MEMORY_MINUTES * 60_000);
    return { played, bytes: (await chromium.rendererBytes()) - silentBytes };
  } finally {
    await chromium.close();
  }
}
