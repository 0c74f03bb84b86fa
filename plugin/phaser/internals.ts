/** The only casts into what Phaser has and does not declare. Checked against 3.90 and 4.2. */

import type * as Phaser from 'phaser';

/** What `BaseSound` keeps writable for its own classes. */
export interface SoundInternals {
  currentConfig: Required<Omit<Phaser.Types.Sound.SoundConfig, 'source'>> &
    Pick<Phaser.Types.Sound.SoundConfig, 'source'>;
  isPlaying: boolean;
  isPaused: boolean;
  totalRate: number;
  duration: number;
  totalDuration: number;
}

/** A sound, with what its class may write. */
export function soundInternals(sound: Phaser.Sound.BaseSound): SoundInternals {
  return sound as unknown as SoundInternals;
}

/** The list by which a sound manager reaches its sounds; null once it is destroyed. */
export function soundsOf(manager: Phaser.Sound.BaseSoundManager): Phaser.Sound.BaseSound[] | null {
  return (manager as unknown as { sounds: Phaser.Sound.BaseSound[] | null }).sounds;
}

/** What Phaser's plugin manager notes of a global plugin that runs. */
export interface PluginEntry {
  readonly key: string;
  readonly plugin: object;
  readonly mapping: string | null;
}

/** The global plugins that run in a game. */
export function pluginEntries(game: Phaser.Game): readonly PluginEntry[] {
  return game.plugins.plugins as unknown as PluginEntry[]; // Phaser declares classes, and keeps instances
}
