/**
 * Renders the demo's music, ten minutes of Bach, to `demo/public/music/prelude.wav`; does nothing when it is there.
 *
 *     node demo/track/render-track.mjs
 */
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { mixNotes } from './mix.mjs';
import { planPerformance } from './performance.mjs';
import { addReverb } from './reverb.mjs';
import { SAMPLE_RATE } from './voices.mjs';
import { wavBytes, writeWav } from './wav.mjs';

/** Raise it with any change that is to be heard, so that tracks rendered before are rendered anew. */
const RENDERER_VERSION = 1;

const PEAK = 10 ** (-3 / 20); // -3 dBFS leaves room for resamplers and lossy codecs
const FADE_SECONDS = 2;

const FOLDER = fileURLToPath(new URL('../public/music/', import.meta.url));
const TRACK = `${FOLDER}prelude.wav`;
const STAMP = `${FOLDER}prelude.version`;

const performance = planPerformance();
const frames = Math.round(performance.duration * SAMPLE_RATE);

if (await isRendered()) {
  console.log('The music is already there: demo/public/music/prelude.wav');
} else {
  await renderTrack();
}

async function isRendered() {
  try {
    const [{ size }, stamp] = await Promise.all([stat(TRACK), readFile(STAMP, 'utf8')]);
    return size === wavBytes(frames) && stamp.trim() === String(RENDERER_VERSION);
  } catch (error) {
    if (error.code === 'ENOENT') return false;
    throw error;
  }
}

async function renderTrack() {
  console.log('Rendering the music: the Prelude in C major by J. S. Bach, five times over …');
  const startedMs = Date.now();
  const channels = { left: new Float32Array(frames), right: new Float32Array(frames) };
  mixNotes(performance.notes, channels);
  addReverb(channels);
  fadeOut(channels);
  await publish(channels);
  const seconds = (Date.now() - startedMs) / 1000;
  const megabytes = wavBytes(frames) / 1e6;
  console.log(`demo/public/music/prelude.wav: ${megabytes.toFixed(1)} MB, ready in ${seconds.toFixed(1)} s.`);
}

// The track takes its name only once complete, and its stamp last: an interrupted run leaves nothing that looks done.
async function publish(channels) {
  await mkdir(FOLDER, { recursive: true });
  const partial = `${TRACK}.${process.pid}.partial`;
  const { start, end } = performance.loop;
  try {
    await writeWav(partial, channels, {
      sampleRate: SAMPLE_RATE,
      gain: PEAK / peakOf(channels),
      loop: { start: Math.round(start * SAMPLE_RATE), end: Math.round(end * SAMPLE_RATE) },
    });
    await rename(partial, TRACK);
  } finally {
    await rm(partial, { force: true });
  }
  await writeFile(STAMP, `${RENDERER_VERSION}\n`);
}

function peakOf({ left, right }) {
  let peak = 0;
  for (let frame = 0; frame < left.length; frame++) {
    peak = Math.max(peak, Math.abs(left[frame]), Math.abs(right[frame]));
  }
  return peak;
}

function fadeOut({ left, right }) {
  const fade = FADE_SECONDS * SAMPLE_RATE;
  for (let frame = 1; frame <= fade; frame++) {
    left[frames - frame] *= frame / fade;
    right[frames - frame] *= frame / fade;
  }
}
