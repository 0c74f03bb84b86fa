/** What does the page hold after five minutes of playing? */
import { setTimeout as sleep } from 'node:timers/promises';
import { launchChromium, type Chromium } from '../support/chromium.ts';
import type { ScriptablePage } from '../support/engine.ts';
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

const COPIES = 3;

/** One run of a case. */
export interface MemoryRun {
  readonly played: PlayingCase;
  /** The renderer's share of memory, less that of a page that was made ready for the same and stayed silent. */
  readonly bytes: number;
}

/** A page in a browser of its own, to be looked at `MEMORY_MINUTES` after it began. */
interface WatchedPage {
  readonly chromium: Chromium;
  readonly tab: ScriptablePage;
  readonly beganAt: number;
}

/**
 * On a line without limits. All pages play at once: memory, unlike time, is not shared. None is closed before all were
 * looked at, since the others' share of what they have in common would grow.
 */
export async function measureMemory(world: World): Promise<MemoryRun[]> {
  for (const seconds of [LONG_SECONDS, HUGE_SECONDS]) {
    world.server.mount(trackOf(seconds), makeTrack({ name: `memory-${seconds}`, seconds, marks: [] }));
  }
  world.link.shape = NO_LIMITS;
  const opened: WatchedPage[] = [];
  try {
    const copies = Array.from({ length: COPIES }, () => measureOnce(world, opened));
    await Promise.allSettled(copies);
    return (await Promise.all(copies)).flat();
  } finally {
    await Promise.all(opened.map(({ chromium }) => chromium.close()));
  }
}

async function measureOnce(world: World, opened: WatchedPage[]): Promise<MemoryRun[]> {
  const measure = async (way: Way, url?: string): Promise<number> => {
    const page = await inTurn(() => openPage(world, way, url));
    opened.push(page);
    await sleep(page.beganAt + MEMORY_MINUTES * 60_000 - performance.now());
    return rendererBytes(page.chromium, page.tab);
  };
  const ways = [...new Set(MEMORY_CASES.map(({ way }) => way))];
  const [silent, playing] = await Promise.all([
    Promise.all(ways.map((way) => measure(way))),
    Promise.all(MEMORY_CASES.map(({ way, seconds }) => measure(way, trackOf(seconds)))),
  ]);
  return MEMORY_CASES.map((played, i) => {
    return { played, bytes: (playing[i] ?? NaN) - (silent[ways.indexOf(played.way)] ?? NaN) };
  });
}

function trackOf(seconds: number): string {
  return `/memory-${seconds}.wav`;
}

/** Opens a page, and plays where there is something to play. */
async function openPage({ link }: World, way: Way, url: string | undefined): Promise<WatchedPage> {
  const chromium = await launchChromium({ flags: [EXPOSE_GC] });
  try {
    // Playwright inspects the requests of each tab that it knows, and DevTools keeps their answers in the tab's process.
    const tab = await (await HideableTabs.in(chromium)).open(`${link.url}/`);
    for (const script of [contextRateScript(SAMPLE_RATE), ...SCRIPTS]) await tab.evaluate(runScript, script);
    await tab.evaluate((asked) => window.bench.prepare(asked), way);
    if (url !== undefined) await tab.evaluate((track) => window.bench.play(track), url);
    return { chromium, tab, beganAt: performance.now() };
  } catch (error) {
    await chromium.close();
    throw error;
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
