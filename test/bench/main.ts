/** The benchmark of `npm run bench`: ours and its peers, in turn, in one Chromium after the other. */
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { launchChromium } from '../support/chromium.ts';
import { measureCache } from './cache-session.ts';
import { drawChart } from './chart.ts';
import { KINDS } from './kinds.ts';
import { measureMemory } from './memory-session.ts';
import { measureNode } from './node-bench.ts';
import { parseOptions, type BenchOptions } from './options.ts';
import { measurePlaying, PLAYING_CASES } from './playing-session.ts';
import { writePage, writeTables } from './report.ts';
import type { Machine, Results } from './results.ts';
import { measureSeams, mountLap } from './seam-session.ts';
import { closeWorld, openWorld, type World } from './session.ts';
import { measureSlices } from './slices-session.ts';
import { measureStart, mountStartTracks } from './start-session.ts';
import { inOrderOf, WAYS } from './ways.ts';

const DOCS = path.join(import.meta.dirname, '../../docs');
const TRIES = 2; // a browser that does not start is no figure of anybody's

export async function main(args: readonly string[]): Promise<void> {
  const options = parseOptions(args);
  const startedAt = performance.now();
  const results = await measure(options);
  console.log(writeTables(results));
  if (options.isWhole) {
    writeFileSync(path.join(DOCS, 'benchmarks.md'), writePage(results));
    writeFileSync(path.join(DOCS, 'benchmarks.svg'), drawChart(results));
    console.log('Written to docs/benchmarks.md and docs/benchmarks.svg.');
  }
  console.log(`It took ${Math.round((performance.now() - startedAt) / 1000)} s.`);
}

async function measure({ rounds, parts, links }: BenchOptions): Promise<Results> {
  const machine = await describeMachine();
  const empty = {
    starts: [],
    playings: [],
    memory: [],
    slices: [],
    seams: [],
    cache: [],
    node: undefined,
    failures: [],
  };
  const results: Results = { machine, rounds, links, ...empty };
  if (parts.includes('node')) results.node = await attempt(results, 'Node', () => measureNode(rounds));
  const world = await openWorld();
  try {
    if (parts.includes('first-sound')) await measureStarts(world, results);
    if (parts.includes('playing')) {
      await measurePlayings(world, results);
      await measureAllSlices(world, results);
    }
    if (parts.includes('memory')) results.memory = (await attempt(results, 'memory', () => measureMemory(world))) ?? [];
    if (parts.includes('seam')) await measureAllSeams(world, results);
    if (parts.includes('cache'))
      results.cache = (await attempt(results, 'cache', () => measureCache(world, rounds))) ?? [];
  } finally {
    await closeWorld(world);
  }
  return results;
}

async function measureStarts(world: World, results: Results): Promise<void> {
  mountStartTracks(world);
  for (let round = 0; round < results.rounds; round++) {
    for (const link of results.links) {
      for (const way of inOrderOf(round)) {
        const what = `first sound, ${link.name}, ${way}, round ${round + 1}`;
        const figures = await attempt(results, what, () => measureStart(world, { link, way, round }));
        if (figures) results.starts.push({ round, link, way, figures });
      }
    }
  }
}

async function measurePlayings(world: World, results: Results): Promise<void> {
  for (let round = 0; round < results.rounds; round++) {
    for (const played of PLAYING_CASES) {
      const what = `playing ${played.seconds} s, ${played.way}, round ${round + 1}`;
      const figures = await attempt(results, what, () => measurePlaying(world, played));
      if (figures) results.playings.push({ round, played, figures });
    }
  }
}

async function measureAllSlices(world: World, results: Results): Promise<void> {
  for (let round = 0; round < results.rounds; round++) {
    for (const kind of KINDS) {
      const what = `slices of ${kind}, round ${round + 1}`;
      const figures = await attempt(results, what, () => measureSlices(world, kind));
      if (figures) results.slices.push({ kind, figures });
    }
  }
}

async function measureAllSeams(world: World, results: Results): Promise<void> {
  mountLap(world);
  for (const way of WAYS) {
    const figures = await attempt(results, `seams, ${way}`, () => measureSeams(world, way, results.rounds));
    if (figures) results.seams.push({ way, figures });
  }
}

/** A run that fails is noted, and the bench goes on. */
async function attempt<T>(results: Results, what: string, work: () => Promise<T>): Promise<T | undefined> {
  for (let tries = 1; tries <= TRIES; tries++) {
    try {
      console.error(what);
      return await work();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      results.failures.push(`${what}: ${reason.split('\n')[0] ?? ''}`);
    }
  }
  return undefined;
}

async function describeMachine(): Promise<Machine> {
  const cpus = os.cpus();
  const chromium = await launchChromium();
  const version = chromium.context.browser()?.version() ?? 'unknown';
  await chromium.close();
  return {
    date: new Date().toISOString().slice(0, 10),
    processor: cpus[0]?.model ?? 'unknown',
    cores: cpus.length,
    chromium: version,
    node: process.versions.node,
    load: os.loadavg()[0] ?? NaN,
  };
}
