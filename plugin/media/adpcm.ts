/**
 * The two ADPCM encodings of WAV, in blocks that each decode by themselves: IMA ("Recommended Practices for Enhancing
 * Digital Audio Compatibility in Multimedia Systems", revision 3.00) and Microsoft's ("New Multimedia Data Types and
 * Data Techniques", revision 3.0).
 */

/** How blocks are coded. */
export interface Adpcm {
  readonly kind: 'ima' | 'ms';
  /** Pairs of weights for the last sample and the one before it, in steps of 1/256; Microsoft's ADPCM alone has them. */
  readonly predictors: readonly Predictor[];
}

export type Predictor = readonly [last: number, before: number];

/** The bytes of a block's header for each channel, and the samples that it holds. */
const HEADERS = { ima: { bytes: 4, samples: 1 }, ms: { bytes: 7, samples: 2 } } as const;

const IMA_MAX_INDEX = 88;
/** How a code moves the index of the step; its sign bit does not count. */
const IMA_INDEX_MOVES = /* @__PURE__ */ Int8Array.of(-1, -1, -1, -1, 2, 4, 6, 8);
const IMA_STEPS = /* @__PURE__ */ Int16Array.from([
  7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97, 107, 118,
  130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449, 494, 544, 598, 658, 724, 796, 876, 963, 1060,
  1166, 1282, 1411, 1552, 1707, 1878, 2066, 2272, 2499, 2749, 3024, 3327, 3660, 4026, 4428, 4871, 5358, 5894, 6484,
  7132, 7845, 8630, 9493, 10_442, 11_487, 12_635, 13_899, 15_289, 16_818, 18_500, 20_350, 22_385, 24_623, 27_086,
  29_794, 32_767,
]);

const MS_LEAST_DELTA = 16;
/** Beyond it, the next product would not fit into 32 bits; no encoder comes near. */
const MS_MOST_DELTA = 2 ** 21;
/** How a code changes the step, in 1/256. */
const MS_DELTA_FACTORS = /* @__PURE__ */ Int16Array.from([
  230, 230, 230, 230, 307, 409, 512, 614, 768, 614, 512, 409, 307, 230, 230, 230,
]);

/** How many frames a block of so many bytes holds; 0 where it is too short for its header. */
export function adpcmFrames(kind: Adpcm['kind'], channels: number, bytes: number): number {
  const header = HEADERS[kind];
  const codeBytes = bytes - header.bytes * channels;
  if (codeBytes < 0) return 0;
  // IMA gives each channel four bytes in turn: with several channels, a turn counts only where it is whole.
  const isInTurns = kind === 'ima' && channels > 1;
  const turnBytes = 4 * channels;
  return header.samples + (isInTurns ? 8 * Math.floor(codeBytes / turnBytes) : Math.floor((2 * codeBytes) / channels));
}

/**
 * Decodes one block to interleaved little-endian samples of 16 bits.
 *
 * @param block has at least the bytes that `frames` need, by {@link adpcmFrames}
 * @param target has room for `frames` from `offset` on
 */
export function decodeAdpcm(
  { kind, predictors }: Adpcm,
  channels: number,
  block: DataView,
  frames: number,
  target: DataView,
  offset: number,
): void {
  for (let channel = 0; channel < channels; channel++) {
    const to = offset + 2 * channel;
    if (kind === 'ima') decodeIma(block, channel, channels, frames, target, to);
    else decodeMs(block, channel, channels, frames, target, to, predictors);
  }
}

function decodeIma(
  block: DataView,
  channel: number,
  channels: number,
  frames: number,
  target: DataView,
  offset: number,
): void {
  let sample = block.getInt16(4 * channel, true);
  let index = Math.min(block.getUint8(4 * channel + 2), IMA_MAX_INDEX);
  let to = offset;
  target.setInt16(to, sample, true);
  for (let at = 0; at < frames - 1; at++) {
    const byte = block.getUint8(4 * (channels * (1 + (at >> 3)) + channel) + ((at >> 1) & 3));
    const code = (at & 1) === 0 ? byte & 0xf : byte >> 4;
    const step = IMA_STEPS[index] ?? 0;
    // Each term is cut to a whole number, as in the standard's hardware: the sum rounds otherwise.
    let change = step >> 3;
    if ((code & 4) !== 0) change += step;
    if ((code & 2) !== 0) change += step >> 1;
    if ((code & 1) !== 0) change += step >> 2;
    sample = clamp16((code & 8) === 0 ? sample + change : sample - change);
    index += IMA_INDEX_MOVES[code & 7] ?? 0;
    index = index < 0 ? 0 : index > IMA_MAX_INDEX ? IMA_MAX_INDEX : index;
    to += 2 * channels;
    target.setInt16(to, sample, true);
  }
}

/** The header has each field for all channels in turn: predictor, step, last sample, the one before it. */
function decodeMs(
  block: DataView,
  channel: number,
  channels: number,
  frames: number,
  target: DataView,
  offset: number,
  predictors: readonly Predictor[],
): void {
  const [lastWeight, beforeWeight] = predictors[block.getUint8(channel)] ?? [0, 0];
  let delta = block.getInt16(channels + 2 * channel, true);
  let last = block.getInt16(3 * channels + 2 * channel, true);
  let before = block.getInt16(5 * channels + 2 * channel, true);
  let to = offset;
  target.setInt16(to, before, true);
  for (let at = 1; at < frames; at++) {
    to += 2 * channels;
    target.setInt16(to, last, true);
    if (at === frames - 1) break;
    const place = (at - 1) * channels + channel;
    const byte = block.getUint8(7 * channels + (place >> 1));
    const code = (place & 1) === 0 ? byte >> 4 : byte & 0xf;
    const predicted = (last * lastWeight + before * beforeWeight) >> 8;
    before = last;
    last = clamp16(predicted + (code < 8 ? code : code - 16) * delta);
    delta = Math.min(Math.max(((MS_DELTA_FACTORS[code] ?? 0) * delta) >> 8, MS_LEAST_DELTA), MS_MOST_DELTA);
  }
}

function clamp16(value: number): number {
  return value < -0x8000 ? -0x8000 : value > 0x7fff ? 0x7fff : value;
}
