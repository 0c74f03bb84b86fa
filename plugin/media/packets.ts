/**
 * How frames lie in a file: in packets, which are the least that decodes by itself. A packet of PCM is one frame, one of
 * ADPCM a block of many.
 */

import { type Adpcm, adpcmFrames, decodeAdpcm } from './adpcm.ts';
import type { PcmFormat } from './pcm.ts';

/** The format of the frames once they are unpacked, and how they are packed. */
export interface AudioLayout extends PcmFormat {
  readonly packetBytes: number;
  readonly packetFrames: number;
  /** Undefined for PCM, which needs no unpacking. */
  readonly adpcm: Adpcm | undefined;
}

/** The frames in so many bytes of audio; a last packet may be cut short. */
export function framesIn({ packetBytes, packetFrames, adpcm, channels }: AudioLayout, bytes: number): number {
  const packets = Math.floor(bytes / packetBytes);
  const rest = bytes - packets * packetBytes;
  const restFrames = adpcm ? Math.min(adpcmFrames(adpcm.kind, channels, rest), packetFrames) : 0;
  return packets * packetFrames + restFrames;
}

/**
 * Gives the frames in `bytes` in the `PcmFormat` of `layout`.
 *
 * @param bytes whole packets; the last may be cut short, and counts for the whole frames in it
 */
export function unpack(layout: AudioLayout, bytes: Uint8Array): Uint8Array {
  const { adpcm, channels, bytesPerFrame, packetBytes, packetFrames } = layout;
  const pcmBytes = framesIn(layout, bytes.length) * bytesPerFrame;
  if (adpcm === undefined) return bytes.subarray(0, pcmBytes);
  const pcm = new Uint8Array(pcmBytes);
  const target = new DataView(pcm.buffer);
  for (let from = 0, to = 0; to < pcm.length; from += packetBytes, to += packetFrames * bytesPerFrame) {
    const block = new DataView(bytes.buffer, bytes.byteOffset + from, Math.min(packetBytes, bytes.length - from));
    decodeAdpcm(adpcm, channels, block, Math.min(packetFrames, (pcm.length - to) / bytesPerFrame), target, to);
  }
  return pcm;
}
