/** Reads on into the cache, so that a network that is slower than the track never rests. */

import type { PcmReader } from './pcm-reader.ts';
import type { FrameRange } from './play-plan.ts';
import { WakeUp } from './wake-up.ts';

/** Seconds of audio that are waited for at once. */
const STEP_SECONDS = 0.1;

export class ReadOn {
  readonly #lifetime = new AbortController();
  readonly #wakeUp = new WakeUp();
  #reached: FrameRange = { start: 0, end: 0 };

  constructor(
    private readonly pcm: PcmReader,
    /** What to read next; undefined where there is enough. */
    private readonly next: () => FrameRange | undefined,
  ) {
    // What fails for good is told by the reader that plays.
    this.#run().catch(() => undefined);
  }

  /** What has arrived of a block, too. */
  get reached(): FrameRange[] {
    return [this.#reached];
  }

  /** Something has changed: there may be something to read. */
  look(): void {
    this.#wakeUp.ring();
  }

  /** Gives up the requests that only this wanted. Idempotent. */
  dispose(): void {
    this.#lifetime.abort();
    this.#wakeUp.ring();
    this.pcm.close();
  }

  async #run(): Promise<void> {
    while (!this.#lifetime.signal.aborted) {
      const range = this.next();
      if (range === undefined) await this.#wakeUp.wait();
      else await this.#read(Math.floor(range.start), Math.ceil(range.end));
    }
  }

  async #read(frame: number, until: number): Promise<void> {
    const { sampleRate, bytesPerFrame } = this.pcm.format;
    const { signal } = this.#lifetime;
    const min = Math.ceil(STEP_SECONDS * sampleRate);
    const max = Math.min(sampleRate, until - frame);
    const bytes = await this.pcm.read(frame, { min: Math.min(min, max), max, until, isUrgent: () => false, signal });
    const { start, end } = this.#reached;
    const reached = bytes.length === 0 ? Infinity : frame + bytes.length / bytesPerFrame;
    this.#reached = { start: start <= frame && frame <= end ? start : frame, end: reached };
  }
}
