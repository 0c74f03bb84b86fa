/** The ways to play a WAV that are compared. */

export type Way =
  | 'ours'
  | 'native'
  | 'howler-html5'
  | 'howler-web-audio'
  | 'phaser'
  | 'ours-unready'
  | 'ours-alone'
  | 'native-alone';

export const WAYS: readonly Way[] = ['ours', 'native', 'howler-html5', 'howler-web-audio', 'phaser'];

/** Those that are started outside a game too: with nothing open yet, and straight to the speakers. */
export const START_WAYS: readonly Way[] = [...WAYS, 'ours-unready', 'ours-alone', 'native-alone'];

export const WAY_NAMES: Readonly<Record<Way, string>> = {
  ours: 'ours',
  native: 'native `<audio>`',
  'howler-html5': 'Howler html5',
  'howler-web-audio': 'Howler Web Audio',
  phaser: "Phaser's `load.audio`",
  'ours-unready': 'ours, its cache still to open',
  'ours-alone': 'ours, not routed',
  'native-alone': 'native `<audio>`, not routed',
};

/** Plays straight to the speakers. */
export function isAlone(way: Way): boolean {
  return way.endsWith('-alone');
}

export function isOurs(way: Way): boolean {
  return way.startsWith('ours');
}

/** Downloads and decodes the whole file before its first sound. */
export function isWholeFile(way: Way): boolean {
  return way === 'howler-web-audio' || way === 'phaser';
}

/** Differs from another way in its start only. */
export function isStartOnly(way: Way): boolean {
  return !WAYS.includes(way);
}

/** Another order in each round, so that none is always the first. */
export function inOrderOf(round: number): readonly Way[] {
  const first = round % START_WAYS.length;
  return [...START_WAYS.slice(first), ...START_WAYS.slice(0, first)];
}
