/** Cuts a recording into the stretches of a WAV that it is made of: shows what an engine repeats, misses or adds. */
import type { Recording } from './recorder.ts';
import type { WavSamples } from './wav.ts';

/** Frames of a recording that are frames of the WAV, one after the other. */
export interface Stretch {
  /** Frame of the recording. */
  readonly start: number;
  readonly frames: number;
  /** Frame of the WAV that the first one is; undefined where it is none. */
  readonly wavFrame: number | undefined;
  /** Frames of silence before it. */
  readonly silence: number;
}

const { round } = Math; // Jest's realm looks each global up anew
const NEEDLE_FRAMES = 16; // no such run of noise comes twice

/**
 * The stretches of one channel, in order. The WAV must be stereo noise, played at its own rate and at full volume. What
 * occurs nowhere in it makes stretches without a place.
 */
export function stretchesOf(recording: Recording, wav: WavSamples, channel: 'left' | 'right'): Stretch[] {
  const file = wav.channels[channel === 'left' ? 0 : 1] ?? new Int32Array();
  const fullScale = 2 ** (wav.bitsPerSample - 1);
  // Engines differ in what full scale is: Chromium turns 16-bit 32767 into 1, Firefox −32768 into −1.
  const cuts = [fullScale, fullScale - 1].map((positive) =>
    cut(
      Int32Array.from(recording[channel], (x) => round(x * (x < 0 ? fullScale : positive))),
      file,
    ),
  );
  return cuts.reduce((best, other) => (other.length < best.length ? other : best));
}

/** How many frames of the WAV lie between the end of each stretch and the next: negative where some are repeated. */
export function jumpsOf(stretches: readonly Stretch[]): number[] {
  return stretches.slice(1).map(({ wavFrame = NaN }, i) => {
    const before = stretches[i];
    return wavFrame - ((before?.wavFrame ?? NaN) + (before?.frames ?? 0));
  });
}

function cut(heard: Int32Array, file: Int32Array): Stretch[] {
  const places = placesOf(file);
  const stretches: Stretch[] = [];
  for (let start = 0, silence = 0; start < heard.length;) {
    if (heard[start] === 0) {
      start++;
      silence++;
      continue;
    }
    const candidates = places.get(heard[start] ?? 0) ?? [];
    const wavFrame = candidates.find((place) => equalFrames(heard, start, file, place, NEEDLE_FRAMES) > 0);
    const frames = wavFrame === undefined ? 1 : equalFrames(heard, start, file, wavFrame, 1);
    stretches.push({ start, frames, wavFrame, silence });
    start += frames;
    silence = 0;
  }
  return stretches;
}

/** At which frames of the file each sample occurs. */
function placesOf(file: Int32Array): Map<number, number[]> {
  const places = new Map<number, number[]>();
  for (const [frame, sample] of file.entries()) {
    const known = places.get(sample);
    if (known === undefined) places.set(sample, [frame]);
    else known.push(frame);
  }
  return places;
}

/** How many frames are equal from there on; 0 where they are fewer than `least`, or what is left of the two. */
function equalFrames(heard: Int32Array, start: number, file: Int32Array, place: number, least: number): number {
  const most = Math.min(heard.length - start, file.length - place);
  let frames = 0;
  while (frames < most && heard[start + frames] === file[place + frames]) frames++;
  return frames >= Math.min(least, most) ? frames : 0;
}
