/** How much memory the page of a browser takes. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Chromium } from '../support/chromium.ts';
import type { ScriptablePage } from '../support/engine.ts';

/** Lets `rendererBytes` collect garbage. */
export const EXPOSE_GC = '--js-flags=--expose-gc';

const READINGS = 5;
const BETWEEN_MS = 1000; // what is freed goes back to the system by and by

/** The least proportional set size of the browser's renderers in some readings, garbage collected before each. */
export async function rendererBytes(chromium: Chromium, page: ScriptablePage): Promise<number> {
  const devtools = await chromium.context.browser()?.newBrowserCDPSession();
  if (devtools === undefined) throw new Error('This context has no browser.');
  const { processInfo } = await devtools.send('SystemInfo.getProcessInfo');
  await devtools.detach();
  const renderers = processInfo.filter(({ type }) => type === 'renderer');
  const readings: number[] = [];
  while (readings.length < READINGS) {
    await page.evaluate(() => (globalThis as unknown as { gc: () => void }).gc());
    await sleep(BETWEEN_MS);
    readings.push(renderers.reduce((sum, { id }) => sum + proportionalBytes(id), 0)); // no other page changes
  }
  return Math.min(...readings);
}

function proportionalBytes(pid: number): number {
  const [, kilobytes] = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}
