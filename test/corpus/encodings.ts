/** What the corpus is the product of. */

export interface Encoding {
  /** As FFmpeg calls it. */
  readonly codec: string;
  /** Of samples that are rounded: to how many bytes FFmpeg decodes them as they are, and the format that it calls that. */
  readonly rounded?: { readonly format: 's32le' | 'f64le'; readonly bytes: 4 | 8 };
}

export const ENCODINGS: readonly Encoding[] = [
  { codec: 'pcm_u8' },
  { codec: 'pcm_s16le' },
  { codec: 'pcm_s24le' },
  { codec: 'pcm_s32le', rounded: { format: 's32le', bytes: 4 } },
  { codec: 'pcm_f32le', rounded: { format: 'f64le', bytes: 8 } },
  { codec: 'pcm_f64le', rounded: { format: 'f64le', bytes: 8 } },
  { codec: 'pcm_alaw' },
  { codec: 'pcm_mulaw' },
];

export const RATES = [8000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000];
export const CHANNEL_COUNTS = [1, 2, 3, 4, 5, 6, 7, 8];

/** The containers that FFmpeg writes, and BW64, which is RF64 under another name. */
export const CORPUS_CONTAINERS: Readonly<Record<string, readonly string[]>> = {
  RIFF: ['-f', 'wav'],
  RF64: ['-rf64', 'always', '-f', 'wav'],
  BW64: ['-rf64', 'always', '-f', 'wav'],
  Wave64: ['-f', 'w64'],
};

/** The 24-bit samples that others become, in full scale of 32 bits: rounded by the rule of `docs/formats.md`. */
export function roundedTo24(decoded: Buffer, { format, bytes }: { format: 's32le' | 'f64le'; bytes: number }): Buffer {
  const rounded = Buffer.alloc((decoded.length / bytes) * 4);
  for (let from = 0, to = 0; from < decoded.length; from += bytes, to += 4) {
    const steps = format === 's32le' ? decoded.readInt32LE(from) / 2 ** 8 : decoded.readDoubleLE(from) * 2 ** 23;
    rounded.writeInt32LE(Math.max(-(2 ** 23), Math.min(nearestEven(steps), 2 ** 23 - 1)) * 2 ** 8, to);
  }
  return rounded;
}

function nearestEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  const isUp = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0);
  return isUp ? floor + 1 : floor;
}
