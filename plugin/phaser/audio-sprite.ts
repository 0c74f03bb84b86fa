/** Audio sprites: many sounds in one track, and the list of where each lies in it. */

import type * as Phaser from 'phaser';
import { phaserConfig, type StreamingSoundConfig } from './streaming-sound-config.ts';
import type { StreamingSound } from './streaming-sound.ts';

/** What the `audiosprite` tool writes beside a track; in seconds. */
export interface AudioSprite {
  readonly spritemap: Readonly<Record<string, AudioSpriteRange>>;
}

/** Where a sprite lies in its track. */
export interface AudioSpriteRange {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** @default false, whatever the sound's configuration says */
  readonly loop?: boolean;
}

/** A sound with a marker for each sprite of its track. */
export type AudioSpriteSound = StreamingSound & Phaser.Types.Sound.AudioSpriteSound;

/** Gives a sound its sprites as markers, each with the sound's configuration. */
export function addSprites(
  sound: StreamingSound,
  { spritemap }: AudioSprite,
  config: StreamingSoundConfig,
): AudioSpriteSound {
  for (const [name, { start, end, loop = false }] of Object.entries(spritemap)) {
    sound.addMarker({ name, start, duration: end - start, config: { ...phaserConfig(config), loop } });
  }
  return Object.assign(sound, { spritemap });
}
