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

const smoke = Object.keys(TITLES).map((name) => readResults(name, 'media-source'));
const faults = Object.keys(TITLES).map((name) => readResults(name, 'faults'));
const reasons = [...new Set([...smoke, ...faults].flatMap(({ cases }) => cases.flatMap(reasonsOf)))];
writeFileSync(path.join(ROOT, 'docs/engines.md'), documentOf());

function readResults(name, what) {
  const file = path.join(ROOT, `node_modules/.cache/engines/${name}-${what}.json`);
  const results = JSON.parse(readFileSync(file, 'utf8'));
  const failed = results.cases.filter(({ isShown, outOfReach }) => !isShown && outOfReach === undefined);
  if (failed.length > 0)
    throw new Error(`${name} (${what}) has not shown: ${failed.map((one) => one.name).join('; ')}`);
  return results;
}

function reasonsOf({ notShown, outOfReach }) {
  return outOfReach === undefined ? notShown : [outOfReach];
}

function verdictsOf(results) {
  const columns = results.map(({ name, version }) => `${TITLES[name]} ${version}`);
  const verdictOf = (one) => {
    const numbers = reasonsOf(one).map((reason) => reasons.indexOf(reason) + 1);
    if (numbers.length === 0) return 'shown';
    return `${one.outOfReach === undefined ? 'in part' : 'not here'}: ${numbers.join(', ')}`;
  };
  const rowOf = (name) => [name, ...results.map(({ cases }) => verdictOf(cases.find((one) => one.name === name)))];
  return tableOf([['', ...columns], ...results[1].cases.map(({ name }) => rowOf(name))]);
}

function documentOf() {
  return `# What the engines show

Written by \`node test/e2e/write-engines-doc.mjs\` after \`npm test\` and \`npm run test:engines\`, which play in real browsers and
record what reaches the speakers, sample by sample (\`test/e2e/smoke-cases.ts\`).

${verdictsOf(smoke)}
The same of [bad days](bad-days.md) (\`test/e2e/fault-cases.ts\` and those beside it):

${verdictsOf(faults)}
What is shown in part is asserted as far as the engine goes (\`test/e2e/engine-limits.ts\`):

${reasons.map((reason, i) => `${i + 1}. ${reason}`).join('\n')}

## Tiers

The tables above are of MediaSource. The other ways of \`tier\` passed the cases of the first, but for the two that show the tools:

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
