/** The ways to play a WAV that are compared. */

export type Way = 'ours' | 'native' | 'howler-html5' | 'howler-web-audio' | 'phaser';

export const WAYS: readonly Way[] = ['ours', 'native', 'howler-html5', 'howler-web-audio', 'phaser'];

export const WAY_NAMES: Readonly<Record<Way, string>> = {
  ours: 'ours',
  native: 'native `<audio>`',
  'howler-html5': 'Howler html5',
  'howler-web-audio': 'Howler Web Audio',
  phaser: "Phaser's `load.audio`",
};

/** Downloads and decodes the whole file before its first sound. */
export function isWholeFile(way: Way): boolean {
  return way === 'howler-web-audio' || way === 'phaser';
}

/** Another order in each round, so that none is always the first. */
export function inOrderOf(round: number): readonly Way[] {
  const first = round % WAYS.length;
  return [...WAYS.slice(first), ...WAYS.slice(0, first)];
}
