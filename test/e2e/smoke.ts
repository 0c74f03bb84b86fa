/** Runs the smoke cases in one engine, and keeps what they showed for `docs/engines.md`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { Tier } from '../../plugin/howler.ts';
import { mountDemo } from '../support/demo.ts';
import type { Engine, EngineName } from '../support/engine.ts';
import { launchEngine } from '../support/engines.ts';
import { mountHarness } from '../support/game.ts';
import { contextRateScript } from '../support/media-tap.ts';
import { pageScript } from '../support/page-script.ts';
import { type RangeServer, startRangeServer } from '../support/range-server.ts';
import { mountScriptedPage } from '../support/scripted-page.ts';
import { allowSecondTry } from '../support/second-try.ts';
import { LIMITS } from './engine-limits.ts';
import { LOOP_CASES, LOOP_TRACKS } from './loop-cases.ts';
import { REUSE_CASES, REUSE_TRACKS } from './reuse-cases.ts';
import { SCENE_CASES, SCENE_TRACKS } from './scene-cases.ts';
import { RATE, SMOKE_CASES, type SmokeCase, TRACKS } from './smoke-cases.ts';

/** What each tier has to show; loops without a seam are MediaSource's alone, and scenes have to do with no tier. */
const CASES_OF: Readonly<Record<Tier, readonly SmokeCase[]>> = {
  'media-source': [...SMOKE_CASES, ...LOOP_CASES, ...REUSE_CASES, ...SCENE_CASES],
  'managed-media-source': [...SMOKE_CASES, ...REUSE_CASES].filter(({ isControl = false }) => !isControl),
  blob: [...SMOKE_CASES, ...REUSE_CASES].filter(({ isControl = false }) => !isControl),
};
const CASE_TIMEOUT_MS = 120_000; // several waits of 20 s, each of which ends sooner where the machine is idle
const BOOT_TIMEOUT_MS = 30_000;
const RESULTS = path.join(import.meta.dirname, '../../node_modules/.cache/engines');

/** @param tier what the engine is left with; those before it are taken off its pages */
export function describeSmoke(name: EngineName, tier: Tier = 'media-source'): void {
  allowSecondTry();
  describe(tier === 'media-source' ? name : `${name}, ${tier}`, () => {
    const cases = CASES_OF[tier];
    const shown: string[] = [];
    let version = 'unknown';

    describe.each(['harness', 'demo'] as const)('on the %s page', (on) => {
      let engine: Engine | undefined;

      afterAll(() => engine?.close());

      test.each(cases.filter((one) => one.on === on))(
        '$name',
        async (smoke) => {
          engine ??= await launchEngine(name, { autoplay: on === 'demo' ? 'locked' : 'open' });
          ({ version } = engine);
          try {
            await showOnFreshPage(engine, smoke, tier);
          } catch (error) {
            await engine.close().catch(() => {}); // it may hang: what comes next gets a new one
            engine = undefined;
            throw error;
          }
          shown.push(smoke.name);
        },
        CASE_TIMEOUT_MS,
      );
    });

    afterAll(() => keep({ name, version, tier, cases, shown }));
  });
}

/** On an origin of its own, and so with empty storage. */
async function showOnFreshPage(engine: Engine, { on, show, scripts = [] }: SmokeCase, tier: Tier): Promise<void> {
  const server = await startRangeServer({ ...TRACKS, ...LOOP_TRACKS, ...REUSE_TRACKS, ...SCENE_TRACKS });
  mountPage(server, on, [TIER_SCRIPTS[tier], ...scripts]);
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

interface Results {
  readonly name: EngineName;
  readonly version: string;
  readonly tier: Tier;
  readonly cases: readonly SmokeCase[];
  readonly shown: readonly string[];
}

function keep({ name, version, tier, cases, shown }: Results): void {
  const verdicts = cases.map((smoke) => ({
    name: smoke.name,
    isShown: shown.includes(smoke.name),
    notShown: smoke.notShown?.[name] ?? [],
  }));
  mkdirSync(RESULTS, { recursive: true });
  const results = { name, version, tier, cases: verdicts };
  writeFileSync(path.join(RESULTS, `${name}-${tier}.json`), JSON.stringify(results, undefined, 2));
}
