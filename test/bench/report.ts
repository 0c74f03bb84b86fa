/** Puts a bench into tables, and those into a page. */
import type { CacheFigures } from './cache-session.ts';
import { median, withSpread } from './format.ts';
import { judge } from './goals.ts';
import { KINDS } from './kinds.ts';
import type { LinkShape } from './link.ts';
import { PACKED_KINDS } from './node-bench.ts';
import { MEMORY_CASES, MEMORY_MINUTES } from './memory-session.ts';
import { HUGE_SECONDS, PLAYED_SECONDS, PLAYING_CASES, type PlayingCase } from './playing-session.ts';
import {
  cacheRatio,
  memorySummary,
  playingSummary,
  sliceSummary,
  startRatio,
  startSummary,
  type Results,
} from './results.ts';
import { limitMs, SHORT_SECONDS } from './start-session.ts';
import { summarize } from './statistics.ts';
import { table } from './table.ts';
import { isAlone, isWholeFile, START_WAYS, WAY_NAMES, WAYS, type Way } from './ways.ts';

interface Section {
  readonly title: string;
  readonly text: string;
}

/** For a terminal. */
export function writeTables(results: Results): string {
  return sections(results)
    .map(({ title, text }) => `\n${title}\n\n${text}\n`)
    .join('');
}

/** `docs/benchmarks.md` */
export function writePage(results: Results): string {
  const { machine, rounds } = results;
  const parts = sections(results).map(({ title, text }) => `## ${title}\n\n${text}\n`);
  return `# Benchmarks

\`npm run bench\` wrote this page on ${machine.date}: ${machine.cores} cores (${machine.processor}), Chromium
${machine.chromium} (headless), Node ${machine.node}; load before it began ${machine.load.toFixed(1)}. Each figure is a
median, with the least and the most in brackets, of ${rounds} round${rounds === 1 ? '' : 's'} unless it says otherwise.

![First sound and seek, by way and line](benchmarks.svg)

${METHOD}

${clockLine(results)}

${parts.join('\n')}`;
}

const METHOD = `## How it is measured

- **Ways** take turns within each round, and each round begins with another. Each run has a browser and a profile of its
  own, which is left alone for a moment first. Ours is a \`StreamingHowl\` in a page whose game has booted with the plugin,
  and stands still since, for no other way but Phaser's has one. Beside it stands one without: it opens its cache itself,
  as part of the start.
- **Lines** are made on loopback, between browser and server: the latency holds up each request, the speed is shared by
  all connections. Opening a connection costs no round trip of its own; the page has one open already.
- **Tracks** are CD audio, 10 minutes of it (106 MB). The ways that need all of it before their first sound get
  ${SHORT_SECONDS} s (1.8 MB): their time to the first sound grows with the file, the others' does not.
- **First sound** is the time from the call (\`new …\` and \`play()\`, or \`load.audio\`) until the first sample that is not
  zero reaches an AudioWorklet in a context that runs already; the tracks are never silent. It is the only definition
  that fits all ways: decoded buffers have no \`currentTime\`, and an element's moves by what is planned, not by what is
  heard. Elements play into that context through a MediaElementSource, as they do in a Phaser game, which spares every
  way the opening of an audio output. Ours and native \`<audio>\` as a page without a game has them, *not routed*, open one;
  they are heard by their own clocks. Both ends are read from \`Date.now()\`; the context hears in steps of about 10 ms, and
  calls come at any time within one.
- **Seek** is the time from the call until sound of the new place reaches the same worklet: the place is marked by
  samples above half of full scale, which nothing before it has. *Not buffered* is a place minutes away, another one in
  each round, asked for once the first 2 s of the track are there; *buffered* is 6 s further, once the element holds it.
- **Cached** is the first sound after the page was loaded again: ours from IndexedDB, of which it reads what the tracks
  used last begin with when the game boots, native \`<audio>\` from a Blob URL of the same bytes in memory, the others from
  the HTTP cache, which the server allows.
- **Asked after** is the time from the call until the request for it left the browser.
- **KB** and **requests** are what came over the line, headers included, and reached the server until the first sound.
- **The limit** is one round trip and 0.2 s of audio, which is what Chromium needs before it starts.
- **Of native** is the ratio to native \`<audio>\` in the same round, routed or not as the way is.`;

/** How far the other definition of a first sound lies from ours. */
function clockLine({ starts }: Results): string {
  const later = starts.flatMap(({ way, figures: { firstSoundMs, firstSoundClockMs } }) => {
    return isAlone(way) || firstSoundClockMs === undefined ? [] : firstSoundClockMs - firstSoundMs;
  });
  return `Where there is an element, its \`currentTime\`, looked at every 4 ms, was above 0 this much after the first sound, in ms:
${withSpread(summarize(later))}. So by that clock the figures would be the same.`;
}

