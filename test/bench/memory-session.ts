/** What does the page hold after five minutes of playing? */
import { setTimeout as sleep } from 'node:timers/promises';
import { launchChromium } from '../support/chromium.ts';
import { HideableTabs } from '../support/hideable-tab.ts';
import { contextRateScript } from '../support/media-tap.ts';
import { HUGE_SECONDS, type PlayingCase } from './playing-session.ts';
import { NO_LIMITS } from './link.ts';
import { EXPOSE_GC, rendererBytes } from './renderer-bytes.ts';
import { SCRIPTS, type World } from './session.ts';
import { LONG_SECONDS } from './start-session.ts';
import { makeTrack, SAMPLE_RATE } from './track.ts';
import type { Way } from './ways.ts';

export const MEMORY_MINUTES = 5;

export const MEMORY_CASES: readonly PlayingCase[] = [
  { way: 'ours', seconds: LONG_SECONDS },
  { way: 'ours', seconds: HUGE_SECONDS },
  { way: 'native', seconds: LONG_SECONDS },
  { way: 'phaser', seconds: LONG_SECONDS },
];

const COPIES = 2;

/** One run of a case. */
export interface MemoryRun {
  readonly played: PlayingCase;
  /** The renderer's share of memory, less that of a page that was made ready for the same and stayed silent. */
  readonly bytes: number;
}

/**
 * On a line without limits. All pages play at once, each in a browser of its own: memory, unlike time, is not shared.
 */
export async function measureMemory(world: World): Promise<MemoryRun[]> {
  for (const seconds of [LONG_SECONDS, HUGE_SECONDS]) {
    world.server.mount(trackOf(seconds), makeTrack({ name: `memory-${seconds}`, seconds, marks: [] }));
  }
  world.link.shape = NO_LIMITS;
  const copies = await Promise.all(Array.from({ length: COPIES }, () => measureOnce(world)));
  return copies.flat();
}

async function measureOnce(world: World): Promise<MemoryRun[]> {
  const ways = [...new Set(MEMORY_CASES.map(({ way }) => way))];
  const [silent, playing] = await Promise.all([
    Promise.all(ways.map(async (way) => [way, await measurePage(world, way)] as const)),
    Promise.all(MEMORY_CASES.map(({ way, seconds }) => measurePage(world, way, trackOf(seconds)))),
  ]);
  const silentBytes = new Map(silent);
  return MEMORY_CASES.map((played, i) => {
    return { played, bytes: (playing[i] ?? NaN) - (silentBytes.get(played.way) ?? NaN) };
  });
}

function trackOf(seconds: number): string {
  return `/memory-${seconds}.wav`;
}

/** A page after five minutes: of playing, where there is something to play. */
async function measurePage({ link }: World, way: Way, url?: string): Promise<number> {
  const chromium = await inTurn(() => launchChromium({ flags: [EXPOSE_GC] }));
  try {
    // Playwright inspects the requests of each tab that it knows, and DevTools keeps their answers in the tab's process.
    const tab = await inTurn(async () => (await HideableTabs.in(chromium)).open(`${link.url}/`));
    for (const script of [contextRateScript(SAMPLE_RATE), ...SCRIPTS]) await tab.evaluate(runScript, script);
    await tab.evaluate((asked) => window.bench.prepare(asked), way);
    if (url !== undefined) await tab.evaluate((track) => window.bench.play(track), url);
    await sleep(MEMORY_MINUTES * 60_000);
    return await rendererBytes(chromium, tab);
  } finally {
    await chromium.close();
  }
}

let lastStart: Promise<unknown> = Promise.resolve();

/** So many browsers at once would start each other too slowly. */
function inTurn<T>(start: () => Promise<T>): Promise<T> {
  const started = lastStart.then(start);
  lastStart = started.catch(() => {});
  return started;
}

/** In the page. */
function runScript(script: string): void {
  const element = document.createElement('script');
  element.text = script;
  document.head.append(element);
}
