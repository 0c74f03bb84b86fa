/** A remote WAV, read and packed by the plugin as it would be played: all of it, then from ten places at random. */
import { initializationSegment, mediaSegment } from '../../plugin/media/fmp4.ts';
import type { WavFormat } from '../../plugin/media/wav-header.ts';
import { openTrack } from '../../plugin/playback/open-track.ts';
import { PcmReader } from '../../plugin/playback/pcm-reader.ts';
import { startAudioCache } from '../../plugin/source/open-audio-cache.ts';
import { RandomBits } from '../media/mutants.ts';
import { type Mount, startRangeServer } from '../support/range-server.ts';

/** A stretch of the track, in frames. */
export interface Stretch {
  readonly start: number;
  readonly frames: number;
}

export interface Packed {
  readonly format: WavFormat;
  /** An MP4 of its own. */
  readonly mp4: Buffer;
  /** What is in it, one after the other. */
  readonly stretches: readonly Stretch[];
}

const SEEKS = 10;
const SEGMENT_FRAMES = 3000;
const BLOCK_FRAMES = 1024;

/** Serves `file` and packs it; `places` are where to begin, besides the start of a track of known length. */
export async function packRemote(file: Mount, seed = 1, places?: readonly Stretch[]): Promise<Packed> {
  const server = await startRangeServer({ '/track.wav': file });
  const cache = startAudioCache();
  const { signal } = new AbortController();
  try {
    const { source, reader, format } = await openTrack(`${server.url}/track.wav`, cache, { signal });
    const pcm = new PcmReader(format, reader, source);
    const stretches = places ?? [{ start: 0, frames: pcm.frames }, ...seeks(pcm.frames, seed)];
    const mp4 = await pack(pcm, stretches, signal);
    source.close();
    return { format, mp4, stretches };
  } finally {
    cache.close();
    await server.close();
  }
}

/** The last of them is shorter than the shortest block that another may follow. */
function seeks(frames: number, seed: number): Stretch[] {
  const random = new RandomBits(seed);
  return Array.from({ length: SEEKS }, (_, index) => {
    const length = index === SEEKS - 1 ? 5 : 16 + random.next(Math.min(600, frames - 16));
    return { start: random.next(frames - length), frames: length };
  });
}

async function pack(pcm: PcmReader, stretches: readonly Stretch[], signal: AbortSignal): Promise<Buffer> {
  const { format } = pcm;
  const segments: Uint8Array[] = [initializationSegment(format)];
  let mediaFrame = stretches[0]?.start ?? 0;
  for (const { start, frames } of stretches) {
    for (let at = start; at < start + frames;) {
      const max = Math.min(SEGMENT_FRAMES, start + frames - at);
      const bytes = await pcm.read(at, { min: max, max, until: at + max, isUrgent: () => true, signal });
      const count = bytes.length / format.bytesPerFrame;
      if (count === 0) throw new Error(`The track ends at frame ${at} of ${start + frames}.`);
      segments.push(mediaSegment(format, bytes, mediaFrame, 1, BLOCK_FRAMES));
      at += count;
      mediaFrame += count;
    }
  }
  return Buffer.concat(segments);
}

/** The same stretches of a whole track, of samples of four bytes. */
export function expectedOf(whole: Uint8Array, { format, stretches }: Packed): Buffer {
  const frameBytes = 4 * format.channels;
  return Buffer.concat(
    stretches.map(({ start, frames }) => whole.subarray(start * frameBytes, (start + frames) * frameBytes)),
  );
}

/** Where two arrays of 32-bit samples differ first; undefined where they are the same. */
export function firstDifference(actual: Buffer, expected: Buffer): string | undefined {
  if (actual.equals(expected)) return undefined;
  if (actual.length !== expected.length) return `${actual.length} bytes instead of ${expected.length}`;
  for (let at = 0; at < actual.length; at += 4) {
    const [is, was] = [actual.readInt32LE(at), expected.readInt32LE(at)];
    if (is !== was) return `sample ${at / 4} is ${is}, not ${was}`;
  }
  return undefined;
}
