/** Before the browser tests: finds Chromium, renders the demo's track, builds the demo and the harness page. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { findChromium } from './find-chromium.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CACHE = path.join(ROOT, 'node_modules/.cache');

/** Jest runs it in its parent process, outside any VM context: the only place where Vite's API works. */
export default async function globalSetup() {
  process.env.TEST_CHROMIUM = JSON.stringify(await findChromium(ROOT));
  execFileSync(process.execPath, [path.join(ROOT, 'demo/track/render-track.mjs')], { stdio: 'inherit' });
  process.env.TEST_HARNESS = await buildInto('test-harness', {
    configFile: false,
    root: path.join(ROOT, 'test/support/harness'),
    base: './',
    build: { target: 'es2022', minify: false, sourcemap: 'inline', chunkSizeWarningLimit: 10_000 },
  });
  process.env.TEST_SITE = await buildInto('test-site', { configFile: path.join(ROOT, 'vite.config.ts') });
}

/** Builds beside the old folder and swaps at the end, so that another test run never sees half a build. */
async function buildInto(name, config) {
  const target = path.join(CACHE, name);
  const fresh = `${target}-${process.pid}`;
  const output = { outDir: fresh, emptyOutDir: true, copyPublicDir: false };
  await inProduction(() => build({ logLevel: 'warn', ...config, build: { ...config.build, ...output } }));
  fs.rmSync(target, { recursive: true, force: true });
  fs.renameSync(fresh, target);
  return target;
}

/** Jest sets NODE_ENV to `test`, which Vite would build into the pages. */
async function inProduction(work) {
  const before = process.env.NODE_ENV;
  process.env.NODE_ENV = 'production';
  try {
    await work();
  } finally {
    process.env.NODE_ENV = before;
  }
}
