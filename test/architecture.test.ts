/** Holds `plugin/` to its floors and doors (docs/architecture.md). Each rule is also shown to fail on a wrong tree. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import * as rules from './support/architecture-rules.ts';
import type { Architecture, Rule, SourceTree } from './support/architecture-rules.ts';

const ARCHITECTURE: Architecture = {
  sees: {
    'errors.ts': [],
    'source/': ['errors.ts'],
    'media/': ['errors.ts'],
    'playback/': ['errors.ts', 'source/', 'media/'],
    'howler/': ['errors.ts', 'playback/'],
    'phaser/': ['errors.ts', 'playback/', 'howler/'],
    'core.ts': ['errors.ts', 'source/', 'media/', 'playback/'],
    'howler.ts': ['errors.ts', 'source/', 'media/', 'playback/', 'howler/', 'core.ts'],
    'index.ts': ['errors.ts', 'source/', 'media/', 'playback/', 'howler/', 'phaser/', 'core.ts', 'howler.ts'],
  },
  entries: ['core.ts', 'howler.ts', 'index.ts'],
  entryExceptions: ["export * from './core.ts'", "export * from './howler.ts'", "import './phaser/augment.ts'"],
  doors: [
    { through: 'source/origin-server.ts', names: ['fetch', 'XMLHttpRequest'] },
    { through: 'source/idb-table.ts', names: ['indexedDB'], packages: ['idb-keyval'] },
    {
      through: 'playback/attached-buffer.ts',
      names: ['MediaSource', 'ManagedMediaSource', 'URL.createObjectURL', 'URL.revokeObjectURL'],
    },
    { through: 'howler/owned-howl.ts', names: ['Howl', 'Howler'], packages: ['howler'] },
    { through: 'phaser/', names: ['Phaser'], packages: ['phaser'] },
  ],
  openPackages: ['eventemitter3'],
  pure: [
    'errors.ts',
    'media/',
    'source/content-range.ts',
    'source/block-store.ts',
    'source/eviction.ts',
    'source/read-ahead.ts',
    'source/known-tracks.ts',
    'source/recent-blocks.ts',
    'source/tally.ts',
    'playback/buffer-window.ts',
    'playback/play-plan.ts',
    'playback/seek-pace.ts',
    'playback/segment.ts',
    'playback/start-policy.ts',
    'playback/timeline.ts',
    'playback/track-times.ts',
    'howler/fade-curve.ts',
  ],
  impureNames: [
    'clearInterval',
    'clearTimeout',
    'console',
    'crypto',
    'Date',
    'document',
    'fetch',
    'globalThis',
    'indexedDB',
    'localStorage',
    'location',
    'Math.random',
    'navigator',
    'performance',
    'queueMicrotask',
    'requestAnimationFrame',
    'self',
    'setInterval',
    'setTimeout',
    'window',
    'XMLHttpRequest',
  ],
};

const RULES: readonly (readonly [string, Rule])[] = Object.entries(rules);

describe('the plugin', () => {
  const plugin = readTree(path.join(import.meta.dirname, '../plugin'));

  test('has sources to look at', () => {
    expect(Object.keys(plugin)).toContain('errors.ts');
  });

  test.each(RULES)('keeps to %s', (_, rule) => {
    expect(rule(plugin, ARCHITECTURE)).toEqual([]);
  });
});

describe('a tree that keeps to every rule', () => {
  const tree: SourceTree = {
    'errors.ts': 'export class OddError extends Error {}',
    'media/crc.ts': "import { OddError } from '../errors.ts'; export const crc = (window: number[]) => window.length;",
    'source/origin-server.ts': 'export const get = (url: string) => fetch(url);',
    'source/reader.ts': `// fetch(url) and indexedDB in a comment
      import { get } from './origin-server.ts';
      export const read = (options: { fetch?: typeof fetch }) => options.fetch ?? get('indexedDB');`,
    'playback/queue.ts': 'export const attach = (source: MediaSource): MediaSource => source as MediaSource;',
    'howler/owned-howl.ts': "import { Howl } from 'howler'; import { attach } from '../playback/queue.ts';",
    'phaser/sound.ts': "import * as Phaser from 'phaser'; import type {} from '../howler/owned-howl.ts';",
    'core.ts': "export { read } from './source/reader.ts'; export type { OddError } from './errors.ts';",
    'index.ts': "import './phaser/augment.ts'; export * from './core.ts';",
  };

  test.each(RULES)('has nothing against %s', (_, rule) => {
    expect(rule(tree, ARCHITECTURE)).toEqual([]);
  });
});

describe('violations are found', () => {
  const WRONG: readonly { readonly rule: Rule; readonly file: string; readonly source: string }[] = [
    { rule: rules.floors, file: 'source/a.ts', source: "import { x } from '../media/crc.ts';" },
    { rule: rules.floors, file: 'howler/a.ts', source: "import type { X } from '../source/b.ts';" },
    { rule: rules.floors, file: 'media/a.ts', source: "export { x } from '../playback/b.ts';" },
    { rule: rules.floors, file: 'phaser/a.ts', source: "const x = await import('../source/b.ts');" },
    { rule: rules.floors, file: 'phaser/a.ts', source: "let x: import('../media/b.ts').X;" },
    { rule: rules.floors, file: 'errors.ts', source: "export * from './source/b.ts';" },
    { rule: rules.floors, file: 'core.ts', source: "export { x } from './howler/b.ts';" },
    { rule: rules.floors, file: 'extra/a.ts', source: '' },
    { rule: rules.doors, file: 'source/a.ts', source: 'await fetch(url);' },
    { rule: rules.doors, file: 'source/a.ts', source: 'const get = options.get ?? globalThis.fetch;' },
    { rule: rules.doors, file: 'source/a.ts', source: 'const get = (globalThis as Loose).fetch;' },
    { rule: rules.doors, file: 'source/a.ts', source: "const get = window['fetch'];" },
    { rule: rules.doors, file: 'playback/a.ts', source: 'const { MediaSource: Source } = globalThis as Loose;' },
    { rule: rules.doors, file: 'playback/a.ts', source: 'const { MediaSource } = window;' },
    { rule: rules.doors, file: 'source/a.ts', source: 'const shared = { fetch };' },
    { rule: rules.doors, file: 'playback/a.ts', source: 'new MediaSource();' },
    { rule: rules.doors, file: 'playback/a.ts', source: 'const url = URL.createObjectURL(blob)!;' },
    { rule: rules.doors, file: 'playback/a.ts', source: 'if (source instanceof (ManagedMediaSource as never)) {}' },
    { rule: rules.doors, file: 'source/a.ts', source: 'class A { open = () => [...[indexedDB.open(name)]]; }' },
    { rule: rules.doors, file: 'source/a.ts', source: "import { get } from 'idb-keyval';" },
    { rule: rules.doors, file: 'howler/a.ts', source: "import type { Howl } from 'howler';" },
    { rule: rules.doors, file: 'howler/a.ts', source: "import { Scene } from 'phaser';" },
    { rule: rules.doors, file: 'source/a.ts', source: "import { x } from 'left-pad';" },
    { rule: rules.cycles, file: 'media/a.ts', source: "import { b } from './a.ts';" },
    { rule: rules.purity, file: 'media/a.ts', source: 'const now = Date.now();' },
    { rule: rules.purity, file: 'media/a.ts', source: 'setTimeout(() => {}, 1);' },
    { rule: rules.purity, file: 'playback/timeline.ts', source: 'const seen = performance.now();' },
    { rule: rules.purity, file: 'source/eviction.ts', source: 'const lucky = Math.random();' },
    { rule: rules.purity, file: 'source/read-ahead.ts', source: "import { EventEmitter } from 'eventemitter3';" },
    { rule: rules.purity, file: 'errors.ts', source: "export const isWeb = typeof window !== 'undefined';" },
    { rule: rules.entryLists, file: 'core.ts', source: 'export const x = 1;' },
    { rule: rules.entryLists, file: 'core.ts', source: "export * from './source/b.ts';" },
    { rule: rules.entryLists, file: 'index.ts', source: "import { x } from './core.ts'; x();" },
    { rule: rules.fileNames, file: 'source/blockCache.ts', source: '' },
    { rule: rules.fileNames, file: 'source/Block.ts', source: '' },
    { rule: rules.fileNames, file: 'source/utils.ts', source: '' },
    { rule: rules.fileNames, file: 'helpers/block.ts', source: '' },
    { rule: rules.importEndings, file: 'source/a.ts', source: "import { x } from './b';" },
    { rule: rules.importEndings, file: 'source/a.ts', source: "export { x } from './b.js';" },
  ];

  test.each(WRONG)('$file: $source', ({ rule, file, source }) => {
    expect(rule({ [file]: source }, ARCHITECTURE)).not.toEqual([]);
  });

  test('a file of 301 lines', () => {
    expect(rules.fileLengths({ 'source/a.ts': 'x;\n'.repeat(301) }, ARCHITECTURE)).toHaveLength(1);
    expect(rules.fileLengths({ 'source/a.ts': 'x;\n'.repeat(300) }, ARCHITECTURE)).toEqual([]);
  });

  test('a cycle over three files, one of them by a type', () => {
    const tree = {
      'source/a.ts': "import { b } from './b.ts';",
      'source/b.ts': "import type { C } from './c.ts';",
      'source/c.ts': "export { a } from './a.ts';",
      'source/d.ts': "import { a } from './a.ts';",
    };
    expect(rules.cycles(tree, ARCHITECTURE)).toHaveLength(3);
  });
});

function readTree(folder: string): SourceTree {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  return Object.fromEntries(files.map((file) => [file, readFileSync(path.join(folder, file), 'utf8')]));
}
