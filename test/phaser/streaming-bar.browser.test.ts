import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { StreamingBar } from '../../plugin/index.ts';
import { type Chromium, launchChromium, type TestPage } from '../support/chromium.ts';
import { addSound, mountHarness } from '../support/game.ts';
import { type RangeServer, startRangeServer } from '../support/range-server.ts';
import { makeWav } from '../support/wav.ts';

const PLAYED = '#e4572e';
const BUFFERED = '#2e86ab';
const CACHED = '#b7d3d8';
const BACKGROUND = '#e3eeec';

let chromium: Chromium;
let server: RangeServer;
let page: TestPage;

declare global {
  interface Window {
    bar: StreamingBar;
  }
}

beforeAll(async () => {
  chromium = await launchChromium();
  server = await startRangeServer({ '/theme.wav': makeWav({ seconds: 120 }) });
  mountHarness(server);
});

afterAll(async () => {
  await chromium.close();
  await server.close();
});

/** A game of 400 by 100 pixels with a bar at (50, 20), 300 by 40, and a sound that is not playing yet. */
async function openBar(renderer: 'CANVAS' | 'WEBGL'): Promise<void> {
  page = await chromium.open(`${server.url}/`);
  const { drawn, wanted } = await page.evaluate(async (name) => {
    const { Phaser, bootGame } = window.harness;
    await bootGame({ type: Phaser[name], width: 400, height: 100 });
    return { drawn: window.game.renderer.type, wanted: Phaser[name] };
  }, renderer);
  expect(drawn).toBe(wanted);
  await addSound(page, `/theme.wav?${renderer}`, { buffer: { aheadSeconds: 10 } });
  await page.evaluate(() => {
    const { library } = window.harness;
    const scene = window.game.scene.getScene('scene');
    window.bar = new library.StreamingBar(scene, 50, 20, window.sound, { width: 300, height: 40 });
    scene.add.existing(window.bar);
  });
}

/** The colour at a second of the track, in the bar's upper part or its lower one. */
function colourAt(seconds: number, part: 'upper' | 'lower'): Promise<string> {
  return page.evaluate(
    async ({ x, y }) => {
      await new Promise((resolve) => setTimeout(resolve, 250)); // the bar looks again
      return new Promise<string>((resolve) => {
        window.game.renderer.snapshotPixel(x, y, (colour) => {
          const { color } = colour as Phaser.Display.Color;
          resolve(`#${color.toString(16).padStart(6, '0')}`);
        });
      });
    },
    { x: Math.round(50 + (seconds / 120) * 300), y: part === 'upper' ? 30 : 54 },
  );
}

describe.each(['CANVAS', 'WEBGL'] as const)('a StreamingBar drawn by %s', (renderer) => {
  afterEach(async () => {
    expect(page.errors).toEqual([]);
    await page.close();
  });

  test('shows what is played, buffered and cached, and seeks where it is clicked', async () => {
    await openBar(renderer);
    expect(await colourAt(60, 'upper')).toBe(BACKGROUND);
    await page.evaluate(() => window.sound.play());
    await page.until(() => window.sound.seek > 0.2);

    await page.page.mouse.click(8 + 50 + 75, 8 + 40); // a page's margin is 8 pixels; a quarter of 120 s
    await page.until(() => Math.abs(window.sound.seek - 30) < 2 && window.sound.state === 'playing');
    await page.until(() => window.sound.buffered.some(([, end]) => end > 35));
    await page.evaluate(() => window.sound.pause());
    expect([await colourAt(20, 'upper'), await colourAt(33, 'lower')]).toEqual([PLAYED, BUFFERED]);
    expect([await colourAt(1, 'lower'), await colourAt(100, 'upper')]).toEqual([CACHED, BACKGROUND]);
  });

  test('is empty once its sound is destroyed, and goes with its scene', async () => {
    await openBar(renderer);
    await page.evaluate(() => window.sound.play({ seek: 60 }));
    await page.until(() => window.sound.seek > 60);
    expect(await colourAt(30, 'upper')).toBe(PLAYED);
    await page.evaluate(() => window.sound.destroy());
    expect(await colourAt(30, 'upper')).toBe(BACKGROUND);
    await page.page.mouse.click(8 + 200, 8 + 40);
    await page.evaluate(() => void window.game.scene.stop('scene'));
    await page.until(() => window.bar.scene === undefined);
  });
});
