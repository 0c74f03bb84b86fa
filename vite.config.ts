import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin, type UserConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';

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

/**
 * The demo as an app: its service worker answers for the files of the page, and for nothing else. Tracks are left alone:
 * the plugin keeps them, in blocks.
 */
const app = VitePWA({
  registerType: 'autoUpdate',
  manifest: {
    name: 'Music Streamer',
    short_name: 'Music',
    description: 'Streams a remote WAV into a Phaser game, and keeps it for offline.',
    theme_color: '#a1fffe',
    background_color: '#f4faf9',
    icons: [
      { src: 'icon.svg', sizes: 'any', type: 'image/svg+xml' },
      { src: 'icon.png', sizes: '512x512', type: 'image/png' },
      { src: 'icon.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
    ],
  },
  workbox: {
    globPatterns: ['**/*.{html,css,js,svg,png}'],
    ignoreURLParametersMatching: [/^url$/], // the page of every track is the same
    navigateFallback: null, // no other address is the page's
  },
});

/** Sends the service worker home that the built demo has left on this port: it would hide the sources from `vite`. */
const withoutServiceWorker: Plugin = {
  name: 'without-service-worker',
  apply: 'serve',
  configureServer({ middlewares }) {
    const script = `
      addEventListener('install', () => skipWaiting());
      addEventListener('activate', async () => {
        await registration.unregister();
        for (const client of await clients.matchAll()) client.navigate(client.url);
      });`;
    middlewares.use('/sw.js', (_, response) => response.setHeader('Content-Type', 'text/javascript').end(script));
  },
};

/** The demo: `vite` serves it with hot reload, `vite build && vite preview` as a visitor gets it. */
const server = { host: '127.0.0.1', port: Number(process.env['PORT'] ?? 5173), strictPort: true };
const demo: UserConfig = {
  root: here('demo'),
  base: './',
  plugins: [app, withoutServiceWorker],
  server,
  preview: server,
  build: {
    target,
    outDir: here('dist-demo'),
    emptyOutDir: true,
    sourcemap: true,
    chunkSizeWarningLimit: 2000,
    rolldownOptions: {
      output: {
        codeSplitting: { groups: [{ name: 'phaser', test: /node_modules[\\/]phaser/ }] },
        // The manifest names the icons.
        assetFileNames: ({ names }) =>
          names[0]?.startsWith('icon.') ? '[name][extname]' : 'assets/[name]-[hash][extname]',
      },
    },
  },
};

export default defineConfig(({ mode }) => {
  if (mode === 'lib') return lib;
  return mode === 'script-tag' ? scriptTag : demo;
});
