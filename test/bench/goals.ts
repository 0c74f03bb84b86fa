/** What the plugin is to reach, and where it stands. Nothing fails for it. */
import { KINDS } from './kinds.ts';
import type { LinkShape } from './link.ts';
import { PACKED_KINDS } from './node-bench.ts';
import { HUGE_SECONDS, type PlayingCase } from './playing-session.ts';
import {
  cacheRatio,
  memorySummary,
  playingSummary,
  sliceSummary,
  startRatio,
  startSummary,
  type Results,
  type StartKey,
} from './results.ts';
import { limitMs, LINKS, LONG_SECONDS } from './start-session.ts';
import { summarize } from './statistics.ts';

export interface Goal {
  readonly what: string;
  /** One of the two. */
  readonly most?: number;
  readonly least?: number;
  readonly measured: number;
  readonly digits: number;
}

/** The goals that this bench has figures for. */
export function judge(results: Results): Goal[] {
  const goals = [
    ...results.links.flatMap((link) => startGoals(results, link)),
    ...playingGoals(results),
    ...sliceGoals(results),
  ];
  return [...goals, ...seamGoals(results), ...cacheGoals(results), ...nodeGoals(results)].filter(
    ({ measured }) => !Number.isNaN(measured),
  );
}

function startGoals(results: Results, link: LinkShape): Goal[] {
  const ofNative = (key: StartKey): number => startRatio(results, link, 'ours', key)?.median ?? NaN;
  const firstSound = startSummary(results, link, 'ours', 'firstSoundMs')?.median ?? NaN;
  const isQuick = link === LINKS[1];
  const ofLimit = { what: `${link.name}: first sound, of the limit`, most: 1.5, measured: firstSound / limitMs(link) };
  const ratios: [string, number, StartKey][] = [
    ['first sound, of native', isQuick ? 0.9 : 0.6, 'firstSoundMs'],
    ['cached, of native', 0.8, 'cachedMs'],
    ['seek, not buffered, of native', 0.8, 'seekUncachedMs'],
    ['seek, buffered, of native', 1.5, 'seekBufferedMs'],
  ];
  const goals = ratios.map(([what, most, key]) => {
    return { what: `${link.name}: ${what}`, most, measured: ofNative(key), digits: 2 };
  });
  return isQuick ? goals : [...goals, { ...ofLimit, digits: 2 }];
}

function playingGoals(results: Results): Goal[] {
  const long = { way: 'ours', seconds: LONG_SECONDS } as const;
  const bytes = (played: PlayingCase): number => memorySummary(results, played)?.median ?? NaN;
  const memory = bytes(long);
  const huge = bytes({ way: 'ours', seconds: HUGE_SECONDS });
  const phaser = bytes({ way: 'phaser', seconds: LONG_SECONDS });
  const stalls = playingSummary(results, long, 'stall99Ms')?.median ?? NaN;
  return [
    { what: 'memory, 4 hours to 10 minutes', most: 1.1, measured: huge / memory, digits: 2 },
    { what: "memory, of Phaser's `load.audio`", most: 0.1, measured: memory / phaser, digits: 3 },
    { what: '99 % of stalls, ms', most: 4, measured: stalls, digits: 1 },
  ];
}

function sliceGoals(results: Results): Goal[] {
  return KINDS.map((kind) => {
    const measured = sliceSummary(results, kind, 'ms99')?.median ?? NaN;
    return { what: `99 % of slices of ${kind}, ms`, most: 4, measured, digits: 1 };
  });
}

function seamGoals({ seams }: Results): Goal[] {
  const ours = seams.filter(({ way, figures }) => way === 'ours' && figures.lateSamples.length > 0);
  return ours.map(({ figures }) => {
    const measured = Math.max(...figures.lateSamples.map((late) => Math.abs(late)));
    return { what: 'loop seam, samples', most: 0, measured, digits: 0 };
  });
}

function cacheGoals(results: Results): Goal[] {
  const ratio = (key: keyof Results['cache'][number]): number => cacheRatio(results, key)?.median ?? NaN;
  return [
    { what: 'a cached block, of idb-keyval `get`', most: 1.5, measured: ratio('reads'), digits: 2 },
    { what: 'speed of writing, of idb-keyval `setMany`', least: 0.7, measured: 1 / ratio('writes'), digits: 2 },
    { what: 'opening a cache of 2,000 blocks, of `keys()`', most: 2, measured: ratio('opens'), digits: 2 },
  ];
}

function nodeGoals({ node }: Results): Goal[] {
  if (node === undefined) return [];
  const middle = (values: readonly number[]): number => summarize(values)?.median ?? NaN;
  const perBlock = node.randomRequests.map((requests, round) => requests / (node.randomBlocks[round] ?? NaN));
  return [
    ...PACKED_KINDS.map((kind) => {
      const least = kind === '16-bit' ? 300 : 60;
      return { what: `packing ${kind} stereo, MB/s`, least, measured: middle(node.packMBs[kind]), digits: 0 };
    }),
    {
      what: 'sequential read, of plain `fetch` into memory',
      least: 0.8,
      measured: middle(node.streamRatio),
      digits: 2,
    },
    { what: 'bytes received for each byte read', most: 1.01, measured: middle(node.bytesPerByte), digits: 3 },
    { what: 'requests for each block of random reads', most: 1, measured: middle(perBlock), digits: 2 },
  ];
}
