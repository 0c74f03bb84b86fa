/** Makes WAV files whose samples tell where in the file they are, and reads them back. Shares nothing with the plugin. */

export type WavKind = 'noise' | 'sine' | 'ramp';

export interface RiffChunk {
  /** Four ASCII characters. */
  readonly id: string;
  readonly data: Uint8Array;
}

export interface WavOptions {
  /** Length in seconds, rounded to whole frames. @default 1 */
  readonly seconds?: number;
  /** Length in frames; wins over `seconds`. */
  readonly frames?: number;
  /** @default 44100 */
  readonly sampleRate?: number;
  /** @default 2 */
  readonly channels?: number;
  /** @default 16 */
  readonly bitsPerSample?: 8 | 16 | 24 | 32;
  /** Noise never repeats and is never 0; the ramp counts frames in its low bits; the sine is smooth. @default 'noise' */
  readonly kind?: WavKind;
  /** Another seed, other noise. @default 1 */
  readonly seed?: number;
  /** In Hz, of the sine. @default 440 */
  readonly frequency?: number;
  /** Share of full scale, of noise and sine, 0 to 1. @default 0.5 */
  readonly amplitude?: number;
  /** Chunks between `fmt ` and `data`. */
  readonly chunksBefore?: readonly RiffChunk[];
  /** Chunks after `data`, `smpl` for example. */
  readonly chunksAfter?: readonly RiffChunk[];
}

export interface WavSamples {
  readonly sampleRate: number;
  readonly bitsPerSample: number;
  readonly frames: number;
  /** Where the first sample's first byte lies in the file. */
  readonly dataStart: number;
  /** Signed integers, one array a channel. */
  readonly channels: readonly Int32Array[];
}

// Jest's realm looks each global up anew, which here costs more than the arithmetic.
const { floor, imul, max, min, round, sin, PI } = Math;

type Sampler = (frame: number, channel: number) => number;

/** A whole PCM WAV file. */
export function makeWav(options: WavOptions = {}): Buffer {
  const { sampleRate = 44_100, channels = 2, bitsPerSample = 16 } = options;
  const frames = options.frames ?? round((options.seconds ?? 1) * sampleRate);
  const chunks = [
    { id: 'fmt ', data: formatChunk(sampleRate, channels, bitsPerSample) },
    ...(options.chunksBefore ?? []),
    { id: 'data', data: packSamples(samplerOf(options), frames, channels, bitsPerSample) },
    ...(options.chunksAfter ?? []),
  ];
  const body = Buffer.concat([Buffer.from('WAVE'), ...chunks.flatMap(packChunk)]);
  return Buffer.concat(packChunk({ id: 'RIFF', data: body }));
}

/** The samples of a PCM WAV file, as the file stores them (8-bit ones made signed). */
export function samplesOf(wav: Buffer): WavSamples {
  const format = findChunk(wav, 'fmt ');
  const data = findChunk(wav, 'data');
  const channelCount = wav.readUInt16LE(format.start + 2);
  const sampleRate = wav.readUInt32LE(format.start + 4);
  const bitsPerSample = wav.readUInt16LE(format.start + 14);
  const frames = floor((data.end - data.start) / ((bitsPerSample / 8) * channelCount));
  const channels = unpackSamples(wav, data.start, frames, channelCount, bitsPerSample);
  return { sampleRate, bitsPerSample, frames, dataStart: data.start, channels };
}

function formatChunk(sampleRate: number, channels: number, bitsPerSample: number): Buffer {
  const format = Buffer.alloc(16);
  const frameBytes = (channels * bitsPerSample) / 8;
  format.writeUInt16LE(1, 0);
  format.writeUInt16LE(channels, 2);
  format.writeUInt32LE(sampleRate, 4);
  format.writeUInt32LE(sampleRate * frameBytes, 8);
  format.writeUInt16LE(frameBytes, 12);
  format.writeUInt16LE(bitsPerSample, 14);
  return format;
}

function packSamples(sampler: Sampler, frames: number, channels: number, bitsPerSample: number): Buffer {
  const width = bitsPerSample / 8;
  const data = Buffer.allocUnsafe(frames * channels * width);
  for (let frame = 0, offset = 0; frame < frames; frame++) {
    for (let channel = 0; channel < channels; channel++, offset += width) {
      const sample = sampler(frame, channel);
      if (width === 1) data.writeUInt8(sample + 128, offset);
      else if (width === 2) data.writeInt16LE(sample, offset);
      else data.writeIntLE(sample, offset, width);
    }
  }
  return data;
}

function unpackSamples(wav: Buffer, start: number, frames: number, channels: number, bitsPerSample: number) {
  const width = bitsPerSample / 8;
  const unpacked = Array.from({ length: channels }, () => new Int32Array(frames));
  for (const [channel, samples] of unpacked.entries()) {
    for (let frame = 0; frame < frames; frame++) {
      const offset = start + (frame * channels + channel) * width;
      samples[frame] = width === 1 ? wav.readUInt8(offset) - 128 : wav.readIntLE(offset, width);
    }
  }
  return unpacked;
}

function packChunk({ id, data }: RiffChunk): Buffer[] {
  const head = Buffer.alloc(8, id, 'latin1');
  head.writeUInt32LE(data.length, 4);
  return [head, Buffer.from(data), Buffer.alloc(data.length % 2)];
}

function samplerOf(options: WavOptions): Sampler {
  const { kind = 'noise', seed = 1, frequency = 440, amplitude = 0.5 } = options;
  const { sampleRate = 44_100, bitsPerSample = 16 } = options;
  const fullScale = 2 ** (bitsPerSample - 1);
  const peak = max(1, floor(amplitude * (fullScale - 1)));
  switch (kind) {
    case 'noise':
      return (frame, channel) => neverZero(round((hash(frame, channel, seed) / 2 ** 31 - 1) * peak));
    case 'sine':
      return (frame) => round(peak * sin((2 * PI * frequency * frame) / sampleRate));
    case 'ramp':
      return (frame) => (frame % (2 * fullScale)) - fullScale;
    default:
      throw new Error(`No kind of WAV is called ${String(kind satisfies never)}.`);
  }
}

/** So that in noise a zero always means silence. */
function neverZero(sample: number): number {
  return sample === 0 ? 1 : sample;
}

/** Thirty-two bits that look random and depend on place and seed alone (the finalizer of MurmurHash3). */
function hash(frame: number, channel: number, seed: number): number {
  let bits = (imul(frame, 0x9e3779b1) ^ imul(channel + 1, 0x85ebca77) ^ imul(seed, 0xc2b2ae3d)) >>> 0;
  bits = imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

function findChunk(wav: Buffer, id: string): { start: number; end: number } {
  for (let offset = 12; offset + 8 <= wav.length;) {
    const start = offset + 8;
    const size = wav.readUInt32LE(offset + 4);
    if (wav.toString('latin1', offset, offset + 4) === id) return { start, end: min(start + size, wav.length) };
    offset = start + size + (size % 2);
  }
  throw new Error(`This WAV has no ${JSON.stringify(id)} chunk.`);
}
