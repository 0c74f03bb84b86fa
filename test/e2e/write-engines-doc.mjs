/** Writes `docs/engines.md` from what the last `npm test` (Chromium) and `npm run test:engines` have shown. Fails where it has not shown all. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '../..');
const TITLES = { chromium: 'Chromium', firefox: 'Firefox ESR', webkit: 'WebKitGTK' };
const UNTESTED = ['Safari on macOS', 'Safari on iOS'];

/** Tiers besides `media-source`, which all three have; in an engine without it, or with a better one, emulated. */
const TIERS = [
  { name: 'chromium', tier: 'managed-media-source', how: 'emulated: its MediaSource under that name' },
  { name: 'webkit', tier: 'managed-media-source', how: 'its own' },
  { name: 'chromium', tier: 'blob', how: 'emulated: MediaSource taken away' },
  { name: 'firefox', tier: 'blob', how: 'emulated: MediaSource taken away' },
];

const engines = Object.keys(TITLES).map((name) => readResults(name, 'media-source'));
writeFileSync(path.join(ROOT, 'docs/engines.md'), documentOf(engines));

function readResults(name, tier) {
  const file = path.join(ROOT, `node_modules/.cache/engines/${name}-${tier}.json`);
  const results = JSON.parse(readFileSync(file, 'utf8'));
  const failed = results.cases.filter(({ isShown }) => !isShown);
  if (failed.length > 0)
    throw new Error(`${name} (${tier}) has not shown: ${failed.map((one) => one.name).join('; ')}`);
  return results;
}

function documentOf(results) {
  const columns = results.map(({ name, version }) => `${TITLES[name]} ${version}`);
  const reasons = [...new Set(results.flatMap(({ cases }) => cases.flatMap(({ notShown }) => notShown)))];
  const verdictOf = ({ notShown }) =>
    notShown.length === 0 ? 'shown' : `in part: ${notShown.map((reason) => reasons.indexOf(reason) + 1).join(', ')}`;
  const rows = results[0].cases.map(({ name }, i) => [name, ...results.map(({ cases }) => verdictOf(cases[i]))]);
  return `# What the engines show

Written by \`node test/e2e/write-engines-doc.mjs\` after \`npm test\` and \`npm run test:engines\`, which play in real browsers and
record what reaches the speakers, sample by sample (\`test/e2e/smoke-cases.ts\`).

${tableOf([['', ...columns], ...rows])}
What is shown in part is asserted as far as the engine goes (\`test/e2e/engine-limits.ts\`):

${reasons.map((reason, i) => `${i + 1}. ${reason}`).join('\n')}

## Tiers

The table above is of MediaSource. The other ways of \`tier\` passed the same cases, but for the two that show the tools:

${tableOf([['engine', 'tier', 'the tier is', 'cases shown'], ...TIERS.map(tierRowOf)])}
## Not tested

${tableOf([['engine', 'state'], ...UNTESTED.map((name) => [name, 'not tested; its tiers are, emulated, in the engines above'])])}
WebKitGTK is no proof for Safari: it has another media stack, and routes MediaSource into Web Audio, which Safari does not.
`;
}

function tierRowOf({ name, tier, how }) {
  const { version, cases } = readResults(name, tier);
  return [`${TITLES[name]} ${version}`, `\`${tier}\``, how, String(cases.length)];
}

function tableOf([head, ...rows]) {
  const line = (cells) => `| ${cells.join(' | ')} |\n`;
  return [head, head.map(() => '---'), ...rows].map(line).join('');
}
