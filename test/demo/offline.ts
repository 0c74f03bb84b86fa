/** The demo without its server: a visit that keeps a track, and one that has nothing but what was kept. */
import { expect } from '@jest/globals';
import type { StreamingSound } from '../../plugin/index.ts';
import { mountDemo } from '../support/demo.ts';
import type { Engine, EnginePage } from '../support/engine.ts';
import { type RangeServer, startRangeServer } from '../support/range-server.ts';
import { makeWav } from '../support/wav.ts';

const TRACK = '/short.wav';
const TRACK_SECONDS = 4; // longer than any engine buffers before it starts
const SLOW = { timeoutMs: 20_000 }; // a busy machine included

export interface Site {
  readonly server: RangeServer;
  /** The page with a short track of its own. */
  readonly page: string;
  readonly track: string;
}

export async function startSite(): Promise<Site> {
  const server = await startRangeServer({ [TRACK]: makeWav({ seconds: TRACK_SECONDS }) });
  mountDemo(server);
  const { url } = server;
  return { server, page: `${url}/?url=${encodeURIComponent(TRACK)}`, track: url + TRACK };
}

/** Presses Up, keeps the track for offline, and waits until that and the page are whole. */
export async function keepTrack(engine: Engine, site: Site): Promise<void> {
  const page = await engine.open(site.page);
  await page.until(isBooted, undefined, SLOW);
  await page.press('ArrowUp');
  await page.until(() => document.querySelector('#tracks .keep') !== null, undefined, SLOW);
  await page.click('#tracks .keep');
  await page.until(isKept, undefined, SLOW);
  await page.until(() => navigator.serviceWorker.controller !== null, undefined, SLOW);
}

/** Shows that the page says what it is, and that Up plays the track to its end. */
export async function playOffline(page: EnginePage, site: Site): Promise<void> {
  await page.goto(site.page);
  await page.until(isBooted, undefined, SLOW);
  await page.until(() => document.querySelector<HTMLElement>('#offline')?.hidden === false, undefined, SLOW);
  expect(await page.evaluate(() => document.querySelector('#offline')?.textContent)).toMatch(/^Offline/);
  await page.until(isKept, undefined, SLOW);

  await page.press('ArrowUp');
  await page.until(hasMusicPast, TRACK_SECONDS - 0.5, SLOW);
  await page.until(() => document.querySelector('#state')?.textContent === 'over', undefined, SLOW);
  expect(await page.evaluate(() => document.querySelector<HTMLElement>('#problem')?.hidden)).toBe(true);
  const printed = await page.evaluate(() => document.querySelector('#printed')?.textContent?.split('\n'));
  // Each frame of a press that finds it playing says so: on a busy machine a press may last for some.
  expect(printed?.filter((line) => line !== 'busy')).toEqual([
    'play',
    `streamHTTP() - Fetching URL [${site.track}]`,
    'streamHTTP() - Response Status [200] / [OK] (from cache)',
  ]);
}

export function isBooted(): boolean | undefined {
  return window.game?.scene.isActive('MusicStreamer');
}

/** True where the panel says that its first track is whole, and kept. */
function isKept(): boolean {
  const bar = document.querySelector<HTMLProgressElement>('#tracks progress');
  return bar?.value === bar?.max && document.querySelector('#tracks .keep')?.ariaPressed === 'true';
}

function hasMusicPast(seconds: number): boolean {
  const [music] = window.game.sound.getAllPlaying<StreamingSound>();
  return music !== undefined && music.seek > seconds;
}
