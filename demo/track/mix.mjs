import { SAMPLE_RATE, VOICES, renderTone } from './voices.mjs';

const INAUDIBLE = 0.0004; // of a note's own level: a released note is dropped below it
const MIDDLE_PITCH = 62;

/**
 * Adds every note into a pair of channels.
 *
 * @param {import('./performance.mjs').PlayedNote[]} notes
 * @param {{ left: Float32Array, right: Float32Array }} channels
 */
export function mixNotes(notes, channels) {
  const tones = new Map();
  for (const note of notes) {
    const key = `${note.voice} ${note.pitch}`;
    if (!tones.has(key)) tones.set(key, renderTone(note.voice, note.pitch));
    mixNote(note, VOICES[note.voice], tones.get(key), channels);
  }
}

// The envelope and the filter follow exponential curves, so a note has no corner that could click. The filter opens
// with the level, as a louder touch sounds brighter.
function mixNote(note, voice, tone, channels) {
  const start = Math.round(note.start * SAMPLE_RATE);
  const held = Math.round((note.end - note.start) * SAMPLE_RATE);
  const end = Math.min(start + noteFrames(held, voice, tone), channels.left.length);
  const [leftGain, rightGain] = panGains(note, voice);
  const brightness = 1 - voice.softness * (1 - 0.6 * note.level);
  const rise = followRate(voice.attack);
  const fall = followRate(voice.release);
  const { left, right } = tone;
  let envelope = voice.attack === 0 ? 1 : 0;
  let smoothLeft = 0;
  let smoothRight = 0;
  for (let frame = start, index = 0; frame < end; frame++, index++) {
    envelope += frame - start < held ? rise * (1 - envelope) : -fall * envelope;
    if (index === left.length) index = 0; // only a held voice gets here; its tone is a loop
    smoothLeft += brightness * (left[index] - smoothLeft);
    smoothRight += brightness * (right[index] - smoothRight);
    channels.left[frame] += leftGain * envelope * smoothLeft;
    channels.right[frame] += rightGain * envelope * smoothRight;
  }
}

function noteFrames(held, voice, tone) {
  const ringing = held + Math.ceil(-Math.log(INAUDIBLE) * voice.release * SAMPLE_RATE);
  return voice.hold ? ringing : Math.min(ringing, tone.left.length);
}

/** The share of the remaining distance an exponential curve covers in one frame. */
function followRate(seconds) {
  return seconds === 0 ? 1 : 1 - Math.exp(-1 / (seconds * SAMPLE_RATE));
}

// Low notes lie to the left, high ones to the right, at equal power, as a keyboard lies before its player.
function panGains({ pitch, level }, { width, gain }) {
  const place = Math.max(-1, Math.min(1, (pitch - MIDDLE_PITCH) / 30)) * width;
  const angle = (Math.PI / 4) * (1 + place);
  return [level * gain * Math.cos(angle), level * gain * Math.sin(angle)];
}
