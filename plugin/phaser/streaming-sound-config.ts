/** The configuration of a `StreamingSound`, and what of it Phaser is given. */

import type * as Phaser from 'phaser';
import type { StreamingHowlOptions } from '../howler/contract.ts';

/** Configuration of a `StreamingSound`: Phaser's own, the loop points, and the streaming options. */
export interface StreamingSoundConfig
  extends Phaser.Types.Sound.SoundConfig, Omit<StreamingHowlOptions, 'loop' | 'volume' | 'mute' | 'rate'> {}

/** Phaser keeps what it is given for ever and copies it about: it gets its own options only, and the loop points. */
export function phaserConfig({
  cache: _cache,
  request: _request,
  retry: _retry,
  timeouts: _timeouts,
  buffer: _buffer,
  tier: _tier,
  ...config
}: StreamingSoundConfig): Phaser.Types.Sound.SoundConfig {
  return config;
}
