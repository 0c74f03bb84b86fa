/** `phaser-streaming-audio`: for Phaser games. */

import './phaser/augment.ts';

export * from './howler.ts';
export { StreamingAudioPlugin, type StreamingAudioPluginData } from './phaser/streaming-audio-plugin.ts';
export { StreamingSound } from './phaser/streaming-sound.ts';
export { StreamingSoundEvents } from './phaser/streaming-sound-events.ts';
export type { StreamingAudioFileConfig } from './phaser/streaming-audio-file.ts';
export type { StreamingSoundConfig } from './phaser/streaming-sound-config.ts';
