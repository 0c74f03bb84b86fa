/** The frames of a WAV's `data` chunk, read from the blocks of its file. */

import { framesIn, unpack } from '../media/packets.ts';
import type { WavFormat } from '../media/wav-header.ts';
import type { BlockCache, BlockReader } from '../source/block-cache.ts';
import { readPatiently } from './patience.ts';
import type { FrameRange } from './play-plan.ts';

/** What one `read` wants, in frames. */
export interface PcmRequest {
  /** Waits until so many are at hand, unless the audio ends before. At least 1. */
  readonly min: number;
  /** Returns no more than this. */
  readonly max: number;
  /** Track frame up to which reading will go on in sequence; requests are planned to reach it and no further. */
  readonly until: number;
  /** Asked while the request waits for its turn: false while there is enough for now. */
  readonly isUrgent: () => boolean;
  readonly signal: AbortSignal;
}

/** Reads whole PCM frames, as they arrive. */
export class PcmReader {
  #frames: number;

  constructor(
    readonly format: WavFormat,
    private readonly reader: BlockReader,
    private readonly source: BlockCache,
  ) {
    this.#frames = format.frames ?? Infinity;
  }

  /** Frames in the track; `Infinity` until the end of a file of unknown length has been seen. */
  get frames(): number {
    return this.#frames;
  }

  /** What is cached of the track, in whole blocks. */
  get cached(): FrameRange[] {
    const { dataStart, dataEnd = Infinity } = this.format;
    return this.source.cachedRanges().flatMap((range) => {
      const [start, end] = [Math.max(range.start, dataStart), Math.min(range.end, dataEnd)];
      return start < end ? [{ start: this.#framesIn(start - dataStart), end: this.#framesIn(end - dataStart) }] : [];
    });
  }

  /** Frames that have lately come in a second; undefined while that is unknown. */
  get speed(): number | undefined {
    const { bytesPerSecond } = this.source.stats;
    return bytesPerSecond === undefined ? undefined : this.#framesIn(bytesPerSecond);
  }

  /** Frames that may be read ahead of others and still be held when these come. */
  get room(): number {
    return this.#framesIn(this.source.headroomBytes);
  }

  /** Another reader of the same track. */
  fork(): PcmReader {
    return new PcmReader(this.format, this.source.openReader(), this.source);
  }

  /** Interleaved PCM from track frame `frame` on, in `format`; empty only at the end of the audio. */
  async read(frame: number, { min, max, until, ...how }: PcmRequest): Promise<Uint8Array> {
    const { packetFrames, packetBytes, bytesPerFrame } = this.format;
    const first = Math.floor(frame / packetFrames);
    const skipped = frame - first * packetFrames;
    const most = Math.min(max, this.#frames - frame);
    const bytesOf = (frames: number): number => Math.ceil((skipped + frames) / packetFrames) * packetBytes;
    const packets = await this.#readPackets(first * packetBytes, {
      ...how,
      min: bytesOf(Math.min(min, most)),
      max: bytesOf(most),
      until: first * packetBytes + bytesOf(until - frame),
    });
    return unpack(this.format, packets).subarray(skipped * bytesPerFrame, (skipped + most) * bytesPerFrame);
  }

  /** Packets from byte `start` of the audio on, whole but for the last of the track; `request` counts in bytes, too. */
  async #readPackets(start: number, request: PcmRequest): Promise<Uint8Array> {
    const { packetBytes, dataStart, dataEnd = Infinity } = this.format;
    const { isUrgent, signal } = request;
    const position = dataStart + start;
    const until = Math.min(dataStart + request.until, dataEnd);
    const target = new Uint8Array(Math.max(0, Math.min(request.max, dataEnd - position)));
    const atLeast = Math.min(request.min, target.length);
    const how = { atLeast, until, isUrgent, headLater: true, signal };
    const bytes = await readPatiently(() => this.reader.read(position, target, how), { isUrgent, signal });
    if (bytes < atLeast) {
      const { size = position + bytes } = this.source;
      this.#frames = framesIn(this.format, Math.max(0, size - dataStart));
      return target.subarray(0, bytes);
    }
    return target.subarray(0, bytes === target.length ? bytes : bytes - (bytes % packetBytes));
  }

  /** With their fraction. */
  #framesIn(bytes: number): number {
    return (bytes / this.format.packetBytes) * this.format.packetFrames;
  }

  /** Whether any of so many frames differs from the one before it. */
  async hasSound(frame: number, frames: number, signal: AbortSignal): Promise<boolean> {
    const { bytesPerFrame } = this.format;
    const request = { min: frames, max: frames, until: frame + frames, isUrgent: () => false, signal };
    const reader = this.fork();
    const bytes = await reader.read(frame, request).finally(() => reader.close());
    return bytes.some((byte, i) => i >= bytesPerFrame && byte !== bytes[i - bytesPerFrame]);
  }

  /** Gives up the requests that only this reader wanted. */
  close(): void {
    this.reader.close();
  }
}
