/** Reads stretches of a track, for as long as they are wanted. */

import type { PcmReader } from './pcm-reader.ts';
import { planSegment } from './segment.ts';
import type { Stretch } from './timeline.ts';

/** What the reading serves. */
export interface Listening {
  /** Whether any sound was heard since the last start or seek. */
  isHeard(): boolean;
  /** Whether what can be heard will soon be over. */
  isShort(): boolean;
}

export class StretchReader {
  #wanted = new AbortController();

  constructor(
    private readonly pcm: PcmReader,
    private readonly listening: Listening,
  ) {}

  /** Aborted once what is read now is not wanted any more. */
  get signal(): AbortSignal {
    return this.#wanted.signal;
  }

  /** What is being read is not wanted any more. */
  giveUp(): void {
    this.#wanted.abort();
    this.#wanted = new AbortController();
  }

  /** The frames of a stretch that are at hand, at least enough for one segment, unless the audio ends before. */
  read(stretch: Stretch): Promise<Uint8Array> {
    const { least, most } = planSegment(this.pcm.format, this.listening.isHeard());
    return this.pcm.read(stretch.trackFrame, {
      min: least,
      max: Math.min(stretch.frames, most),
      until: stretch.trackFrame + stretch.frames,
      isUrgent: () => this.listening.isShort(),
      signal: this.signal,
    });
  }

  /** Asks for a stretch that will be read soon. What keeps it from coming is told to the reading. */
  ask(stretch: Stretch): void {
    this.read(stretch).catch(() => {});
  }

  /** Idempotent. */
  close(): void {
    this.#wanted.abort();
    this.pcm.close();
  }
}
