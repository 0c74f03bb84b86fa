import { open } from 'node:fs/promises';
import { seededRandom } from './random.mjs';

const CHANNELS = 2;
const BYTES_PER_FRAME = 2 * CHANNELS; // 16 bits a sample
const SAMPLER_BYTES = 36 + 24; // the body of a smpl chunk with one loop
const BLOCK_FRAMES = 2 ** 18; // 1 MiB a write

/** Bytes before the first sample: RIFF header, `fmt `, `smpl`, and the head of `data`. */
export const HEADER_BYTES = 12 + (8 + 16) + (8 + SAMPLER_BYTES) + 8;

/** The size of the whole file. */
export function wavBytes(frames) {
  return HEADER_BYTES + frames * BYTES_PER_FRAME;
}

/**
 * Writes 16-bit stereo PCM with one forward loop.
 *
 * @param {string} path
 * @param {{ left: Float32Array, right: Float32Array }} channels
 * @param {{ sampleRate: number, gain: number, loop: { start: number, end: number } }} options `gain` brings the
 *   channels into [-1, 1); `loop` is `[start, end)` in frames
 */
export async function writeWav(path, channels, { sampleRate, gain, loop }) {
  const file = await open(path, 'w');
  try {
    const frames = channels.left.length;
    await file.write(wavHeader(frames, sampleRate, loop));
    const random = seededRandom(16);
    for (let start = 0; start < frames; start += BLOCK_FRAMES) {
      const end = Math.min(start + BLOCK_FRAMES, frames);
      const left = channels.left.subarray(start, end);
      const right = channels.right.subarray(start, end);
      await file.write(quantise(left, right, gain, random));
    }
  } finally {
    await file.close();
  }
}

function wavHeader(frames, sampleRate, loop) {
  const header = Buffer.alloc(HEADER_BYTES);
  let offset = 0;
  const text = (value) => (offset += header.write(value, offset, 'latin1'));
  const uint32 = (...values) => values.forEach((value) => (offset = header.writeUInt32LE(value, offset)));
  const uint16 = (...values) => values.forEach((value) => (offset = header.writeUInt16LE(value, offset)));
  text('RIFF');
  uint32(wavBytes(frames) - 8);
  text('WAVEfmt ');
  uint32(16);
  uint16(1, CHANNELS);
  uint32(sampleRate, sampleRate * BYTES_PER_FRAME);
  uint16(BYTES_PER_FRAME, 16);
  text('smpl');
  // No maker, no product, nanoseconds a frame, middle C as the unity note, no fraction, no SMPTE, one loop, no extra.
  uint32(SAMPLER_BYTES, 0, 0, Math.round(1e9 / sampleRate), 60, 0, 0, 0, 1, 0);
  // Loop 0 runs forward without end; the chunk counts its last frame in.
  uint32(0, 0, loop.start, loop.end - 1, 0, 0);
  text('data');
  uint32(frames * BYTES_PER_FRAME);
  return header;
}

// Triangular dither keeps the quiet tails free of the grain that plain rounding leaves.
function quantise(left, right, gain, random) {
  const samples = new Int16Array(left.length * CHANNELS);
  for (let frame = 0; frame < left.length; frame++) {
    const dither = random() - random();
    samples[2 * frame] = Math.round(left[frame] * gain * 32_767 + dither);
    samples[2 * frame + 1] = Math.round(right[frame] * gain * 32_767 - dither);
  }
  return new Uint8Array(samples.buffer);
}
