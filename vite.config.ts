import { fileURLToPath } from 'node:url';
import { defineConfig, type UserConfig } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const target = 'es2022';

/** `--mode lib`: the three entries of the package, with nothing bundled. */
const lib: UserConfig = {
  publicDir: false,
  build: {
    target,
    outDir: here('dist'),
    emptyOutDir: true,
    sourcemap: true,
    minify: false,
    lib: {
      entry: { index: here('plugin/index.ts'), howler: here('plugin/howler.ts'), core: here('plugin/core.ts') },
      formats: ['es'],
    },
    rolldownOptions: {
      external: ['phaser', 'howler', 'idb-keyval', 'eventemitter3'],
      preserveEntrySignatures: 'allow-extension',
      output: { chunkFileNames: 'chunks/[name].js', minifyInternalExports: false },
    },
  },
};

/** The demo: `vite` serves it with hot reload, `vite build && vite preview` as a visitor gets it. */
const server = { host: '127.0.0.1', port: Number(process.env['PORT'] ?? 5173), strictPort: true };
const demo: UserConfig = {
  root: here('demo'),
  base: './',
  server,
  preview: server,
  build: {
    target,
    outDir: here('dist-demo'),
    emptyOutDir: true,
    sourcemap: true,
    chunkSizeWarningLimit: 2000,
    rolldownOptions: {
      output: { codeSplitting: { groups: [{ name: 'phaser', test: /node_modules[\\/]phaser/ }] } },
    },
  },
};

export default defineConfig(({ mode }) => (mode === 'lib' ? lib : demo));
