/** What is heard between two laps of a loop? */
import { setTimeout as sleep } from 'node:timers/promises';
import { alignRecording } from '../support/align-recording.ts';
import { readRecording, type Recording } from '../support/recorder.ts';
import { makeWav, samplesOf } from '../support/wav.ts';
import { withSession, type World } from './session.ts';
import { SAMPLE_RATE } from './track.ts';
import type { Way } from './ways.ts';

/** Of one recording. */
export interface SeamFigures {
  /** By how many samples each lap comes late; 0 where the loop closes. */
  readonly lateSamples: readonly number[];
  /** Whether every sample from the first to the last was the file's own. */
  readonly isExact: boolean;
}

const LAP_SECONDS = 1;
const LAP_FRAMES = LAP_SECONDS * SAMPLE_RATE;
const NEEDLE_FRAMES = 32; // of noise: no such run comes twice
const NEEDLE_AT = LAP_FRAMES / 2; // far from what a seam may cut off
const SPARE_SECONDS = 1; // of the slowest seams together

const lap = makeWav({ seconds: LAP_SECONDS, sampleRate: SAMPLE_RATE });

export function mountLap({ server }: World): void {
  server.mount('/lap.wav', lap);
}

/** Records `seams` seams, on a line without limits. */
export function measureSeams(world: World, way: Way, seams: number): Promise<SeamFigures> {
  return withSession(world, { way, records: true }, async (session) => {
    const { page } = session;
    const tap = await page.evaluate(() => window.recorder.attach(window.bench.context.destination));
    await session.play('/lap.wav', true);
    await sleep((seams + 0.5) * LAP_SECONDS * 1000 + SPARE_SECONDS * 1000);
    const recording = await readRecording(page, tap);
    const wav = samplesOf(lap);
    const { differences } = alignRecording(recording, wav, { loop: { start: 0, end: LAP_FRAMES } });
    const places = findNeedles(recording, wav.channels[0]?.subarray(NEEDLE_AT, NEEDLE_AT + NEEDLE_FRAMES));
    const late = places.slice(1).map((place, index) => place - (places[index] ?? NaN) - LAP_FRAMES);
    return { lateSamples: late.slice(0, seams), isExact: differences === 0 };
  });
}

/** Where in the recording the needle lies, ascending. */
function findNeedles({ left }: Recording, needle: Int32Array = new Int32Array()): number[] {
  const places: number[] = [];
  const isAt = (place: number): boolean =>
    needle.every((sample, i) => Math.abs((left[place + i] ?? NaN) * 2 ** 15 - sample) <= 1);
  for (let place = 0; place + NEEDLE_FRAMES <= left.length; place++) {
    if (isAt(place)) places.push(place);
  }
  return places;
}
