/** The demo as a visitor meets it: its page and its track on a counting server, its keys, and what it prints. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Chromium, TestPage } from './chromium.ts';
import type { RangeServer } from './range-server.ts';
import type { WavSamples } from './wav.ts';

/** Where the demo's track lies on a server that has the demo mounted at `/`. */
export const TRACK_PATH = '/music/prelude.wav';
export const TRACK_RATE = 44_100;
const TRACK_FILE = path.join(import.meta.dirname, '../../demo/public', TRACK_PATH);
const TRACK_DATA_START = 112; // 16-bit stereo from there on
const FRAME_BYTES = 4;

/** Puts the demo and its track on a server. */
export function mountDemo(server: RangeServer): void {
  const site = process.env['TEST_SITE'];
  if (site === undefined) throw new Error('Only the `browser` tests have the built demo.');
  server.mount('/', site);
  server.mount('/music/', path.dirname(TRACK_FILE));
}

export function trackSize(): number {
  return statSync(TRACK_FILE).size;
}

/** The track's bytes `[start, end)`. */
export function trackBytes(start: number, end: number): Buffer {
  const file = openSync(TRACK_FILE, 'r');
  try {
    const bytes = Buffer.alloc(Math.min(end, trackSize()) - start);
    readSync(file, bytes, 0, bytes.length, start);
    return bytes;
  } finally {
    closeSync(file);
  }
}

/** Some of the track's frames, as if they were a WAV of their own. */
export function trackSamples(firstFrame: number, frames: number): WavSamples {
  const start = TRACK_DATA_START + firstFrame * FRAME_BYTES;
  const bytes = trackBytes(start, start + frames * FRAME_BYTES);
  const channel = (offset: number): Int32Array =>
    Int32Array.from({ length: frames }, (_, i) => bytes.readInt16LE(i * FRAME_BYTES + offset));
  return { sampleRate: TRACK_RATE, bitsPerSample: 16, frames, dataStart: 0, channels: [channel(0), channel(2)] };
}

/** Opens the demo and waits until its scene runs. */
export async function openDemo(chromium: Chromium, server: RangeServer, query = ''): Promise<TestPage> {
  const page = await chromium.open(`${server.url}/${query}`);
  await page.until(() => window.game?.scene.isActive('MusicStreamer'));
  return page;
}

/** What the demo has printed in the console. */
export function printedLines(page: TestPage): string[] {
  return page.consoleLines.filter((line) => line.startsWith('log: ')).map((line) => line.slice('log: '.length));
}
