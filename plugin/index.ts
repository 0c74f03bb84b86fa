/** `phaser-streaming-audio`: for Phaser games. */

import './phaser/augment.ts';

export * from './howler.ts';
export type { AudioSprite, AudioSpriteRange, AudioSpriteSound } from './phaser/audio-sprite.ts';
export { StreamingAudioPlugin, type StreamingAudioPluginData } from './phaser/streaming-audio-plugin.ts';
export { StreamingSound } from './phaser/streaming-sound.ts';
export type { StreamingSoundConfig } from './phaser/streaming-sound-config.ts';
export { StreamingBar, type StreamingBarStyle } from './phaser/streaming-bar.ts';
export { StreamingSoundEvents } from './phaser/streaming-sound-events.ts';
export type { StreamingAudioFileArguments, StreamingAudioFileConfig } from './phaser/streaming-audio-file.ts';
