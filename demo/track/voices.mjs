import { seededRandom } from './random.mjs';

/** Frames per second of everything rendered here. */
export const SAMPLE_RATE = 44_100;

const HIGHEST_PARTIAL = 14_000; // Hz; what lies above is inaudible in these voices, or would alias
const ONSET_SECONDS = 0.004; // short enough for a pluck, long enough not to click
const FADE_SECONDS = 0.05;
const LOOP_SECONDS = 4; // of a held voice; its partials are whole multiples of 1/4 Hz, so the ends meet exactly
const LINES_PER_HARMONIC = 3;

/**
 * The instruments, each a sum of sinusoids that decay on their own.
 *
 * `strike` lists a struck voice's partials; `hold` lists the harmonics of a voice that sounds as long as its note.
 * `attack` and `release` are time constants in seconds; `softness` dulls quiet notes (0 to 1); `width` spreads the
 * compass from left to right (0 to 1).
 */
export const VOICES = {
  piano: { strike: pianoPartials, seconds: 6, attack: 0, release: 0.16, softness: 0.8, width: 0.35, gain: 1 },
  harp: { strike: harpPartials, seconds: 5, attack: 0, release: 0.45, softness: 0.55, width: 0.35, gain: 1 },
  musicBox: { strike: musicBoxPartials, seconds: 3, attack: 0, release: 0.5, softness: 0.2, width: 0.4, gain: 0.8 },
  strings: { hold: stringHarmonics, attack: 0.35, release: 0.22, softness: 0.3, width: 0.2, gain: 0.42 },
};

/**
 * Renders one pitch of a voice at full level.
 *
 * @param {string} name a key of `VOICES`
 * @param {number} pitch MIDI note number
 * @returns {{ left: Float32Array, right: Float32Array }}
 */
export function renderTone(name, pitch) {
  const voice = VOICES[name];
  const frequency = 440 * 2 ** ((pitch - 69) / 12);
  const random = seededRandom(pitch * 7919 + name.length);
  const renderChannel = voice.hold
    ? () => renderHeld(voice.hold(frequency), frequency, random)
    : () => renderStruck(voice, frequency, random);
  return { left: renderChannel(), right: renderChannel() };
}

// Two strings a hair apart, one dying sooner: the quick-then-slow decay of real strings, and a little width in stereo.
function renderStruck({ strike, seconds }, frequency, random) {
  const samples = new Float32Array(seconds * SAMPLE_RATE);
  const partials = strike(frequency);
  const level = 1 / Math.hypot(...partials.map(({ amplitude }) => amplitude));
  for (const { ratio, amplitude, decay } of partials) {
    const phase = 2 * Math.PI * random();
    for (const longer of [0.55, 1.3]) {
      const detune = 1 + 0.0004 * (random() - 0.5);
      const partial = frequency * ratio * detune;
      addPartial(samples, partial, amplitude * level * 0.5, phase + random(), decay * longer);
    }
  }
  shapeEnds(samples);
  return samples;
}

// Each harmonic is a cluster of lines, wider the higher it lies: many players, no two alike.
function renderHeld(harmonics, frequency, random) {
  const samples = new Float32Array(LOOP_SECONDS * SAMPLE_RATE);
  const level = 1 / Math.hypot(...harmonics.map(({ amplitude }) => amplitude)) / Math.sqrt(LINES_PER_HARMONIC);
  for (const { ratio, amplitude } of harmonics) {
    for (let line = 0; line < LINES_PER_HARMONIC; line++) {
      const spread = 1 + 0.007 * (random() - 0.5);
      const partial = Math.round(frequency * ratio * spread * LOOP_SECONDS) / LOOP_SECONDS;
      addPartial(samples, partial, amplitude * level, 2 * Math.PI * random(), Infinity);
    }
  }
  return samples;
}

function pianoPartials(frequency) {
  const lasting = 9 * (frequency / 131) ** -0.5;
  const partials = countUpTo(18, frequency).map((number) => ({
    ratio: number * Math.sqrt(1 + 0.0003 * number * number), // stiff strings sound sharp the higher the partial
    amplitude: (number ** -1.1 * Math.abs(Math.sin((Math.PI * number) / 7.6))) / Math.exp((number * frequency) / 1900),
    decay: lasting / (1 + 0.2 * (number - 1)),
  }));
  const felt = partials[0].amplitude * 0.25;
  return [...partials, { ratio: 110 / frequency, amplitude: felt, decay: 0.12 }];
}

function harpPartials(frequency) {
  const lasting = 4.5 * (frequency / 262) ** -0.6;
  return countUpTo(16, frequency).map((number) => ({
    ratio: number,
    amplitude: (number ** -1.5 * Math.abs(Math.sin(0.38 * Math.PI * number))) / Math.exp((number * frequency) / 5200),
    decay: lasting / (1 + 0.28 * (number - 1)),
  }));
}

// The tine's own overtones are far from harmonic; they are the ping at the start and must die at once.
function musicBoxPartials(frequency) {
  const lasting = 2.6 * (frequency / 524) ** -0.4;
  return [
    { ratio: 1, amplitude: 1, decay: lasting },
    { ratio: 2, amplitude: 0.14, decay: lasting * 0.5 },
    { ratio: 3.01, amplitude: 0.07, decay: lasting * 0.35 },
    { ratio: 6.27, amplitude: 0.09, decay: 0.16 },
  ].filter(({ ratio }) => ratio * frequency < HIGHEST_PARTIAL);
}

function stringHarmonics(frequency) {
  return countUpTo(10, frequency).map((number) => ({
    ratio: number,
    amplitude: number ** -1.2 / Math.exp((number * frequency) / 1500),
  }));
}

function countUpTo(most, frequency) {
  const count = Math.min(most, Math.floor(HIGHEST_PARTIAL / frequency / 1.1));
  return Array.from({ length: count }, (_, index) => index + 1);
}

/** Adds a sinusoid that loses 60 dB in `decay` seconds, by the two-term recurrence of a damped resonator. */
function addPartial(samples, frequency, amplitude, phase, decay) {
  const angle = (2 * Math.PI * frequency) / SAMPLE_RATE;
  const damping = 0.001 ** (1 / (decay * SAMPLE_RATE));
  const feedback = 2 * damping * Math.cos(angle);
  const loss = damping * damping;
  const length = Math.min(samples.length, Math.ceil(1.5 * decay * SAMPLE_RATE));
  let last = (amplitude * Math.sin(phase - angle)) / damping;
  let beforeLast = (amplitude * Math.sin(phase - 2 * angle)) / loss;
  for (let frame = 0; frame < length; frame++) {
    const next = feedback * last - loss * beforeLast;
    samples[frame] += next;
    beforeLast = last;
    last = next;
  }
}

function shapeEnds(samples) {
  const onset = Math.round(ONSET_SECONDS * SAMPLE_RATE);
  for (let frame = 0; frame < onset; frame++) samples[frame] *= Math.sin((Math.PI / 2) * (frame / onset)) ** 2;
  const fade = Math.round(FADE_SECONDS * SAMPLE_RATE);
  for (let frame = 1; frame <= fade; frame++) samples[samples.length - frame] *= frame / fade;
}
