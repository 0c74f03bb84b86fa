/** The panel beside the sky: where the sound stands, and what it has cost. */

import type { StreamingSound, TimeRange } from '../plugin/index.ts';
import { element } from './page.ts';
import { bytes } from './share.ts';

const REFRESH_MS = 100;

/** Shows the sound that `getSound` gives, for as long as the page lives; a click on the bar seeks. */
export function showStreaming(getSound: () => StreamingSound | undefined): void {
  setInterval(() => {
    const sound = getSound();
    if (sound && !sound.pendingRemove) show(sound);
    else element('state').textContent = sound ? 'over' : 'stopped';
  }, REFRESH_MS);
  element('bar').addEventListener('pointerdown', (event) => {
    const sound = getSound();
    const { left, width } = element('bar').getBoundingClientRect();
    if (sound && !sound.pendingRemove) sound.seek = ((event.clientX - left) / width) * sound.totalDuration;
  });
}

function show(sound: StreamingSound): void {
  const { seek, totalDuration, stats } = sound;
  element('state').textContent = stats?.waitsFor ? `waiting, about ${Math.ceil(stats.waitsFor)} s` : sound.state;
  element('position').textContent = clock(seek);
  element('duration').textContent = clock(totalDuration);
  drawRanges('played', [[0, seek]], totalDuration);
  drawRanges('buffered', sound.buffered, totalDuration);
  drawRanges('cached', sound.cached, totalDuration);
  if (!stats) return;
  element('requests').textContent = String(stats.requests);
  element('received').textContent = bytes(stats.bytesReceived);
  element('from-cache').textContent = bytes(stats.bytesFromCache);
  if (stats.requestedAt !== undefined && stats.firstSoundAt !== undefined) {
    element('first-sound').textContent = `${Math.round(stats.firstSoundAt - stats.requestedAt)} ms after the press`;
  }
}

function drawRanges(id: string, ranges: readonly TimeRange[], duration: number): void {
  const percent = (seconds: number): string => `${duration > 0 ? (100 * seconds) / duration : 0}%`;
  const pieces = ranges.map(([start, end]) => {
    const piece = document.createElement('i');
    piece.style.left = percent(start);
    piece.style.width = percent(end - start);
    return piece;
  });
  element(id).replaceChildren(...pieces);
}

/** Seconds as minutes, seconds and tenths. */
function clock(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  const rest = (seconds % 60).toFixed(1).padStart(4, '0');
  return `${Math.floor(seconds / 60)}:${rest}`;
}
