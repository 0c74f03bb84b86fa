/** Draws first sound and seek, by way and line, as an SVG that reads on light and on dark. */
import { startSummary, type Results, type StartKey } from './results.ts';
import { limitMs } from './start-session.ts';
import type { LinkShape } from './link.ts';
import type { Summary } from './statistics.ts';
import { isWholeFile, START_WAYS, WAYS, type Way } from './ways.ts';

const LABELS: Readonly<Record<Way, string>> = {
  ours: 'ours',
  native: 'native <audio>',
  'howler-html5': 'Howler html5',
  'howler-web-audio': 'Howler Web Audio, 10 s',
  phaser: 'Phaser load.audio, 10 s',
  'ours-unready': 'ours, cache to open',
  'ours-alone': 'ours, not routed',
  'native-alone': 'native, not routed',
};
const MEASURES: readonly { readonly title: string; readonly key: StartKey }[] = [
  { title: 'First sound', key: 'firstSoundMs' },
  { title: 'Seek, not buffered', key: 'seekUncachedMs' },
];

const WIDTH = 940;
const LABEL_WIDTH = 160;
const PANEL_GAP = 24;
const VALUE_WIDTH = 58; // behind the longest bar
const HEAD_HEIGHT = 46;
const TITLE_HEIGHT = 30;
const BAR_HEIGHT = 16;
const BAR_STEP = 23;
const FOOT_HEIGHT = 30;

// Greys and hues of middle lightness: at least 3 to 1 against white and against #0d1117 alike.
const STYLE = `text{font:12px system-ui,sans-serif;fill:#768390}.title{font-weight:600}.ours{fill:#2f81f7}.peer{fill:#8b949e}
.limit{stroke:#d4722c;stroke-width:1.5;stroke-dasharray:4 3}.spread{stroke:#57606a;stroke-width:1.5}.limit-text{fill:#d4722c}`;

export function drawChart(results: Results): string {
  const { links } = results;
  const panelWidth = (WIDTH - LABEL_WIDTH - PANEL_GAP * (links.length - 1)) / links.length;
  const topOf = (row: number): number =>
    MEASURES.slice(0, row).reduce((sum, { key }) => sum + panelHeight(key), HEAD_HEIGHT);
  const height = topOf(MEASURES.length) + FOOT_HEIGHT;
  const left = (column: number): number => LABEL_WIDTH + column * (panelWidth + PANEL_GAP);
  const heads = links.map(({ name }, column) => text(left(column), 20, name, 'class="title"'));
  const panels = MEASURES.flatMap(({ title, key }, row) => {
    const top = topOf(row);
    const names = waysOf(key).map((way, index) => text(LABEL_WIDTH - 10, barMiddle(top, index), LABELS[way], END));
    const drawn = links.map((link, column) => drawPanel({ results, link, key }, left(column), top, panelWidth));
    return [text(LABEL_WIDTH - 10, top + 14, title, `class="title" ${END}`)].concat(names, drawn);
  });
  const foot = 'Milliseconds; median, with the least and the most. Dashed: one round trip and 0.2 s of audio.';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>First sound and seek, by way and line</title>
<style>${STYLE}</style>
${[...heads, ...panels, text(LABEL_WIDTH, height - 10, foot)].join('\n')}
</svg>
`;
}

const END = 'text-anchor="end"';

interface Panel {
  readonly results: Results;
  readonly link: LinkShape;
  readonly key: StartKey;
}

/** Whole-file ways cannot seek before they have all. */
function waysOf(key: StartKey): Way[] {
  return key === 'firstSoundMs' ? [...START_WAYS] : WAYS.filter((way) => !isWholeFile(way));
}

function panelHeight(key: StartKey): number {
  return TITLE_HEIGHT + waysOf(key).length * BAR_STEP + 12;
}

function barMiddle(top: number, index: number): number {
  return top + TITLE_HEIGHT + index * BAR_STEP + BAR_HEIGHT / 2 + 4;
}

function drawPanel({ results, link, key }: Panel, left: number, top: number, width: number): string {
  const figures = waysOf(key).map((way) => ({ way, summary: startSummary(results, link, way, key) }));
  const streaming = figures.filter(({ way }) => !isWholeFile(way)).map(({ summary }) => summary?.most ?? 0);
  const longest = Math.max(limitMs(link), ...streaming);
  const scale = (width - VALUE_WIDTH) / longest;
  const bars = figures.map(({ way, summary }, index) => {
    const y = top + TITLE_HEIGHT + index * BAR_STEP;
    return summary === undefined ? '' : drawBar({ way, summary, scale, longest }, left, y);
  });
  const limit = left + limitMs(link) * scale;
  const bottom = top + TITLE_HEIGHT + figures.length * BAR_STEP;
  const line = `<line class="limit" x1="${px(limit)}" x2="${px(limit)}" y1="${top + TITLE_HEIGHT - 8}" y2="${bottom}"/>`;
  const name = text(
    limit,
    top + TITLE_HEIGHT - 12,
    limitMs(link).toFixed(0),
    'class="limit-text" text-anchor="middle"',
  );
  return [...bars, line, name].join('');
}

interface Bar {
  readonly way: Way;
  readonly summary: Summary;
  readonly scale: number;
  /** What the panel has room for, in ms: a longer bar is cut off by two slanted lines. */
  readonly longest: number;
}

function drawBar({ way, summary, scale, longest }: Bar, left: number, y: number): string {
  const { median, least, most } = summary;
  const isCut = median > longest;
  const end = Math.min(median, longest) * scale;
  const kind = way === 'ours' ? 'ours' : 'peer';
  const bar = `<path class="${kind}" d="${isCut ? cutBar(left, y, end) : wholeBar(left, y, end)}"/>`;
  const [from, to] = [left + least * scale, left + most * scale];
  const middle = y + BAR_HEIGHT / 2;
  const spread = isCut ? '' : `<path class="spread" d="M${px(from)} ${middle}H${px(to)}"/>`;
  const behind = isCut ? end : Math.max(end, most * scale);
  return bar + spread + text(left + behind + 6, middle + 4, median.toFixed(0), way === 'ours' ? 'class="title"' : '');
}

function wholeBar(left: number, y: number, width: number): string {
  return `M${px(left)} ${y}h${px(width)}v${BAR_HEIGHT}h${px(-width)}z`;
}

function cutBar(left: number, y: number, width: number): string {
  const [body, gap, slant] = [width - 14, 4, 5];
  const first = `M${px(left)} ${y}h${px(body + slant)}l${-slant} ${BAR_HEIGHT}h${px(-body)}z`;
  return `${first}M${px(left + body + slant + gap)} ${y}h${slant}l${-slant} ${BAR_HEIGHT}h${-slant}z`;
}

function text(x: number, y: number, words: string, attributes = ''): string {
  const escaped = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<text x="${px(x)}" y="${y}" ${attributes}>${escaped}</text>`;
}

function px(value: number): string {
  return value.toFixed(1);
}
