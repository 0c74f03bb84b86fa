import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { CHANNEL_COUNTS, RATES, roundedTo24 } from './encodings.ts';
import { expectedOf, firstDifference, packRemote } from './packed.ts';
import { decodeWithFfmpeg, ffmpeg, sox, withFolder } from './tools.ts';

const FRAMES = 4321; // the last block of ADPCM is not full
const TIMEOUT_MS = 60_000;

const BIG_ENDIAN = [
  { what: '8 bits', args: ['-b', '8'] },
  { what: '16 bits', args: ['-b', '16'] },
  { what: '24 bits', args: ['-b', '24'] },
  { what: '32 bits', args: ['-b', '32'], rounded: { format: 's32le', bytes: 4 } as const },
  { what: 'floats of 32 bits', args: ['-e', 'float', '-b', '32'], rounded: { format: 's32le', bytes: 4 } as const },
  { what: 'floats of 64 bits', args: ['-e', 'float', '-b', '64'], rounded: { format: 's32le', bytes: 4 } as const },
  { what: 'A-law', args: ['-e', 'a-law'] },
  { what: 'µ-law', args: ['-e', 'mu-law'] },
];

/** A sweep from low to high at full scale, and noise on top: steps of every size. */
async function makeSource(folder: string, rate: number, channels: number): Promise<string> {
  const source = path.join(folder, 'source.wav');
  const voices = Array.from({ length: channels }, (_, index) => [
    `0.7*sin(2*PI*${40 + 30 * index}*exp(${index + 2}*t))`,
    '0.4*(random(0)-0.5)',
  ]);
  const exprs = voices.map((voice) => voice.join('+')).join('|');
  const args = ['-f', 'lavfi', '-i', `aevalsrc=exprs=${exprs}:s=${rate}:d=${FRAMES / rate}`, '-c:a', 'pcm_s32le'];
  await ffmpeg(...args, source);
  return source;
}

/** Packs a file and compares what FFmpeg decodes of it with `whole`. */
async function expectPacked(file: string, whole: Buffer): Promise<void> {
  const packed = await packRemote(readFileSync(file));
  expect(packed.format.frames).toBe(FRAMES);
  const mp4 = `${file}.mp4`;
  writeFileSync(mp4, packed.mp4);
  const [decoded = ''] = await decodeWithFfmpeg([mp4]);
  expect({ file, difference: firstDifference(readFileSync(decoded), expectedOf(whole, packed)) }).toEqual({
    file,
    difference: undefined,
  });
}

describe('SoX’s big-endian files come out as SoX decodes them', () => {
  test.each(BIG_ENDIAN)(
    '$what',
    ({ args, rounded }) =>
      withFolder(async (folder) => {
        for (const channels of CHANNEL_COUNTS) {
          const file = path.join(folder, `${channels}.wav`);
          await sox('-G', await makeSource(folder, 44_100, channels), '-B', ...args, file);
          expect(readFileSync(file).toString('latin1', 0, 4)).toBe('RIFX');
          const decoded = await sox(file, '-t', 's32', '-L', '-');
          await expectPacked(file, rounded === undefined ? decoded : roundedTo24(decoded, rounded));
        }
      }),
    TIMEOUT_MS,
  );
});

describe.each(['ima-adpcm', 'ms-adpcm'])('%s comes out as SoX decodes it', (encoding) => {
  test.each(CHANNEL_COUNTS)(
    'of %i channels, at every rate, made by SoX',
    (channels) =>
      withFolder(async (folder) => {
        for (const rate of RATES) {
          const file = path.join(folder, `${rate}.wav`);
          await sox('-G', await makeSource(folder, rate, channels), '-e', encoding, file);
          await expectPacked(file, await sox(file, '-t', 's32', '-L', '-'));
        }
      }),
    TIMEOUT_MS,
  );

  test.each([1, 2])(
    'of %i channels, made by FFmpeg in blocks of several sizes',
    (channels) =>
      withFolder(async (folder) => {
        const source = await makeSource(folder, 44_100, channels);
        const codec = encoding === 'ima-adpcm' ? 'adpcm_ima_wav' : 'adpcm_ms';
        for (const blockBytes of [256, 1024, 4096]) {
          const file = path.join(folder, `${blockBytes}.wav`);
          await ffmpeg('-i', source, '-c:a', codec, '-block_size', String(blockBytes), file);
          const packed = await packRemote(readFileSync(file));
          const whole = await sox(file, '-t', 's32', '-L', '-');
          expect(packed.format.frames).toBeGreaterThanOrEqual(FRAMES);
          const mp4 = `${file}.mp4`;
          writeFileSync(mp4, packed.mp4);
          const [decoded = ''] = await decodeWithFfmpeg([mp4]);
          expect(firstDifference(readFileSync(decoded), expectedOf(whole, packed))).toBeUndefined();
        }
      }),
    TIMEOUT_MS,
  );
});
