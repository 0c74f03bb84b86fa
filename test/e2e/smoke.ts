/** The smoke cases, as programs for engines. */
import type { Tier } from '../../plugin/howler.ts';
import type { EngineName } from '../support/engine.ts';
import type { Program } from './case-runner.ts';
import { LOOP_CASES, LOOP_TRACKS } from './loop-cases.ts';
import { REUSE_CASES, REUSE_TRACKS } from './reuse-cases.ts';
import { SCENE_CASES, SCENE_TRACKS } from './scene-cases.ts';
import { SMOKE_CASES, type SmokeCase, TRACKS } from './smoke-cases.ts';

const ALL: readonly SmokeCase[] = [...SMOKE_CASES, ...LOOP_CASES, ...REUSE_CASES, ...SCENE_CASES];
/** Loops without a seam are MediaSource's alone, and scenes have to do with no tier. */
const OF_TIERS = [...SMOKE_CASES, ...REUSE_CASES].filter(({ isControl = false }) => !isControl);
const tracks = { ...TRACKS, ...LOOP_TRACKS, ...REUSE_TRACKS, ...SCENE_TRACKS };

/** All that an engine has to show with its best tier. */
export function smokeOf(engine: EngineName): Program {
  return { engine, cases: demoLast(ALL), tracks, results: `${engine}-media-source` };
}

/** What it has to show with another. */
export function smokeOfTier(engine: EngineName, tier: Tier): Program {
  return { engine, tier, cases: demoLast(OF_TIERS), tracks, results: `${engine}-${tier}` };
}

/** The demo needs a browser of its own. */
function demoLast(cases: readonly SmokeCase[]): SmokeCase[] {
  return cases.toSorted((a, b) => Number(a.on === 'demo') - Number(b.on === 'demo'));
}
