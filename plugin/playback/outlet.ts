/** Where the sound of a track goes: the tier that this browser has, its object URL, and what feeds it. */

import { AttachedBuffer, blobUrl, findTier, type Tier, type TierChoice } from './attached-buffer.ts';
import { BufferController } from './buffer-controller.ts';
import type { BufferGoals } from './buffer-window.ts';
import type { Feeder, FeederListener } from './feeder.ts';
import { warmUp } from './packed-buffer.ts';
import type { PcmReader } from './pcm-reader.ts';
import { WholeTrack } from './whole-track.ts';

export class Outlet {
  readonly tier: Tier;
  #objectUrl = '';
  readonly #element: HTMLMediaElement;
  readonly #goals: BufferGoals;
  readonly #onObjectUrl: () => void;
  /** Undefined in the `'blob'` tier. */
  readonly #buffer: AttachedBuffer | undefined;
  #revoke: () => void = () => {};

  /**
   * @param onObjectUrl called when `objectUrl` is known later than now
   * @throws UnsupportedPlatformError (`unsupported-platform`)
   */
  constructor(element: HTMLMediaElement, choice: TierChoice, goals: BufferGoals, onObjectUrl: () => void) {
    const found = findTier(choice);
    this.tier = found.tier;
    this.#element = element;
    this.#goals = goals;
    this.#onObjectUrl = onObjectUrl;
    if (found.tier === 'blob') return;
    this.#buffer = new AttachedBuffer(found);
    this.#objectUrl = this.#buffer.objectUrl;
    // By then what is to be played has been asked for. That it does not open is told by the first append.
    this.#buffer.opened.then(warmUp, () => {});
  }

  /** What the element's `src` must be set to; empty until that is known. */
  get objectUrl(): string {
    return this.#objectUrl;
  }

  /** What will feed the element with `pcm`, once it is started. */
  feed(pcm: PcmReader, listener: FeederListener): Feeder {
    if (this.#buffer) return new BufferController(this.#element, this.#buffer, pcm, this.#goals, listener);
    return new WholeTrack(this.#element, pcm, { ...listener, onWhole: (wav) => this.#offer(wav) });
  }

  /** Takes off the element what was fed so far. */
  async clear(): Promise<void> {
    await this.#buffer?.removeFrom(0);
  }

  /** Revokes the object URL. */
  dispose(): void {
    this.#buffer?.dispose();
    this.#revoke();
  }

  #offer(wav: Blob): void {
    this.#revoke();
    const { url, revoke } = blobUrl(wav);
    this.#objectUrl = url;
    this.#revoke = revoke;
    this.#onObjectUrl();
  }
}
