import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { StreamingSound } from '../../plugin/index.ts';
import { alignRecording } from '../support/align-recording.ts';
import { type Chromium, launchChromium, type TestPage } from '../support/chromium.ts';
import {
  mountDemo,
  openDemo,
  printedLines,
  TRACK_PATH,
  TRACK_RATE,
  trackBytes,
  trackSamples,
  trackSize,
} from '../support/demo.ts';
import { readIndexedDb, sha256Of } from '../support/idb.ts';
import { decodeSegments, installMediaTap, setContextRate } from '../support/media-tap.ts';
import { type RangeServer, startRangeServer } from '../support/range-server.ts';
import { installRecorder, readRecording } from '../support/recorder.ts';
import type { WavSamples } from '../support/wav.ts';

const BLOCK_BYTES = 256 * 2 ** 10;

let chromium: Chromium;
let server: RangeServer;
let page: TestPage;

beforeAll(async () => {
  server = await startRangeServer();
  mountDemo(server);
});

afterAll(() => server.close());

beforeEach(async () => {
  chromium = await launchChromium();
  await installMediaTap(chromium);
  await installRecorder(chromium);
  await setContextRate(chromium, TRACK_RATE);
  page = await openDemo(chromium, server);
  server.clearLog();
});

afterEach(async () => {
  expect(page.errors).toEqual([]);
  await chromium.close();
});

const recordDestination = (): Promise<number> => {
  if (!('context' in window.game.sound)) throw new Error('Phaser has no Web Audio here.');
  return window.recorder.attach(window.game.sound.context.destination);
};

const hasPlayed = (seconds: number): boolean =>
  window.mediaTap.elements.some(({ currentTime }) => currentTime > seconds);

/** The number that the scene's only object shows. */
const ticks = (): number => {
  const [counter] = window.game.scene.getScene('MusicStreamer').children.list as { text?: string }[];
  return Number(counter?.text);
};

function trackRequests(): typeof server.log {
  return server.log.filter(({ path }) => path === TRACK_PATH);
}

describe('the sky', () => {
  test('is 400 × 400, plain sky blue but for a black counter that runs', async () => {
    expect(await page.page.title()).toBe('Music Streamer');
    const before = await page.until(ticks);
    const look = await page.evaluate(() => {
      const canvas = document.querySelector('canvas');
      const pixels = canvas?.getContext('2d')?.getImageData(0, 0, 400, 400).data ?? new Uint8ClampedArray();
      const outside: number[] = [];
      let darkest = 255;
      for (let i = 0; i < pixels.length; i += 4) {
        const [x, y] = [(i / 4) % 400, Math.floor(i / 4 / 400)];
        const [r = 0, g = 0, b = 0] = pixels.slice(i, i + 3);
        const isSky = r === 161 && g === 255 && b === 254;
        if (!isSky && (x < 32 || x > 200 || y < 32 || y > 80)) outside.push(i);
        darkest = Math.min(darkest, r + g + b);
      }
      return { width: canvas?.width, height: canvas?.height, outside: outside.length, darkest };
    });
    expect(look).toEqual({ width: 400, height: 400, outside: 0, darkest: 0 });
    expect(await page.until(ticks)).toBeGreaterThan(before);
  });
});

