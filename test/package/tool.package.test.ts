import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { type RangeServer, startRangeServer } from '../support/range-server.ts';
import { pseudoRandomBytes } from '../support/served-content.ts';
import { installProject, type InstalledProject } from './installed-project.ts';
import { publicNames } from './public-names.ts';

const INSTALL_TIMEOUT_MS = 300_000;
const content = pseudoRandomBytes(1_000_000);

let project: InstalledProject;
let server: RangeServer;

beforeAll(async () => {
  project = await installProject('tool');
  server = await startRangeServer({ '/file': content });
}, INSTALL_TIMEOUT_MS);

afterAll(async () => {
  await server?.close();
  await project?.dispose();
});

test('the package holds its builds and nothing else', async () => {
  const files = await project.packageFiles();
  expect(files.filter((file) => !file.startsWith('dist/types/'))).toEqual([
    'LICENSE',
    'README.md',
    'dist/chunks/playback.js',
    'dist/chunks/playback.js.map',
    'dist/chunks/source.js',
    'dist/chunks/source.js.map',
    'dist/core.js',
    'dist/howler.js',
    'dist/index.js',
    'dist/index.js.map',
    'dist/phaser-streaming-audio.min.js',
    'dist/phaser-streaming-audio.min.js.map',
    'package.json',
  ]);
  expect(files.filter((file) => file.startsWith('dist/types/') && !file.endsWith('.d.ts'))).toEqual([]);
});

test('a tool in Node type-checks without the types of the web', async () => {
  await project.run('tsc', '--noEmit');
});

test('a tool in Node reads a file, with neither Phaser nor Howler installed', async () => {
  expect(['phaser', 'howler'].filter((name) => existsSync(project.path(`node_modules/${name}`)))).toEqual([]);
  await project.run('tsc', '--skipLibCheck');
  const printed = await project.runNode('read-file.js', `${server.url}/file`);
  expect(JSON.parse(printed)).toEqual({
    size: content.length,
    tail: [...content.subarray(-8)],
    status: 404,
    names: Object.keys(publicNames(project.declarations('core'), 'values')).toSorted(),
  });
});
