/** Runs the smoke cases in one engine, and keeps what they showed for `docs/engines.md`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mountDemo } from '../support/demo.ts';
import type { Engine, EngineName } from '../support/engine.ts';
import { launchEngine } from '../support/engines.ts';
import { mountHarness } from '../support/game.ts';
import { contextRateScript } from '../support/media-tap.ts';
import { pageScript } from '../support/page-script.ts';
import { type RangeServer, startRangeServer } from '../support/range-server.ts';
import { mountScriptedPage } from '../support/scripted-page.ts';
import { LIMITS } from './engine-limits.ts';
import { LOOP_CASES, LOOP_TRACKS } from './loop-cases.ts';
import { RATE, SMOKE_CASES, type SmokeCase, TRACKS } from './smoke-cases.ts';

const CASES = [...SMOKE_CASES, ...LOOP_CASES];
const CASE_TIMEOUT_MS = 120_000; // several waits of 20 s, each of which ends sooner where the machine is idle
const BOOT_TIMEOUT_MS = 30_000;
const RESULTS = path.join(import.meta.dirname, '../../node_modules/.cache/engines');

export function describeSmoke(name: EngineName): void {
  describe(name, () => {
    const shown: string[] = [];
    let version = 'unknown';

    describe.each(['harness', 'demo'] as const)('on the %s page', (on) => {
      let engine: Engine | undefined;

      beforeAll(async () => {
        engine = await launchEngine(name, { autoplay: on === 'demo' ? 'locked' : 'open' });
        ({ version } = engine);
      }, CASE_TIMEOUT_MS);

      afterAll(() => engine?.close());

      test.each(CASES.filter((one) => one.on === on))(
        '$name',
        async (smoke) => {
          if (engine === undefined) throw new Error(`${name} did not start.`);
          await showOnFreshPage(engine, smoke);
          shown.push(smoke.name);
        },
        CASE_TIMEOUT_MS,
      );
    });

    afterAll(() => keep(name, version, shown));
  });
}

/** On an origin of its own, and so with empty storage. */
async function showOnFreshPage(engine: Engine, { on, show }: SmokeCase): Promise<void> {
  const server = await startRangeServer({ ...TRACKS, ...LOOP_TRACKS });
  mountPage(server, on);
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

const bootGame = (): Promise<void> => window.harness.bootGame({});

function mountPage(server: RangeServer, on: SmokeCase['on']): void {
  const scripts = ['error-log.ts', 'recorder.ts', 'idb-reader.ts'].map(pageScript).concat(contextRateScript(RATE));
  if (on === 'harness') {
    mountHarness(server, scripts);
  } else {
    mountDemo(server);
    mountScriptedPage(server, process.env['TEST_SITE'] ?? '', scripts);
  }
}

function keep(name: EngineName, version: string, shown: readonly string[]): void {
  const cases = CASES.map((smoke) => ({
    name: smoke.name,
    isShown: shown.includes(smoke.name),
    notShown: smoke.notShown?.[name] ?? [],
  }));
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(path.join(RESULTS, `${name}.json`), JSON.stringify({ name, version, cases }, undefined, 2));
}
