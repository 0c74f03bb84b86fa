/** The events of a `StreamingSound`, besides Phaser's own (`Phaser.Sound.Events`). */
export const StreamingSoundEvents = {
  /** `(sound)` The header is read: `duration` is known. */
  READY: 'ready',
  /** `(sound)` Sound stopped for want of data, or waits until there is enough to play on (`stats.waitsFor`). */
  WAITING: 'waiting',
  /** `(sound)` Sound is heard: the first time, and whenever it goes on. */
  PLAYING: 'playing',
  /** `(sound)` `buffered`, `cached` or `stats` changed. */
  PROGRESS: 'progress',
  /** `(error, sound)` A `StreamingAudioError` ended the sound; a later `play` opens it again. */
  ERROR: 'error',
  /** `(sound)` The remote file is a new version, which is played from now on, or after the old one that is cached. */
  CHANGED: 'changed',
  /** `(response, sound)` The server or the cache has answered; once an opening. */
  RESPONSE: 'response',
} as const;
