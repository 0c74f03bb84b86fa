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
  async read(frame: number, { min, max, until, signal }: PcmRequest): Promise<Uint8Array> {
    const { bytesPerFrame, dataStart } = this.format;
    const position = dataStart + frame * bytesPerFrame;
    const limit = Math.min(max, this.#frames - frame) * bytesPerFrame;
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    while (bytes < Math.min(min * bytesPerFrame, limit)) {
      const piece = await this.reader.read(position + bytes, limit - bytes, {
        until: dataStart + until * bytesPerFrame,
        signal,
      });
      if (piece.length === 0) {
        const { size = position + bytes } = this.source;
        this.#frames = Math.max(0, Math.floor((size - dataStart) / bytesPerFrame));
        break;
      }
      pieces.push(piece);
      bytes += piece.length;
    }
    return join(pieces, bytes - (bytes % bytesPerFrame));
  }

  /** Gives up the requests that only this reader wanted. */
  close(): void {
    this.reader.close();
  }
}

/** The first `length` bytes of `pieces` in a row; no copy where there is but one. */
function join(pieces: readonly Uint8Array[], length: number): Uint8Array {
  if (pieces.length === 1) return (pieces[0] as Uint8Array).subarray(0, length);
  const joined = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece.subarray(0, length - at), at);
    at += piece.length;
    if (at >= length) break;
  }
  return joined;
}