function sections(results: Results): Section[] {
  const { starts, playings, seams, node, failures } = results;
  return [
    ...(starts.length > 0 ? results.links.flatMap((link) => startSections(results, link)) : []),
    ...(playings.length > 0 ? [playingSection(results)] : []),
    ...(results.memory.length > 0 ? [memorySection(results)] : []),
    ...(results.slices.length > 0 ? [sliceSection(results)] : []),
    ...(seams.length > 0 ? [seamSection(results)] : []),
    ...(results.cache.length > 0 ? [cacheSection(results)] : []),
    ...(node ? [nodeSection(node)] : []),
    { title: 'Goals', text: goalsTable(results) },
    ...(failures.length > 0 ? [{ title: 'Runs that failed', text: list(failures) }] : []),
  ];
}

function startSections(results: Results, link: LinkShape): Section[] {
  const limit = limitMs(link).toFixed(0);
  const soundHead = ['first sound, ms', 'cold', 'of native', 'asked after', 'KB', 'requests', 'cached', 'of native'];
  const soundRows = START_WAYS.map((way) => {
    const figure = (key: 'firstSoundMs' | 'cachedMs'): string[] => [
      withSpread(startSummary(results, link, way, key)),
      withSpread(startRatio(results, link, way, key), 2),
    ];
    const asked = [
      withSpread(startSummary(results, link, way, 'firstAskedMs')),
      median(startSummary(results, link, way, 'bytes'), 0, 1000),
      withSpread(startSummary(results, link, way, 'requests')),
    ];
    return [nameOf(way)].concat(figure('firstSoundMs'), asked, figure('cachedMs'));
  });
  const soundLimit = ['the limit', limit, '', '0', '', '1', '', ''];
  const seekHead = ['seek, ms', 'not buffered', 'of native', 'asked after', 'buffered', 'of native'];
  const seekRows = WAYS.map((way) => [
    nameOf(way),
    isWholeFile(way) ? 'not possible' : withSpread(startSummary(results, link, way, 'seekUncachedMs')),
    withSpread(startRatio(results, link, way, 'seekUncachedMs'), 2),
    withSpread(startSummary(results, link, way, 'seekAskedMs')),
    withSpread(startSummary(results, link, way, 'seekBufferedMs')),
    withSpread(startRatio(results, link, way, 'seekBufferedMs'), 2),
  ]);
  const seekLimit = ['the limit', limit, '', '0', '', ''];
  const tables = [table(soundHead, [...soundRows, soundLimit]), table(seekHead, [...seekRows, seekLimit])];
  return [{ title: `On a line of ${link.name}`, text: tables.join('\n\n') }];
}

function nameOf(way: Way): string {
  return isWholeFile(way) ? `${WAY_NAMES[way]} (${SHORT_SECONDS} s)` : WAY_NAMES[way];
}

function playingSection(results: Results): Section {
  const head = ['way', 'longest task, ms', 'longest stall, ms', '99 % of stalls, ms', 'silent page'];
  const rows = PLAYING_CASES.map((played) => {
    const figure = (key: Parameters<typeof playingSummary>[2], digits = 0): string =>
      withSpread(playingSummary(results, played, key), digits);
    return [
      playedName(played),
      figure('longTaskMs'),
      figure('stallMostMs', 1),
      figure('stall99Ms', 1),
      figure('silentStall99Ms', 1),
    ];
  });
  const text = `From the call until ${PLAYED_SECONDS} s after the first sound, on a line without limits. **Longest task** is of
those that the browser reports, from 50 ms on; a **stall** is how late a timer of 4 ms came, so that it counts shorter
work too, and the machine's other work: the same page, silent, stands beside it.`;
  return { title: 'While playing', text: `${text}\n\n${table(head, rows)}` };
}

function memorySection(results: Results): Section {
  const rows = MEMORY_CASES.map((played) => [
    playedName(played),
    withSpread(memorySummary(results, played), 1, 2 ** 20),
  ]);
  const text = `After ${MEMORY_MINUTES} minutes of playing, on a line without limits: the renderer's share (Pss), less that of a page that was made
ready for the same and stayed silent as long; each the least of five readings a second apart, garbage collected before
each. Three pages of each kind, all at once, in tabs whose requests nobody inspects: DevTools would keep every answer in the
tab's own process.`;
  return { title: 'Memory', text: `${text}\n\n${table(['way', 'memory, MB'], rows)}` };
}

