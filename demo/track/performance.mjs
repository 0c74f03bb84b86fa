import { DYNAMICS, INTRODUCTION_LAYERS, LOOPED_STATEMENTS, PACE, STATEMENTS } from './arrangement.mjs';
import { seededRandom } from './random.mjs';
import { STEPS_PER_BAR, closingChord, readScore } from './score.mjs';

const INTRODUCTION_SECONDS = 4.6;
const BREATH_SECONDS = 1.1; // after the introduction and each statement: the room falls quiet under the seam of the loop
const LAST_ECHO_SECONDS = 2.5;
const ROLL_SECONDS = 0.07; // between the notes of a rolled chord
const TIMING_SPREAD_SECONDS = 0.007; // less than the ear takes for a mistake
const LEVEL_SPREAD = 0.1;
const LOWEST_PITCH = 36; // C2: below it an octave transposition only rumbles

/**
 * Plays the score through every statement.
 *
 * @typedef {{ voice: string, pitch: number, start: number, end: number, level: number }} PlayedNote
 *   `start` and `end` in seconds; `level` is linear, about 1 at its loudest
 * @returns {{ notes: PlayedNote[], duration: number, loop: { start: number, end: number } }} times in seconds
 */
export function planPerformance() {
  const random = seededRandom(846);
  const bars = readScore();
  const introduction = stepTimes([closingChord()], 0, () => INTRODUCTION_SECONDS / STEPS_PER_BAR);
  const notes = INTRODUCTION_LAYERS.flatMap((layer) =>
    playLayer(layer, [closingChord()], introduction, () => 0.6, random),
  );
  const ends = [];
  let start = INTRODUCTION_SECONDS + BREATH_SECONDS;
  for (const statement of STATEMENTS) {
    const times = stepTimes(bars, start, (bar) => stepSeconds(statement, bar, random));
    for (const layer of statement.layers) {
      notes.push(...playLayer(layer, bars, times, (bar) => valueAt(DYNAMICS, bar), random));
    }
    start = times.at(-1) + BREATH_SECONDS;
    ends.push(start);
  }
  const loop = { start: introduction.at(-1) + BREATH_SECONDS, end: ends[LOOPED_STATEMENTS - 1] };
  return { notes, duration: start + LAST_ECHO_SECONDS, loop };
}

function stepSeconds(statement, bar, random) {
  const beats = statement.beatsPerMinute * valueAt(PACE, bar) * (1 + 0.008 * (random() - 0.5));
  return 15 / beats;
}

/** The time of every sixteenth, and of the end. */
function stepTimes(bars, start, stepSecondsAt) {
  const times = [start];
  for (let step = 0; step < bars.length * STEPS_PER_BAR; step++) {
    times.push(times[step] + stepSecondsAt(1 + step / STEPS_PER_BAR));
  }
  return times;
}

function playLayer(layer, bars, times, dynamicsAt, random) {
  return bars.flatMap((bar, index) =>
    partOf(bar, layer.part).map(({ pitch, step, steps, roll }) => {
      const first = index * STEPS_PER_BAR + step;
      const accent = step === 0 && roll === 0 ? 1.12 : 0.94;
      const late = roll * ROLL_SECONDS + random() * TIMING_SPREAD_SECONDS;
      return {
        voice: layer.voice,
        pitch: withinCompass(pitch + layer.transpose),
        // The very first note waits for nothing: the track sounds from its first millisecond.
        start: times[first] + (first === 0 && roll === 0 ? 0 : late),
        end: times[first + steps],
        level: layer.gain * dynamicsAt(1 + first / STEPS_PER_BAR) * accent * (1 - LEVEL_SPREAD * random()),
      };
    }),
  );
}

function partOf(bar, part) {
  if (part === 'figure') return bar;
  if (part === 'bass') return bar.filter(({ step, roll }) => step % 8 === 0 && roll === 0);
  return heldChord(bar);
}

// In the run of bar 34 the last beat passes through notes foreign to the harmony, so a chord is read from what precedes.
function heldChord(bar) {
  const pitches = new Set(bar.filter(({ step }) => step < 12).map(({ pitch }) => pitch));
  return [...pitches].map((pitch) => ({ pitch, step: 0, steps: STEPS_PER_BAR, roll: 0 }));
}

function withinCompass(pitch) {
  return pitch < LOWEST_PITCH ? pitch + 12 : pitch;
}

/** Reads a line through `corners` at `bar`. */
function valueAt(corners, bar) {
  const next = corners.findIndex(([corner]) => corner > bar);
  if (next === -1) return corners.at(-1)[1];
  const [fromBar, from] = corners[next - 1];
  const [toBar, to] = corners[next];
  return from + ((to - from) * (bar - fromBar)) / (toBar - fromBar);
}
