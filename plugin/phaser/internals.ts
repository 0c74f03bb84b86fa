/** The only casts into what Phaser has and does not declare. Checked against 3.90 and 4.2. */

import type * as Phaser from 'phaser';

/** Configuration of a sound: Phaser's own, filled in, and what this plugin adds. */
export interface SoundSettings extends Required<Omit<Phaser.Types.Sound.SoundConfig, 'source'>> {
  loopStart?: number | undefined;
  loopEnd?: number | undefined;
  fadeIn?: number | undefined;
}

/** What `BaseSound` keeps writable for its own classes. */
export interface SoundInternals {
  currentConfig: SoundSettings;
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

/** The global plugins that run in a game. */
export function pluginsOf(game: Phaser.Game): object[] {
  return game.plugins.plugins.map((entry) => entry.plugin); // declared as the class, is the instance
}

const ROUTES_NO_MEDIA = Symbol('an element with a MediaSource is silent in this context');

/** Whether the sound of MediaSources reaches a context: true until shown otherwise. */
export function routesMedia(context: AudioContext): boolean {
  return !(ROUTES_NO_MEDIA in context);
}

/** Remembers, for as long as the context lives, that it does not. */
export function markUnrouted(context: AudioContext): void {
  Object.assign(context, { [ROUTES_NO_MEDIA]: true });
}
