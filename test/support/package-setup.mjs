/** Before the package tests: finds Chromium, builds the package and packs it as npm would publish it. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium } from './find-chromium.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PACKED = path.join(ROOT, 'node_modules/.cache/packed');

/** Jest runs it in its parent process. */
export default async function packageSetup() {
  process.env.TEST_CHROMIUM = JSON.stringify(await findChromium(ROOT));
  npm('run', 'build');
  fs.rmSync(PACKED, { recursive: true, force: true });
  fs.mkdirSync(PACKED, { recursive: true });
  const [{ filename }] = JSON.parse(npm('pack', '--json', '--pack-destination', PACKED));
  process.env.TEST_TARBALL = path.join(PACKED, filename);
}

/** Jest sets NODE_ENV to `test`, which Vite would build into the package. */
function npm(...args) {
  const options = { cwd: ROOT, env: { ...process.env, NODE_ENV: 'production' }, encoding: 'utf8', timeout: 120_000 };
  try {
    return execFileSync('npm', ['--silent', ...args], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    throw new Error(`npm ${args.join(' ')} failed:\n${error.stdout}\n${error.stderr}`, { cause: error });
  }
}
