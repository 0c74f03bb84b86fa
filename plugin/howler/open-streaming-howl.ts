/** The way in for pages without Phaser. */

import type { StreamingHowlOptions } from './contract.ts';
import { StreamingHowl } from './streaming-howl.ts';

/**
 * Opens a track for any page that plays through Howler.
 *
 * @param url of a WAV, absolute or relative to the page
 * @returns a sound whose header is read and that has not begun to play
 * @throws any `StreamingAudioError` of opening: `http`, `network`, `timeout`, `malformed-wav`, `unsupported-format`,
 * `unsupported-platform`, `invalid-argument`
 */
export async function openStreamingHowl(url: string, options: StreamingHowlOptions = {}): Promise<StreamingHowl> {
  const sound = new StreamingHowl(url, options);
  await sound.ready;
  return sound;
}
