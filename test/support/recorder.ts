/** Records, sample by sample, what reaches a node of a page's Web Audio graph. The comparison is `align-recording.ts`. */
import type { Chromium } from './chromium.ts';
import type { ScriptablePage } from './engine.ts';
import { pageScript } from './page-script.ts';

/** What a page's tap has heard, in stereo. */
export interface Recording {
  readonly sampleRate: number;
  readonly left: Float32Array;
  readonly right: Float32Array;
}

const FRAMES_A_MESSAGE = 2 ** 18; // 1.4 MB of base64: far below what DevTools carries at once
const MESSAGE_TIMEOUT_MS = 30_000; // a busy machine included

/** Puts `window.recorder` into every page opened from now on, before its own scripts run. */
export async function installRecorder(chromium: Chromium): Promise<void> {
  await chromium.context.addInitScript({ content: pageScript('recorder.ts') });
}

/** Fetches what a tap has heard so far; it goes on recording. */
export async function readRecording(page: ScriptablePage, tap: number): Promise<Recording> {
  const { sampleRate, frames } = await page.evaluate((id) => window.recorder.measure(id), tap);
  const left = await readChannel(page, tap, 0, frames);
  const right = await readChannel(page, tap, 1, frames);
  return { sampleRate, left, right };
}

async function readChannel(page: ScriptablePage, tap: number, channel: number, frames: number): Promise<Float32Array> {
  const samples = new Float32Array(frames);
  for (let start = 0; start < frames; start += FRAMES_A_MESSAGE) {
    const end = Math.min(start + FRAMES_A_MESSAGE, frames);
    const range = { tap, channel, start, end };
    const read = (asked: typeof range): string =>
      window.recorder.read(asked.tap, asked.channel, asked.start, asked.end);
    const bytes = Buffer.from(await page.evaluate(read, range, { timeoutMs: MESSAGE_TIMEOUT_MS }), 'base64');
    samples.set(new Float32Array(Uint8Array.from(bytes).buffer), start);
  }
  return samples;
}
