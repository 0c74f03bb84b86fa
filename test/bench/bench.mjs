/** `npm run bench`: prepares the pages as the browser tests do, bundles the benchmark for Node, and runs it. */
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'vite';
import globalSetup from '../support/global-setup.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const OUTPUT = path.join(HERE, '../../node_modules/.cache/bench');
const PAGES = path.join(OUTPUT, 'harness');

/** A bundle lies elsewhere than its sources, which name files beside themselves. */
const keepDirnames = {
  name: 'keep-dirnames',
  transform: (code, id) => ({
    code: code.replaceAll('import.meta.dirname', JSON.stringify(path.dirname(id))),
    map: null, // no line moves
  }),
};

await globalSetup();
// The tests' harness page carries its sources and is not minified: a load of it would take longer than most figures.
await build({
  configFile: false,
  logLevel: 'warn',
  root: path.join(HERE, '../support/harness'),
  base: './',
  build: { target: 'es2022', outDir: PAGES, emptyOutDir: true, chunkSizeWarningLimit: 10_000 },
});
process.env.TEST_HARNESS = PAGES;
await build({
  configFile: false,
  logLevel: 'warn',
  build: {
    target: 'es2022',
    outDir: path.join(OUTPUT, 'page'),
    emptyOutDir: true,
    lib: { entry: path.join(HERE, 'page/cache-bench.ts'), formats: ['iife'], name: 'page', fileName: () => 'cache.js' },
  },
});
process.env.BENCH_CACHE_PAGE = path.join(OUTPUT, 'page/cache.js');
await build({
  configFile: false,
  logLevel: 'warn',
  root: HERE,
  plugins: [keepDirnames],
  build: {
    ssr: true,
    target: 'node20',
    minify: false,
    sourcemap: 'inline',
    outDir: path.join(OUTPUT, 'node'),
    emptyOutDir: true,
    rolldownOptions: {
      input: { main: path.join(HERE, 'main.ts'), 'file-server': path.join(HERE, 'file-server.ts') },
    },
  },
});
const { main } = await import(pathToFileURL(path.join(OUTPUT, 'node/main.js')).href);
await main(process.argv.slice(2));
