/** The places that a file marks, among the markers of its sound. */

import * as Phaser from 'phaser';
import type { TrackMarker } from '../playback/streaming-audio.ts';

/** Offers cue points as markers; those of the user come first, whenever they are added. */
export class CueMarkers {
  readonly #offered = new WeakSet<object>();

  constructor(private readonly sound: Phaser.Sound.BaseSound) {}

  /** Adds what the sound has no marker for yet, by its label, else as `cue 1`, `cue 2`…; a point reaches to the end. */
  offer(cues: readonly TrackMarker[]): void {
    const { markers } = this.sound;
    for (const [index, { name: label, start, end }] of cues.entries()) {
      const name = label === '' || label in markers ? `cue ${index + 1}` : label;
      if (name in markers) continue; // the user's, or one that the user has removed
      const duration = end === undefined ? {} : { duration: end - start };
      Phaser.Sound.BaseSound.prototype.addMarker.call(this.sound, { name, start, ...duration });
      this.#offered.add(markers[name] as object);
    }
  }

  /** Takes back what was offered under a name. */
  yield(name: string): void {
    const marker = this.sound.markers[name];
    if (marker && this.#offered.has(marker)) Reflect.deleteProperty(this.sound.markers, name);
  }
}
