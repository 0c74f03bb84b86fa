/** The frames of a WAV's `data` chunk, read from the blocks of its file. */

import type { WavFormat } from '../media/wav-header.ts';
import type { BlockCache, BlockReader } from '../source/block-cache.ts';

/** What one `read` wants, in frames. */
export interface PcmRequest {
  /** Waits until so many are at hand, unless the audio ends before. At least 1. */
  readonly min: number;
  /** Returns no more than this. */
  readonly max: number;
  /** Track frame up to which reading will go on in sequence; requests are planned to reach it and no further. */
  readonly until: number;
  /** True where there is enough for now: requests that others wait for go first. */
  readonly ahead: boolean;
  readonly signal: AbortSignal;
}

/** Reads whole PCM frames, as they arrive. */
export class PcmReader {
  #frames: number;

  constructor(
    readonly format: WavFormat,
    private readonly reader: BlockReader,
    /** Asked for the file's size, which may become known late. */
    private readonly source: Pick<BlockCache, 'size'>,
  ) {
    this.#frames = format.frames ?? Infinity;
  }

  /** Frames in the track; `Infinity` until the end of a file of unknown length has been seen. */
  get frames(): number {
    return this.#frames;
  }

  /** Interleaved PCM from track frame `frame` on, as it lies in the file; empty only at the end of the audio. */
  async read(frame: number, { min, max, until: goal, ahead, signal }: PcmRequest): Promise<Uint8Array> {
    const { bytesPerFrame, dataStart } = this.format;
    const position = dataStart + frame * bytesPerFrame;
    const limit = Math.min(max, this.#frames - frame) * bytesPerFrame;
    const pcm = new Uint8Array(Math.max(0, limit));
    const atLeast = Math.min(min * bytesPerFrame, pcm.length);
    const until = dataStart + goal * bytesPerFrame;
    const bytes = await this.reader.read(position, pcm, { atLeast, until, ahead, signal });
    if (bytes < atLeast) {
      const { size = position + bytes } = this.source;
      this.#frames = Math.max(0, Math.floor((size - dataStart) / bytesPerFrame));
    }
    return pcm.subarray(0, bytes - (bytes % bytesPerFrame));
  }

  /** Gives up the requests that only this reader wanted. */
  close(): void {
    this.reader.close();
  }
}
