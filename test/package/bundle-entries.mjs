/**
 * Bundles each entry of `dist/` as a user's bundler would: everything that it exports, dependencies included, Phaser and
 * Howler left out, minified. `npm run size` holds the results to their budgets.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const OUT = path.join(ROOT, 'node_modules/.cache/entry-sizes');

for (const entry of ['index', 'howler', 'core']) {
  await build({
    configFile: false,
    logLevel: 'warn',
    root: ROOT,
    publicDir: false,
    build: {
      target: 'es2022',
      outDir: path.join(OUT, entry),
      emptyOutDir: true,
      modulePreload: false,
      rolldownOptions: {
        input: { [entry]: path.join(ROOT, `dist/${entry}.js`) },
        external: ['phaser', 'howler'],
        preserveEntrySignatures: 'strict',
        output: { entryFileNames: '[name].js' },
      },
    },
  });
}