describe('one press of Up', () => {
  test('prints what the PyGame sample prints, and is heard, sample for sample, with little of the file fetched', async () => {
    const tap = await page.evaluate(recordDestination);
    await page.press('ArrowUp');
    await page.until(hasPlayed, 0.5, { timeoutMs: 2000 });

    expect(printedLines(page)).toEqual([
      'play',
      `streamHTTP() - Fetching URL [${server.url}${TRACK_PATH}]`,
      'streamHTTP() - Response Status [206] / [Partial Content]',
    ]);
    expect(await page.page.textContent('#printed')).toBe(printedLines(page).join('\n'));
    expect(server.bytesWritten(TRACK_PATH)).toBeLessThan(0.08 * trackSize());

    const beginning = trackSamples(0, 10 * TRACK_RATE);
    const heard = alignRecording(await readRecording(page, tap), beginning);
    expect(heard).toMatchObject({ firstFrame: firstSounding(beginning), differences: 0, gaps: [] });
    expect(heard.soundingFrames).toBeGreaterThan(0.3 * TRACK_RATE);

    const decoded = await decodeSegments(page, TRACK_RATE);
    expect(decoded.length).toBeGreaterThan(2 * TRACK_RATE);
    const file = trackBytes(112, 112 + decoded.byteLength);
    expect(Buffer.from(decoded.buffer).equals(file)).toBe(true);

    await page.press('ArrowUp');
    await page.until(() => document.querySelector('#printed')?.textContent?.endsWith('busy'));
    expect(printedLines(page).filter((line) => line === 'play')).toHaveLength(1);
  });

  test('starts from IndexedDB after a reload, and asks for no byte that is there', async () => {
    await page.press('ArrowUp');
    await page.until(hasPlayed, 0.5);
    const before = await storedBlocksOnceThereAre(2);
    for (const { index, bytes } of before) {
      const file = trackBytes(index * BLOCK_BYTES, (index + 1) * BLOCK_BYTES);
      expect(bytes).toEqual({
        kind: 'ArrayBuffer',
        byteLength: file.length,
        storedByteLength: file.length,
        sha256: sha256Of(file),
      });
    }

    await page.goto(`${server.url}/`);
    await page.until(() => window.game?.scene.isActive('MusicStreamer'));
    const stored = new Set((await storedBlocks()).map(({ index }) => index));
    server.clearLog();
    page.consoleLines.length = 0;
    await page.press('ArrowUp');
    await page.until(hasPlayed, 0.5);
    expect(printedLines(page)).toEqual([
      'play',
      `streamHTTP() - Fetching URL [${server.url}${TRACK_PATH}]`,
      'streamHTTP() - Response Status [200] / [OK] (from cache)',
    ]);
    for (const { method, range } of trackRequests()) {
      expect(method === 'HEAD' || (range && !stored.has(Math.floor(range.start / BLOCK_BYTES)))).toBe(true);
    }
  });

  test('a click on the sky does what Up does', async () => {
    await page.click('canvas');
    await page.until(hasPlayed, 0.2);
    expect(printedLines(page)[0]).toBe('play');
  });
});

test('a seek to 300 s is heard from its first sample, for two requests and a megabyte at most', async () => {
  await page.press('ArrowUp');
  await page.until(hasPlayed, 1);
  const tap = await page.evaluate(recordDestination);
  await new Promise((resolve) => setTimeout(resolve, 1000)); // until what belongs to the start has been read
  const [requestsBefore, bytesBefore] = [trackRequests().length, server.bytesWritten(TRACK_PATH)];

  const sought = await page.evaluate(async () => {
    const [sound] = window.game.sound.getAllPlaying<StreamingSound>();
    if (!sound) throw new Error('Nothing plays.');
    const heard = new Promise((resolve) => sound.once('playing', resolve));
    sound.seek = 300;
    await heard;
    return sound.stats;
  });
  expect(trackRequests().length - requestsBefore).toBeLessThanOrEqual(2);
  expect(server.bytesWritten(TRACK_PATH) - bytesBefore).toBeLessThanOrEqual(2 ** 20);
  expect(sought?.tier).toBe('media-source');

  await page.until(hasPlayed, 300.3);
  const { left, right, sampleRate } = await readRecording(page, tap);
  const target = trackSamples(300 * TRACK_RATE, TRACK_RATE);
  const start = seamBefore(left, target.channels[0]);
  const after = { sampleRate, left: left.slice(start), right: right.slice(start) };
  expect(alignRecording(after, target)).toMatchObject({ firstFrame: 0, differences: 0 });
});

/** The first frame that is not all zeros. */
function firstSounding({ channels, frames }: WavSamples): number {
  return Array.from({ length: frames }, (_, i) => channels.some((channel) => channel[i] !== 0)).indexOf(true);
}

/** Where in a recording the target's first 64 samples begin. */
function seamBefore(left: Float32Array, target: Int32Array | undefined): number {
  const heard = Int32Array.from(left, (x) => Math.round(x * (x < 0 ? 32_768 : 32_767)));
  const opening = target?.subarray(0, 64) ?? new Int32Array();
  return heard.findIndex((_, i) => opening.every((sample, k) => heard[i + k] === sample));
}

/** Blocks are written behind playback. */
async function storedBlocksOnceThereAre(count: number): ReturnType<typeof storedBlocks> {
  for (let tries = 0; tries < 20; tries++) {
    const blocks = await storedBlocks();
    if (blocks.length >= count) return blocks;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`IndexedDB has not come to hold ${count} blocks.`);
}

async function storedBlocks(): Promise<{ index: number; bytes: unknown }[]> {
  const records = await readIndexedDb(page);
  return records.flatMap(({ key, bytes }) =>
    bytes && Array.isArray(key) ? [{ index: Number(key.at(-1)), bytes }] : [],
  );
}
