/** Writes `docs/engines.md` from what the last `npm run test:engines` has shown. Fails where it has not shown all. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '../..');
const TITLES = { chromium: 'Chromium', firefox: 'Firefox ESR', webkit: 'WebKitGTK' };
const UNTESTED = ['Safari on macOS', 'Safari on iOS'];

const engines = Object.keys(TITLES).map(readResults);
writeFileSync(path.join(ROOT, 'docs/engines.md'), documentOf(engines));

function readResults(name) {
  const file = path.join(ROOT, `node_modules/.cache/engines/${name}.json`);
  const results = JSON.parse(readFileSync(file, 'utf8'));
  const failed = results.cases.filter(({ isShown }) => !isShown);
  if (failed.length > 0) throw new Error(`${name} has not shown: ${failed.map((one) => one.name).join('; ')}`);
  return results;
}

function documentOf(results) {
  const columns = results.map(({ name, version }) => `${TITLES[name]} ${version}`);
  const reasons = [...new Set(results.flatMap(({ cases }) => cases.flatMap(({ notShown }) => notShown)))];
  const verdictOf = ({ notShown }) =>
    notShown.length === 0 ? 'shown' : `in part: ${notShown.map((reason) => reasons.indexOf(reason) + 1).join(', ')}`;
  const rows = results[0].cases.map(({ name }, i) => [name, ...results.map(({ cases }) => verdictOf(cases[i]))]);
  return `# What the engines show

Written by \`node test/e2e/write-engines-doc.mjs\` after \`npm run test:engines\`, which plays in real browsers and records
what reaches the speakers, sample by sample (\`test/e2e/smoke-cases.ts\`).

${tableOf([['', ...columns], ...rows])}
What is shown in part is asserted as far as the engine goes (\`test/e2e/engine-limits.ts\`):

${reasons.map((reason, i) => `${i + 1}. ${reason}`).join('\n')}

## Not tested

${tableOf([['engine', 'state'], ...UNTESTED.map((name) => [name, 'not tested'])])}
WebKitGTK is no proof for Safari: it has another media stack, and routes MediaSource into Web Audio, which Safari does not.
`;
}

function tableOf([head, ...rows]) {
  const line = (cells) => `| ${cells.join(' | ')} |\n`;
  return [head, head.map(() => '---'), ...rows].map(line).join('');
}
