/** Runs cases in engines, lanes of them side by side, and keeps what they showed for `docs/engines.md`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import type { Tier } from '../../plugin/howler.ts';
import { mountDemo } from '../support/demo.ts';
import type { Engine, EngineName } from '../support/engine.ts';
import { launchEngine } from '../support/engines.ts';
import { mountHarness } from '../support/game.ts';
import { contextRateScript } from '../support/media-tap.ts';
import { pageScript } from '../support/page-script.ts';
import { type RangeServer, startRangeServer } from '../support/range-server.ts';
import { mountScriptedPage } from '../support/scripted-page.ts';
import { inTurns, Lane } from '../support/side-by-side.ts';
import { LIMITS } from './engine-limits.ts';
import { RATE, type SmokeCase } from './smoke-cases.ts';

/** What one engine has to show. */
export interface Program {
  readonly engine: EngineName;
  /** What the engine is left with; those before it are taken off its pages. @default 'media-source' */
  readonly tier?: Tier;
  readonly cases: readonly SmokeCase[];
  /** What the server must have. */
  readonly tracks: Readonly<Record<string, Buffer>>;
  /** Names the file of results. */
  readonly results: string;
}

const CASE_TIMEOUT_MS = 300_000; // several waits of 20 s, each of which ends sooner where the machine is idle; and a turn
const BOOT_TIMEOUT_MS = 30_000;
const RESULTS = path.join(import.meta.dirname, '../../node_modules/.cache/engines');

interface Row {
  readonly title: string;
  readonly program: Program;
  readonly smoke: SmokeCase;
  readonly browser: Browser;
}

/** What a program has shown so far, each case with the version of the engine that did. */
type Shown = Map<SmokeCase, string>;

/** @param lanes run side by side; the programs of each, one after the other */
export function runCases(...lanes: readonly (readonly Program[])[]): void {
  const programs = new Map(lanes.flat().map((program): [Program, Shown] => [program, new Map()]));
  const browsers = lanes.map(() => new Browser());
  const rows = lanes.map((lane, i) => lane.flatMap((program) => rowsOf(program, browsers[i] as Browser)));

  test.concurrent.each(inTurns(rows))(
    '$title',
    async ({ browser, program, smoke }) => {
      const version = await browser.show(program, smoke);
      programs.get(program)?.set(smoke, version);
    },
    CASE_TIMEOUT_MS,
  );
  afterAll(async () => {
    for (const browser of browsers) await browser.close();
    keep(programs);
  });
}

function rowsOf(program: Program, browser: Browser): Row[] {
  const { engine, tier, cases } = program;
  const subject = tier === undefined ? engine : `${engine}, ${tier}`;
  const inReach = cases.filter(({ outOfReach = {} }) => outOfReach[engine] === undefined);
  return inReach.map((smoke) => ({ title: `${subject}: ${smoke.name}`, program, smoke, browser }));
}

/** One browser after the other, each for as long as the next case can be shown in it. */
class Browser {
  readonly #lane = new Lane();
  #engine: Engine | undefined;
  #kind = '';

  /** Gives the version of the engine that has shown it. */
  show(program: Program, smoke: SmokeCase): Promise<string> {
    return this.#lane.run(async () => {
      const engine = await this.#launch(program.engine, smoke.on === 'demo' ? 'locked' : 'open');
      try {
        await showOnFreshPage(engine, smoke, program);
      } catch (error) {
        await this.close().catch(() => {}); // it may hang: what comes next gets a new one
        throw error;
      }
      return engine.version;
    });
  }

  async close(): Promise<void> {
    const engine = this.#engine;
    this.#engine = undefined;
    await engine?.close();
  }

  async #launch(name: EngineName, autoplay: 'locked' | 'open'): Promise<Engine> {
    const kind = `${name} ${autoplay}`;
    if (this.#engine !== undefined && this.#kind === kind) return this.#engine;
    await this.close();
    this.#kind = kind;
    this.#engine = await launchEngine(name, { autoplay, keepsPages: true });
    return this.#engine;
  }
}

/** On an origin of its own, and so with empty storage. */
async function showOnFreshPage(engine: Engine, smoke: SmokeCase, { tier, tracks }: Program): Promise<void> {
  const { on, show, scripts = [] } = smoke;
  const server = await startRangeServer(tracks);
  mountPage(server, on, [TIER_SCRIPTS[tier ?? 'media-source'], ...scripts]);
  const page = await engine.open(`${server.url}/index.html`);
  try {
    if (on === 'harness') await page.evaluate(bootGame, undefined, { timeoutMs: BOOT_TIMEOUT_MS });
    await show({ page, server, limits: LIMITS[engine.name] });
    expect(await page.evaluate(() => window.errorLog)).toEqual([]);
  } finally {
    await page.close().catch(() => {}); // one that hangs must not hide why
    await server.close();
  }
}

/** Leaves a page nothing better than a tier. Where the engine has no ManagedMediaSource, its MediaSource stands in. */
const TIER_SCRIPTS: Readonly<Record<Tier, string>> = {
  'media-source': '',
  'managed-media-source': 'globalThis.ManagedMediaSource ??= MediaSource; delete globalThis.MediaSource;',
  blob: 'delete globalThis.MediaSource; delete globalThis.ManagedMediaSource;',
};

const bootGame = (): Promise<void> => window.harness.bootGame({});

function mountPage(server: RangeServer, on: SmokeCase['on'], more: readonly string[]): void {
  const scripts = ['error-log.ts', 'recorder.ts', 'idb-reader.ts']
    .map(pageScript)
    .concat(contextRateScript(RATE), more);
  if (on === 'harness') {
    mountHarness(server, scripts);
  } else {
    mountDemo(server);
    mountScriptedPage(server, process.env['TEST_SITE'] ?? '', scripts);
  }
}

function keep(programs: ReadonlyMap<Program, Shown>): void {
  mkdirSync(RESULTS, { recursive: true });
  for (const [program, shown] of programs) {
    const [version] = shown.values();
    const kept = { name: program.engine, version, cases: verdictsOf(program, shown) };
    writeFileSync(path.join(RESULTS, `${program.results}.json`), JSON.stringify(kept, undefined, 2));
  }
}

function verdictsOf({ engine, cases }: Program, shown: Shown): object[] {
  return cases.map((smoke) => ({
    name: smoke.name,
    isShown: shown.has(smoke),
    notShown: smoke.notShown?.[engine] ?? [],
    outOfReach: smoke.outOfReach?.[engine],
  }));
}
