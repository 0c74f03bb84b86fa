/** A WAV of each kind of samples, as long as need be and never held. */
import type { ServedContent } from '../support/range-server.ts';
import { pseudoRandomBytes } from '../support/served-content.ts';
import { adpcmFields, chunk, type FmtFields, fmtFields, riff } from '../media/wav-bytes.ts';

export const KINDS = [
  '16-bit',
  '24-bit',
  '32-bit float',
  '64-bit float',
  'µ-law',
  'IMA ADPCM',
  'Microsoft ADPCM',
  '24-bit, 192 kHz, 8 channels',
] as const;
export type Kind = (typeof KINDS)[number];

const SECONDS = 60;
const RATE = 44_100;
const TILE_PACKETS = 1024;
const ADPCM_BLOCK_BYTES = 2048; // as encoders make them at 44.1 kHz
const ADPCM_BLOCK_FRAMES = { ima: 2041, ms: 2036 };
const IMA_STEPS = 89;

export function makeKind(kind: Kind): ServedContent {
  const { format, packetBytes, packetFrames, tile } = KIND_PARTS[kind]();
  const dataBytes = Math.ceil((SECONDS * format.readUInt32LE(4)) / packetFrames) * packetBytes;
  const head = riff(chunk('fmt ', format), chunk('data', new Uint8Array(), dataBytes));
  const read = (start: number, end: number): Buffer => {
    const bytes = Buffer.alloc(end - start);
    for (let at = start; at < end;) {
      const part = at < head.length ? head.subarray(at) : tile.subarray((at - head.length) % tile.length);
      at += Buffer.from(part.buffer, part.byteOffset, part.length).copy(bytes, at - start);
    }
    return bytes;
  };
  return {
    size: head.length + dataBytes,
    type: 'audio/wav',
    etag: `"${kind.length}"`,
    lastModified: new Date(0),
    read,
  };
}

interface KindParts {
  /** The content of the `fmt ` chunk. */
  readonly format: Buffer;
  readonly packetBytes: number;
  readonly packetFrames: number;
  /** What is heard again and again: whole packets. */
  readonly tile: Uint8Array;
}

const KIND_PARTS: Readonly<Record<Kind, () => KindParts>> = {
  '16-bit': () => pcm({ bits: 16 }),
  '24-bit': () => pcm({ bits: 24 }),
  '32-bit float': () => pcm({ bits: 32, tag: 3 }, (noise) => Float32Array.from(noise)),
  '64-bit float': () => pcm({ bits: 64, tag: 3 }, (noise) => Float64Array.from(noise)),
  'µ-law': () => pcm({ bits: 8, tag: 7 }),
  'IMA ADPCM': () => adpcm('ima'),
  'Microsoft ADPCM': () => adpcm('ms'),
  '24-bit, 192 kHz, 8 channels': () => pcm({ bits: 24, channels: 8, sampleRate: 192_000 }),
};

function pcm(
  fields: Partial<FmtFields> & { readonly bits: number },
  toSamples: (noise: number[]) => ArrayBufferView = (noise) => pseudoRandomBytes(noise.length * (fields.bits / 8)),
): KindParts {
  const { channels = 2, sampleRate = RATE, bits } = fields;
  const packetBytes = (channels * bits) / 8;
  const noise = Array.from(pseudoRandomBytes(TILE_PACKETS * channels), (byte) => byte / 256 - 0.5);
  const { buffer } = toSamples(noise);
  const format = fmtFields({ ...fields, sampleRate, blockAlign: packetBytes });
  return { format, packetBytes, packetFrames: 1, tile: new Uint8Array(buffer, 0, TILE_PACKETS * packetBytes) };
}

function adpcm(codec: 'ima' | 'ms'): KindParts {
  const tile = pseudoRandomBytes(TILE_PACKETS * ADPCM_BLOCK_BYTES);
  for (let block = 0; block < tile.length; block += ADPCM_BLOCK_BYTES) {
    // Each channel's head must be one that an encoder writes: a known predictor, a step of the table.
    if (codec === 'ms') tile.fill(0, block, block + 2);
    else for (const at of [block + 2, block + 6]) tile.set([(tile[at] ?? 0) % IMA_STEPS, 0], at);
  }
  const format = adpcmFields(codec, { blockAlign: ADPCM_BLOCK_BYTES });
  return { format, packetBytes: ADPCM_BLOCK_BYTES, packetFrames: ADPCM_BLOCK_FRAMES[codec], tile };
}
