/** One browser with a profile of its own, and in it the harness page with one way made ready. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { launchChromium, type Chromium, type TestPage } from '../support/chromium.ts';
import { mountHarness } from '../support/game.ts';
import { setContextRate } from '../support/media-tap.ts';
import { pageScript } from '../support/page-script.ts';
import { startRangeServer, type RangeServer } from '../support/range-server.ts';
import { installRecorder } from '../support/recorder.ts';
import { NO_LIMITS, openLink, type Link } from './link.ts';
import type { Heard } from './page/tap.ts';
import { SAMPLE_RATE } from './track.ts';
import type { Way } from './ways.ts';

/** The server and the line before it. */
export interface World {
  readonly server: RangeServer;
  readonly link: Link;
}

/** What the page needs of ours. */
export const SCRIPTS = ['players.ts', 'tap.ts', 'stalls.ts'].map((name) => pageScript(`../../bench/page/${name}`));
const SETTLING_MS = 400; // a browser that was started just now is busy with itself
const PLAY_TIMEOUT_MS = 60_000; // the whole-file ways on the slowest line, ten times over

export async function openWorld(): Promise<World> {
  // Without a permission to keep, no browser cache would hold anything: the ways that live off it would lose unfairly.
  const server = await startRangeServer({}, { headers: { 'cache-control': 'public, max-age=86400' } });
  mountHarness(server);
  return { server, link: await openLink(server.url) };
}

export async function closeWorld({ server, link }: World): Promise<void> {
  await link.close();
  await server.close();
}

export interface SessionOptions {
  readonly way: Way;
  /** Puts `window.recorder` into the page. @default false */
  readonly records?: boolean;
}

/** Lends `work` a page in a fresh profile, on a line without limits. */
export async function withSession<T>(
  world: World,
  { way, records = false }: SessionOptions,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const profile = mkdtempSync(path.join(tmpdir(), 'bench-'));
  const chromium = await launchChromium({ profile });
  try {
    await setContextRate(chromium, SAMPLE_RATE);
    if (records) await installRecorder(chromium);
    const session = new Session(chromium, await chromium.open(), world, way);
    await session.load();
    return await work(session);
  } finally {
    await chromium.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

export class Session {
  constructor(
    readonly chromium: Chromium,
    readonly page: TestPage,
    readonly world: World,
    readonly way: Way,
  ) {}

  /** Loads the page, for the first time or again, and makes the way ready. */
  async load(): Promise<void> {
    const { page, world, way } = this;
    world.link.shape = NO_LIMITS;
    await page.goto('about:blank');
    await page.goto(`${world.link.url}/`);
    for (const script of SCRIPTS) await page.inject(script);
    await page.evaluate((asked) => window.bench.prepare(asked), way);
    await sleep(SETTLING_MS);
  }

  play(url: string, loop = false): Promise<Heard> {
    const asked = { url, loop };
    const limit = { timeoutMs: PLAY_TIMEOUT_MS };
    return this.page.evaluate((request) => window.bench.play(request.url, request.loop), asked, limit);
  }

  seek(seconds: number): Promise<Heard> {
    return this.page.evaluate((target) => window.bench.seek(target), seconds, { timeoutMs: PLAY_TIMEOUT_MS });
  }
}
