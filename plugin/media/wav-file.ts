/**
 * A WAV as every browser plays it: what any other WAV becomes for an element that is to have it as a whole
 * ("Multimedia Programming Interface and Data Specifications 1.0", WAVE_FORMAT_EXTENSIBLE).
 */

import { ascii } from './iso-box.ts';
import { type PcmFormat, writeChannel } from './pcm.ts';

export const WAV_MIME_TYPE = 'audio/wav';

const HEADER_BYTES = 68;
const FMT_BYTES = 40;
const EXTENSIBLE = 0xfffe;
const EXTENSION_BYTES = 22;
/** The GUID of PCM: its format tag, 1, in the first two bytes. */
const PCM_GUID = [1, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71];

/** Little-endian integers of 8, 16 or 24 bits: what {@link wavSamples} leaves as it is. */
const PLAIN: ReadonlySet<PcmFormat['sampleType']> = new Set(['uint8', 'int16', 'int24']);

/**
 * The header of a WAV with so many frames, in front of what {@link wavSamples} gives for them.
 *
 * @param frames at most 4 GiB of them, less the header: RIFF counts in 32 bits
 */
export function wavFileHeader({ channels, sampleRate, bitsPerSample }: PcmFormat, frames: number): Uint8Array {
  const blockAlign = (channels * bitsPerSample) / 8;
  const dataBytes = frames * blockAlign;
  const header = new Uint8Array(HEADER_BYTES);
  const view = new DataView(header.buffer);
  header.set([...ascii('RIFF'), 0, 0, 0, 0, ...ascii('WAVE'), ...ascii('fmt '), FMT_BYTES]);
  view.setUint32(4, HEADER_BYTES - 8 + dataBytes, true);
  const numbers16: [number, number][] = [
    [20, EXTENSIBLE],
    [22, channels],
    [32, blockAlign],
    [34, bitsPerSample],
    [36, EXTENSION_BYTES],
    [38, bitsPerSample],
  ];
  for (const [offset, number] of numbers16) view.setUint16(offset, number, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * blockAlign, true);
  view.setUint32(40, 2 ** channels - 1, true); // the first speakers, in WAVE's order
  header.set([...PCM_GUID, ...ascii('data')], 44);
  view.setUint32(64, dataBytes, true);
  return header;
}

/**
 * Interleaved PCM of `format` as a WAV's own samples: little-endian, of `bitsPerSample` bits, rounded as
 * {@link writeChannel} rounds.
 *
 * @param pcm whole frames of `format`
 */
export function wavSamples(format: PcmFormat, pcm: Uint8Array): Uint8Array {
  if (format.littleEndian && PLAIN.has(format.sampleType)) return pcm;
  const { channels, bytesPerFrame } = format;
  const bytes = format.bitsPerSample / 8;
  const frames = pcm.length / bytesPerFrame;
  const source = new DataView(pcm.buffer, pcm.byteOffset, pcm.length);
  const one = new Uint8Array(frames * bytes);
  const all = new Uint8Array(frames * bytes * channels);
  const flip = bytes === 1 ? 0x80 : 0; // samples of 8 bits are unsigned in a WAV
  for (let channel = 0; channel < channels; channel++) {
    writeChannel(format, source, channel, new DataView(one.buffer), 0);
    for (let frame = 0; frame < frames; frame++) {
      const to = (frame * channels + channel) * bytes;
      for (let i = 0; i < bytes; i++) all[to + i] = (one[(frame + 1) * bytes - 1 - i] ?? 0) ^ flip;
    }
  }
  return all;
}