function playedName({ way, seconds }: PlayingCase): string {
  return seconds === HUGE_SECONDS ? `${WAY_NAMES[way]}, 4 hours` : `${WAY_NAMES[way]}, 10 minutes`;
}

function sliceSection(results: Results): Section {
  const rows = KINDS.map((kind) => [
    kind,
    withSpread(sliceSummary(results, kind, 'ms99'), 1),
    withSpread(sliceSummary(results, kind, 'most'), 1),
    withSpread(sliceSummary(results, kind, 'slices')),
  ]);
  const text = `For how long the page's main thread is taken at a time while ours plays, on a line without limits, from the call until
${PLAYED_SECONDS} s after the first sound: the script of each task in Chromium's trace, by the time that its thread had, so that the
machine's other work hardly counts. Stereo at 44.1 kHz, unless the kind says otherwise.`;
  return {
    title: 'Work in a page by kind',
    text: `${text}\n\n${table(['kind', '99 % of slices, ms', 'longest, ms', 'slices'], rows)}`,
  };
}

function seamSection({ seams }: Results): Section {
  const rows = seams.map(({ way, figures }) => {
    const { lateSamples, isExact } = figures;
    return [WAY_NAMES[way], withSpread(summarize(lateSamples)), `${lateSamples.length}`, isExact ? 'yes' : 'no'];
  });
  const text = `A lap of one second, recorded sample by sample. **Late** is by how many samples the next lap is, at 44.1 kHz; **exact**
says whether every sample of the recording, seams included, is the file's own.`;
  return { title: 'Loops', text: `${text}\n\n${table(['way', 'late, samples', 'seams', 'exact'], rows)}` };
}

function cacheSection(results: Results): Section {
  const names: readonly (readonly [string, keyof CacheFigures])[] = [
    ['reading a block of 256 KiB', 'reads'],
    ['writing four in a transaction', 'writes'],
    ['opening a cache of 2,000 blocks', 'opens'],
  ];
  const rows = names.map(([what, key]) => {
    const ms = (way: 'oursMs' | 'bareMs'): string =>
      withSpread(summarize(results.cache.map((figures) => figures[key][way])), 1);
    return [what, ms('oursMs'), ms('bareMs'), withSpread(cacheRatio(results, key), 2)];
  });
  const text = `Beside idb-keyval alone, in turn: \`get\` of a block in the same store, \`setMany\` of as many bytes, and a connection
opened for one \`keys()\`. Ours compares each block with its checksum, keeps to its budget, and lists its tracks when it
is opened.`;
  return { title: 'The cache', text: `${text}\n\n${table(['what, ms', 'ours', 'bare', 'ratio'], rows)}` };
}

function nodeSection(node: NonNullable<Results['node']>): Section {
  const { randomRequests, randomBlocks } = node;
  const perBlock = randomRequests.map((requests, round) => requests / (randomBlocks[round] ?? NaN));
  const figures: readonly (readonly [string, readonly number[], number])[] = [
    ...PACKED_KINDS.map((kind) => [`packing ${kind} stereo, MB/s of PCM`, node.packMBs[kind], 0] as const),
    ['100 MB in sequence, plain `fetch`, its body dropped, MB/s', node.droppedMBs, 0],
    ['100 MB in sequence, plain `fetch` into memory, MB/s', node.fetchMBs, 0],
    ['100 MB in sequence, `openSeekableStream`, MB/s', node.streamMBs, 0],
    ['the third to the second, of the same round', node.streamRatio, 2],
    ['bytes received for each byte read in sequence', node.bytesPerByte, 3],
    ['1,000 random reads of 4 KiB, requests', randomRequests, 0],
    ['the same for each 256 KiB block touched', perBlock, 2],
  ];
  const rows = figures.map(([what, values, digits]) => [what, withSpread(summarize(values), digits)]);
  const text = `The server runs in a process of its own, on loopback without limits; the stream has its default options, which keep the
64 MiB read last in memory, and is read 1 MiB at a time. For the random reads it has a cache of 128 MiB, in memory, so that
no block has to come twice for want of room.`;
  return { title: 'In Node', text: `${text}\n\n${table(['what', 'figure'], rows)}` };
}

function goalsTable(results: Results): string {
  const rows = judge(results).map(({ what, most, least, measured, digits }) => {
    const goal = most === undefined ? `at least ${least}` : `at most ${most}`;
    const isReached = most === undefined ? measured >= (least ?? NaN) : measured <= most;
    return [what, goal, measured.toFixed(digits), isReached ? 'yes' : 'no'];
  });
  return table(['what, by medians', 'goal', 'measured', 'reached'], rows);
}

function list(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join('\n');
}
