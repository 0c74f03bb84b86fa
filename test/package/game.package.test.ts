import { cp } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { StreamingHowl } from '../../plugin/howler.ts';
import { alignRecording } from '../support/align-recording.ts';
import { type Chromium, launchChromium, type TestPage } from '../support/chromium.ts';
import { setContextRate } from '../support/media-tap.ts';
import { type RangeServer, startRangeServer } from '../support/range-server.ts';
import { installRecorder, readRecording } from '../support/recorder.ts';
import { makeWav, samplesOf } from '../support/wav.ts';
import { installProject, type InstalledProject } from './installed-project.ts';
import { publicNames } from './public-names.ts';

const INSTALL_TIMEOUT_MS = 300_000; // 150 MB from the registry, the first time
const RATE = 44_100;
const EXAMPLES = path.join(import.meta.dirname, '../../demo/examples');
const PLAYER_BYTES = 200_000; // Howler and ours, minified; Phaser is 1.3 MB
const theme = makeWav({ seconds: 3, sampleRate: RATE });

/** What the scripts put on the page, and what Howler keeps of the sounds there. */
interface Globals {
  readonly PhaserStreamingAudio: object;
  readonly Howler: { readonly _howls: readonly object[] };
}

let chromium: Chromium;

beforeAll(async () => {
  chromium = await launchChromium();
  await installRecorder(chromium);
  await setContextRate(chromium, RATE);
});

afterAll(() => chromium.close());

describe.each(['4.2.1', '3.90.0'])('a game with Phaser %s', (version) => {
  let project: InstalledProject;
  let server: RangeServer;

  beforeAll(async () => {
    project = await installProject('game', { versions: { phaser: version } });
    await cp(EXAMPLES, project.path('examples'), { recursive: true }); // compiled with all else
    server = await startRangeServer({ '/': project.folder, '/theme.wav': theme });
  }, INSTALL_TIMEOUT_MS);

  afterAll(async () => {
    await server?.close();
    await project?.dispose();
  });

  test.each(['bundler', 'nodenext', 'node16'])('has the types of every entry, resolved as %s', async (resolution) => {
    const module = resolution === 'bundler' ? 'esnext' : resolution;
    await project.run('tsc', '--module', module, '--moduleResolution', resolution);
  });

  describe('built by Vite', () => {
    beforeAll(async () => {
      await project.run('vite', 'build');
    }, INSTALL_TIMEOUT_MS);

    test('plays', async () => {
      await expectMusic(await chromium.open(`${server.url}/dist/index.html`), version);
    });

    test('plays through Howler alone on a page that loads no Phaser', async () => {
      server.clearLog();
      const page = await chromium.open(`${server.url}/dist/player.html`);
      await page.until(() => (window as { track?: StreamingHowl }).track?.state === 'playing');
      expect(server.bytesWritten()).toBeLessThan(theme.length + PLAYER_BYTES);
      expect(page.errors).toEqual([]);
    });
  });

  test('plays from script tags, beside the globals of Phaser and Howler', async () => {
    const page = await chromium.open(`${server.url}/script-tag.html`);
    await expectMusic(page, version);
    const { names, howls } = await page.evaluate(() => {
      const { PhaserStreamingAudio, Howler } = window as unknown as Globals;
      return { names: Object.keys(PhaserStreamingAudio), howls: Howler._howls.length };
    });
    expect(names.toSorted()).toEqual(Object.keys(publicNames(project.declarations('index'), 'values')).toSorted());
    expect(howls).toBe(1);
  });
});

/** The theme is heard, bit by bit, through the Phaser that was asked for. */
async function expectMusic(page: TestPage, phaserVersion: string): Promise<void> {
  await page.until(() => window.game?.isBooted);
  const tap = await page.evaluate(() => {
    if (!('context' in window.game.sound)) throw new Error('Phaser has no Web Audio here.');
    return window.recorder.attach(window.game.sound.context.destination);
  });
  await page.until(() => window.sound?.seek > 1);
  const heard = alignRecording(await readRecording(page, tap), samplesOf(theme));
  expect(heard).toMatchObject({ firstFrame: expect.any(Number), differences: 0, gaps: [] });
  expect(heard.soundingFrames).toBeGreaterThan(0.3 * RATE);
  expect(page.consoleLines.join()).toContain(`Phaser v${phaserVersion} `);
  expect(page.errors).toEqual([]);
}
