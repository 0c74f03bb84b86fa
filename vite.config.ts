import { fileURLToPath } from 'node:url';
import { defineConfig, type UserConfig } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const target = 'es2022';

/**
 * `--mode lib`: the three entries of the package, with nothing bundled. What entries share lies in two chunks, so that
 * an entry exports its public names alone, and a page that imports two of them has each class once.
 */
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
      preserveEntrySignatures: 'strict',
      output: {
        chunkFileNames: 'chunks/[name].js',
        minifyInternalExports: false,
        codeSplitting: {
          groups: [
            { name: 'source', test: /plugin[\\/](errors|source[\\/])/ },
            { name: 'playback', test: /plugin[\\/](media|playback|howler)[\\/]/ },
          ],
        },
      },
    },
  },
};

/** `--mode script-tag`: everything for `<script>` users in one file, which finds Phaser and Howler on the page. */
const scriptTag: UserConfig = {
  publicDir: false,
  build: {
    target,
    outDir: here('dist'),
    emptyOutDir: false,
    sourcemap: true,
    lib: {
      entry: here('plugin/index.ts'),
      name: 'PhaserStreamingAudio',
      formats: ['iife'],
      fileName: () => 'phaser-streaming-audio.min.js',
    },
    rolldownOptions: {
      external: ['phaser', 'howler'],
      // Howler has no object of its own for its names: `Howl` and `Howler` lie on the global one.
      output: { globals: { phaser: 'Phaser', howler: 'globalThis' } },
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

export default defineConfig(({ mode }) => {
  if (mode === 'lib') return lib;
  return mode === 'script-tag' ? scriptTag : demo;
});
