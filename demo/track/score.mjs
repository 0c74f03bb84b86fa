/**
 * The Prelude in C major, BWV 846 (The Well-Tempered Clavier, Book I), by J. S. Bach: 35 bars as data. Public domain.
 * The text is Bach's own, without the bar that later editions insert after bar 22.
 */

/** Sixteenths in one bar. */
export const STEPS_PER_BAR = 16;

/** Bars 1 to 32, each by its five notes from the bass up; the figure that plays them never changes. */
const FIGURED_BARS = [
  'C4 E4 G4 C5 E5',
  'C4 D4 A4 D5 F5',
  'B3 D4 G4 D5 F5',
  'C4 E4 G4 C5 E5',
  'C4 E4 A4 E5 A5',
  'C4 D4 F#4 A4 D5',
  'B3 D4 G4 D5 G5',
  'B3 C4 E4 G4 C5',
  'A3 C4 E4 G4 C5',
  'D3 A3 D4 F#4 C5',
  'G3 B3 D4 G4 B4',
  'G3 Bb3 E4 G4 C#5',
  'F3 A3 D4 A4 D5',
  'F3 Ab3 D4 F4 B4',
  'E3 G3 C4 G4 C5',
  'E3 F3 A3 C4 F4',
  'D3 F3 A3 C4 F4',
  'G2 D3 G3 B3 F4',
  'C3 E3 G3 C4 E4',
  'C3 G3 Bb3 C4 E4',
  'F2 F3 A3 C4 E4',
  'F#2 C3 A3 C4 Eb4',
  'Ab2 F3 B3 C4 D4',
  'G2 F3 G3 B3 D4',
  'G2 E3 G3 C4 E4',
  'G2 D3 G3 C4 F4',
  'G2 D3 G3 B3 F4',
  'G2 Eb3 A3 C4 F#4',
  'G2 E3 G3 C4 G4',
  'G2 D3 G3 C4 F4',
  'G2 D3 G3 B3 F4',
  'C2 C3 G3 Bb3 E4',
];

/** Which of the five notes sounds on each sixteenth of a half bar. */
const FIGURE = [0, 1, 2, 3, 4, 2, 3, 4];

/** Bars 33 and 34: two held notes, then one run of fourteen sixteenths. */
const RUN_BARS = ['C2 C3 F3 A3 C4 F4 C4 A3 C4 A3 F3 A3 F3 D3 F3 D3', 'C2 B2 G4 B4 D5 F5 D5 B4 D5 B4 G4 B4 D4 F4 E4 D4'];

/** Bar 35: one rolled chord. */
const CLOSING_CHORD = 'C2 C3 E4 G4 C5';

const SEMITONES = { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 };
const ACCIDENTALS = { '': 0, '#': 1, b: -1 };

/**
 * The piece, bar by bar. Pitches are MIDI note numbers; `step` and `steps` count sixteenths: where in the bar a note
 * begins, and how long it rings. `roll` is a note's place in a rolled chord.
 *
 * @typedef {{ pitch: number, step: number, steps: number, roll: number }} ScoreNote
 * @returns {ScoreNote[][]} 35 bars
 */
export function readScore() {
  return [
    ...FIGURED_BARS.map((bar) => figuredBar(parsePitches(bar))),
    ...RUN_BARS.map((bar) => runBar(parsePitches(bar))),
    closingChord(),
  ];
}

/** Bar 35 alone, which also serves as the introduction. */
export function closingChord() {
  return parsePitches(CLOSING_CHORD).map((pitch, roll) => ({ pitch, step: 0, steps: STEPS_PER_BAR, roll }));
}

function figuredBar(pitches) {
  return [0, FIGURE.length].flatMap((half) =>
    FIGURE.map((voice, step) => ({ pitch: pitches[voice], step: half + step, steps: FIGURE.length - step, roll: 0 })),
  );
}

// The run passes through notes foreign to the harmony, so its notes ring a beat at most; the two below them are held.
function runBar(pitches) {
  return pitches.map((pitch, step) => {
    const left = STEPS_PER_BAR - step;
    return { pitch, step, steps: step < 2 ? left : Math.min(4, left), roll: 0 };
  });
}

function parsePitches(text) {
  return text.split(' ').map((name) => {
    const [, letter, accidental, octave] = /^([A-G])([#b]?)(\d)$/.exec(name);
    return 12 * (Number(octave) + 1) + SEMITONES[letter] + ACCIDENTALS[accidental];
  });
}
