/** What a bench has measured, and how it is asked for. */
import type { CacheFigures } from './cache-session.ts';
import type { Kind } from './kinds.ts';
import type { LinkShape } from './link.ts';
import type { MemoryRun } from './memory-session.ts';
import type { NodeFigures } from './node-bench.ts';
import type { PlayingCase, PlayingFigures } from './playing-session.ts';
import type { SeamFigures } from './seam-session.ts';
import type { SliceFigures } from './slices-session.ts';
import type { StartFigures } from './start-session.ts';
import { summarize, type Summary } from './statistics.ts';
import { isAlone, type Way } from './ways.ts';

export interface StartRun {
  readonly round: number;
  readonly link: LinkShape;
  readonly way: Way;
  readonly figures: StartFigures;
}

export interface PlayingRun {
  readonly round: number;
  readonly played: PlayingCase;
  readonly figures: PlayingFigures;
}

export interface SliceRun {
  readonly kind: Kind;
  readonly figures: SliceFigures;
}

export interface SeamRun {
  readonly way: Way;
  readonly figures: SeamFigures;
}

export interface Machine {
  readonly date: string;
  readonly processor: string;
  readonly cores: number;
  readonly chromium: string;
  readonly node: string;
  /** Other work on the machine when the bench began: processes that wanted to run, over one minute. */
  readonly load: number;
}

export interface Results {
  readonly machine: Machine;
  readonly rounds: number;
  readonly links: readonly LinkShape[];
  readonly starts: StartRun[];
  readonly playings: PlayingRun[];
  memory: readonly MemoryRun[];
  readonly slices: SliceRun[];
  readonly seams: SeamRun[];
  /** One a round. */
  cache: readonly CacheFigures[];
  node: NodeFigures | undefined;
  /** What could not be measured, and why. */
  readonly failures: string[];
}

export type StartKey = keyof StartFigures;

/** One figure of one way on one line, over all rounds. */
export function startSummary(results: Results, link: LinkShape, way: Way, key: StartKey): Summary | undefined {
  return summarize(startRuns(results, link, way).flatMap(({ figures }) => figures[key] ?? []));
}

/** The same as a share of what native `<audio>` took in the same round, routed or not as the way is. */
export function startRatio(results: Results, link: LinkShape, way: Way, key: StartKey): Summary | undefined {
  const native = isAlone(way) ? 'native-alone' : 'native';
  const natives = new Map(startRuns(results, link, native).map(({ round, figures }) => [round, figures[key]]));
  const ratios = startRuns(results, link, way).map(({ round, figures }) => {
    return (figures[key] ?? NaN) / (natives.get(round) ?? NaN);
  });
  return summarize(ratios.filter((ratio) => !Number.isNaN(ratio)));
}

/** How much longer the cache takes than the bare database does, over all rounds. */
export function cacheRatio({ cache }: Results, key: keyof CacheFigures): Summary | undefined {
  return summarize(cache.map((figures) => figures[key].oursMs / figures[key].bareMs));
}

export function playingSummary(
  results: Results,
  { way, seconds }: PlayingCase,
  key: keyof PlayingFigures,
): Summary | undefined {
  const runs = results.playings.filter(({ played }) => played.way === way && played.seconds === seconds);
  return summarize(runs.map(({ figures }) => figures[key]));
}

export function memorySummary({ memory }: Results, { way, seconds }: PlayingCase): Summary | undefined {
  const runs = memory.filter(({ played }) => played.way === way && played.seconds === seconds);
  return summarize(runs.map(({ bytes }) => bytes));
}

export function sliceSummary({ slices }: Results, kind: Kind, key: keyof SliceFigures): Summary | undefined {
  return summarize(slices.filter((run) => run.kind === kind).map(({ figures }) => figures[key]));
}

function startRuns(results: Results, link: LinkShape, way: Way): StartRun[] {
  return results.starts.filter((run) => run.link === link && run.way === way);
}
