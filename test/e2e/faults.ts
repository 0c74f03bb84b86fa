/** The fault cases, as programs for engines. */
import type { EngineName } from '../support/engine.ts';
import { CACHE_FAULT_CASES, CACHE_FAULT_TRACKS } from './cache-fault-cases.ts';
import type { Program } from './case-runner.ts';
import { FAULT_CASES } from './fault-cases.ts';
import { FAULT_TRACKS } from './fault-scene.ts';
import { PAGE_FAULT_CASES, PAGE_FAULT_TRACKS } from './page-fault-cases.ts';
import type { SmokeCase } from './smoke-cases.ts';

const CASES: readonly SmokeCase[] = [...FAULT_CASES, ...CACHE_FAULT_CASES, ...PAGE_FAULT_CASES];
const tracks = { ...FAULT_TRACKS, ...CACHE_FAULT_TRACKS, ...PAGE_FAULT_TRACKS };

/** What an engine has to show of bad days. */
export function faultsOf(engine: EngineName): Program {
  return { engine, cases: CASES, tracks, results: `${engine}-faults` };
}
