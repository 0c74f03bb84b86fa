import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build, defineConfig, type Plugin, type UserConfig } from 'vite';
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
    globIgnores: ['examples/**'], // pages to look at once
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

const PAGES = readdirSync(here('demo'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.html'));

/** What the examples fetch by themselves, by its place below `examples/`. */
const EXAMPLE_FILES: Readonly<Record<string, () => Promise<Uint8Array | string>>> = {
  'pack/pack.json': () => readFile(here('demo/examples/pack/pack.json')),
  'script-tag/lib/phaser.min.js': () => readFile(here('node_modules/phaser/dist/phaser.min.js')),
  'script-tag/lib/howler.min.js': () => readFile(here('node_modules/howler/dist/howler.min.js')),
  'script-tag/lib/phaser-streaming-audio.min.js': async () => {
    const options = { ...scriptTag.build, write: false, sourcemap: false };
    const [result] = [await build({ configFile: false, logLevel: 'warn', publicDir: false, build: options })].flat();
    if (!result || !('output' in result)) throw new Error('The script-tag build gave nothing.');
    return result.output[0].code;
  },
};

/** Lays the files beside the examples, which are no part of the app. */
const exampleFiles: Plugin = {
  name: 'example-files',
  enforce: 'post',
  transformIndexHtml: {
    order: 'post',
    handler: (html, { path }) =>
      path.startsWith('/examples/') ? html.replace(/<link rel="manifest"[^>]*>/, '') : html,
  },
  async generateBundle() {
    for (const [file, read] of Object.entries(EXAMPLE_FILES)) {
      this.emitFile({ type: 'asset', fileName: `examples/${file}`, source: await read() });
    }
  },
  configureServer({ middlewares }) {
    for (const [file, read] of Object.entries(EXAMPLE_FILES)) {
      const type = file.endsWith('.js') ? 'text/javascript' : 'application/json';
      middlewares.use(`/examples/${file}`, (_, response, next) => {
        read().then((content) => response.setHeader('Content-Type', type).end(content), next);
      });
    }
  },
};

/** The demo and the examples: `vite` serves them with hot reload, `vite build && vite preview` as a visitor gets them. */
const server = { host: '127.0.0.1', port: Number(process.env['PORT'] ?? 5173), strictPort: true };
const demo: UserConfig = {
  root: here('demo'),
  base: './',
  plugins: [app, withoutServiceWorker, exampleFiles],
  resolve: { alias: { 'phaser-streaming-audio': here('plugin/index.ts') } }, // examples import what users do
  server,
  preview: server,
  build: {
    target,
    outDir: here('dist-demo'),
    emptyOutDir: true,
    sourcemap: true,
    chunkSizeWarningLimit: 2000,
    rolldownOptions: {
      input: PAGES.map((page) => here(`demo/${page}`)),
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
