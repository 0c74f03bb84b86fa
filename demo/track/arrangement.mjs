/**
 * Who plays the prelude, how fast and how loud: five statements, each in another colour.
 *
 * A layer's `part` is `figure` (every note as written), `bass` (the lowest note of each half bar) or `chords` (each
 * bar's harmony, held). `transpose` is in semitones, `gain` is linear.
 */
export const STATEMENTS = [
  { beatsPerMinute: 69, layers: [{ voice: 'piano', part: 'figure', transpose: 0, gain: 1 }] },
  {
    beatsPerMinute: 73,
    layers: [
      { voice: 'harp', part: 'figure', transpose: 0, gain: 1 },
      { voice: 'piano', part: 'bass', transpose: 0, gain: 0.35 },
    ],
  },
  {
    beatsPerMinute: 76,
    layers: [
      { voice: 'musicBox', part: 'figure', transpose: 12, gain: 0.85 },
      { voice: 'harp', part: 'bass', transpose: 0, gain: 0.75 },
      { voice: 'strings', part: 'chords', transpose: 0, gain: 0.42 },
    ],
  },
  {
    beatsPerMinute: 66,
    layers: [
      { voice: 'harp', part: 'figure', transpose: -12, gain: 0.75 },
      { voice: 'strings', part: 'chords', transpose: 0, gain: 0.55 },
    ],
  },
  {
    beatsPerMinute: 68,
    layers: [
      { voice: 'piano', part: 'figure', transpose: 0, gain: 0.85 },
      { voice: 'harp', part: 'figure', transpose: 12, gain: 0.25 },
      { voice: 'strings', part: 'chords', transpose: 0, gain: 0.4 },
    ],
  },
];

/** The layers of the one rolled chord that opens the track. */
export const INTRODUCTION_LAYERS = [
  { voice: 'piano', part: 'figure', transpose: 0, gain: 0.8 },
  { voice: 'harp', part: 'figure', transpose: 0, gain: 0.5 },
];

/** How many statements, counted from the first, the loop spans; the rest is the way out for a game that stops looping. */
export const LOOPED_STATEMENTS = 4;

/** Loudness over the piece, as [bar, level] corners: a swell into bar 5, another over the dominant pedal, a soft end. */
export const DYNAMICS = [
  [1, 0.7],
  [5, 0.85],
  [11, 0.66],
  [15, 0.78],
  [19, 0.64],
  [23, 0.9],
  [29, 1],
  [32, 0.82],
  [35, 0.62],
];

/** Pace over the piece, as [bar, share of the statement's tempo] corners: a breath at cadences, a closing ritardando. */
export const PACE = [
  [1, 0.97],
  [3, 1],
  [10, 1.01],
  [11, 0.97],
  [13, 1.01],
  [18, 1],
  [19, 0.96],
  [22, 1.02],
  [31, 1.01],
  [33, 0.95],
  [34, 0.84],
  [35, 0.66],
];
