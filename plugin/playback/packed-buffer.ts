/** What a track sounds like, packed onto its element. */

import { initializationSegment, mediaSegment } from '../media/fmp4.ts';
import type { PcmFormat } from '../media/pcm.ts';
import type { AttachedBuffer } from './attached-buffer.ts';
import { BLOCK_FRAMES } from './segment.ts';
import type { Stretch } from './timeline.ts';

/** Packs PCM into segments, headed by what kind of sound it is, and appends them. */
export class PackedBuffer {
  /** What stands in front of the next segment: in one piece with the first, it is heard 5 ms sooner than in two. */
  #head: Uint8Array<ArrayBuffer>;

  constructor(
    private readonly buffer: AttachedBuffer,
    private readonly format: PcmFormat,
  ) {
    this.#head = initializationSegment(format);
  }

  /**
   * Appends what was read of a stretch, as often in a row as that is wanted where all of it was read.
   *
   * @returns the frames appended
   */
  async append(pcm: Uint8Array, { frames, times, mediaFrame }: Stretch): Promise<number> {
    const { bytesPerFrame } = this.format;
    const isWhole = times > 1 && pcm.length === frames * bytesPerFrame;
    const bytes = isWhole ? joinBytes(Array.from({ length: times }, () => pcm)) : pcm;
    isWarm = true; // by what follows
    await this.#append(mediaSegment(this.format, bytes, mediaFrame, 1, BLOCK_FRAMES));
    return bytes.length / bytesPerFrame;
  }

  /** Says that nothing follows. A track without a single frame has a kind all the same. */
  async end(): Promise<void> {
    if (this.#head.length > 0) await this.#append(new Uint8Array());
    await this.buffer.end();
  }

  async #append(segment: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.buffer.append(this.#head.length > 0 ? joinBytes([this.#head, segment]) : segment);
    this.#head = new Uint8Array();
  }
}

/** Enough of it that engines take the code for worth compiling. */
const WARM_UP_FRAMES = 24 * BLOCK_FRAMES;
const WARM_UP_FORMAT: PcmFormat = {
  channels: 2,
  sampleRate: 44_100,
  sampleType: 'int16',
  littleEndian: true,
  bitsPerSample: 16,
  bytesPerFrame: 4,
};
let isWarm = false;

/** Packs silence, once, while nothing else is to be done: code is slow at first, and the first sound is heard 4 ms sooner. */
export function warmUp(): void {
  if (isWarm) return;
  isWarm = true;
  const silence = new Uint8Array(WARM_UP_FRAMES * WARM_UP_FORMAT.bytesPerFrame);
  mediaSegment(WARM_UP_FORMAT, silence, 0, 1, BLOCK_FRAMES);
}

function joinBytes(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}
