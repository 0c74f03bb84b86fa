import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  chunk,
  type ChunkParts,
  container,
  CONTAINERS,
  ds64,
  extensibleFields,
  fmtFields,
  riff,
} from '../media/wav-bytes.ts';
import { type Chromium, launchChromium } from '../support/chromium.ts';
import { type Mount, type RangeServer, startRangeServer } from '../support/range-server.ts';
import { pseudoRandomBytes } from '../support/served-content.ts';
import { roundedTo24 } from './encodings.ts';
import { expectedOf, firstDifference, packRemote, type Stretch } from './packed.ts';
import { decodeWithFfmpeg, ffmpeg, sox, withFolder } from './tools.ts';

const TIMEOUT_MS = 60_000;
const FRAMES = 5000;
const SOUND = ['-f', 'lavfi', '-i', `aevalsrc=exprs=random(0)-0.5|random(1)-0.5:s=44100:d=${FRAMES / 44_100}`];

/** Packs a file, and compares what FFmpeg decodes of it with samples of 32 bits. */
async function expectPacked(file: Mount, whole: Buffer, places?: readonly Stretch[]): Promise<void> {
  await withFolder(async (folder) => {
    const packed = await packRemote(file, 1, places);
    const mp4 = path.join(folder, 'packed.mp4');
    writeFileSync(mp4, packed.mp4);
    const [decoded = ''] = await decodeWithFfmpeg([mp4]);
    const expected = places === undefined ? expectedOf(whole, packed) : whole;
    expect(firstDifference(readFileSync(decoded), expected)).toBeUndefined();
  });
}

describe('samples narrower than their bytes', () => {
  test.each([
    { bits: 12, bytes: 2 },
    { bits: 20, bytes: 3 },
    { bits: 17, bytes: 3 },
    { bits: 20, bytes: 4 },
    { bits: 24, bytes: 4 },
    { bits: 32, bytes: 4 },
    { bits: 4, bytes: 1 },
  ])(
    '$bits bits in $bytes bytes come out as they are, 32 rounded',
    async ({ bits, bytes }) => {
      const count = 2 * FRAMES;
      const random = Buffer.from(pseudoRandomBytes(4 * count).buffer);
      const content = Buffer.alloc(count * bytes);
      const whole = Buffer.alloc(4 * count);
      for (let index = 0; index < count; index++) {
        const value = (random.readInt32LE(4 * index) >> (32 - bits)) * 2 ** (32 - bits); // at the upper end of 32 bits
        whole.writeInt32LE(value, 4 * index);
        if (bytes === 1) content.writeUInt8(((value >> 24) + 128) & 0xff, index);
        else content.writeIntLE(value >> (32 - 8 * bytes), index * bytes, bytes);
      }
      const expected = roundedTo24(whole, { format: 's32le', bytes: 4 });
      for (const fields of [fmtFields({ bits, blockAlign: 2 * bytes }), validBits(bits, bytes)]) {
        await expectPacked(riff(chunk('fmt ', fields), chunk('data', content)), expected);
      }
    },
    TIMEOUT_MS,
  );
});

/** Extensible: the container's bits in one field, those that count in another. */
function validBits(bits: number, bytes: number): Buffer {
  const fields = extensibleFields({ bits: 8 * bytes, blockAlign: 2 * bytes });
  fields.writeUInt16LE(bits, 18);
  return fields;
}

describe('files whose writer could not seek back', () => {
  test.each([
    { what: 'FFmpeg’s RIFF', make: () => ffmpeg(...SOUND, '-f', 'wav', '-') },
    { what: 'FFmpeg’s RF64', make: () => ffmpeg(...SOUND, '-rf64', 'always', '-f', 'wav', '-') },
    { what: 'FFmpeg’s Wave64', make: () => ffmpeg(...SOUND, '-f', 'w64', '-') },
    { what: 'SoX’s RIFF', make: () => piped('-t', 'wav') },
    { what: 'SoX’s RIFX', make: () => piped('-B', '-t', 'wav') },
  ])(
    '$what is played to its end',
    async ({ make }) => {
      const file = await make();
      const { format } = await packRemote(file);
      expect(format.frames).toBe(FRAMES);
      const audio = Buffer.from(file.subarray(format.dataStart));
      if (!format.littleEndian) audio.swap16();
      const whole = Buffer.alloc(2 * audio.length);
      for (let at = 0; at < audio.length; at += 2) whole.writeInt16LE(audio.readInt16LE(at), 2 * at + 2);
      await expectPacked(file, whole);
    },
    TIMEOUT_MS,
  );
});

/** What SoX writes to a pipe. */
async function piped(...args: readonly string[]): Promise<Buffer> {
  return withFolder(async (folder) => {
    const source = path.join(folder, 'source.wav');
    await ffmpeg(...SOUND, source);
    return sox(source, '-b', '16', ...args, '-');
  });
}

describe('odd headers', () => {
  const content = Buffer.from(pseudoRandomBytes(4 * FRAMES));
  const whole = Buffer.alloc(2 * content.length);
  for (let at = 0; at < content.length; at += 2) whole.writeInt16LE(content.readInt16LE(at), 2 * at + 2);
  const audio: ChunkParts = { id: 'data', content };
  const header: ChunkParts = { id: 'fmt ', content: fmtFields() };
  const tag: ChunkParts = { id: 'id3 ', content: Buffer.alloc(3 * 2 ** 20 + 1, 0x64) };
  const trap: ChunkParts = {
    id: 'LIST',
    content: riff(chunk('fmt ', fmtFields({ channels: 1 })), chunk('data', content)),
  };

  test.each(CONTAINERS.filter((name) => name !== 'RIFX'))(
    'chunks of megabytes, and chunks inside chunks, change nothing in %s',
    async (name) => {
      await expectPacked(container(name, tag, trap, header, trap, tag, audio, trap, tag), whole);
    },
    TIMEOUT_MS,
  );

  test('a file cut short is played as far as it goes', async () => {
    const file = container('RIFF', header, audio);
    const left = 4 * 1234;
    await expectPacked(file.subarray(0, 44 + left + 3), whole.subarray(0, 2 * left));
  });

  test(
    'a file beyond 4 GiB is read in place, and packed past what 31 bits count',
    async () => {
      const frames = 2 ** 31 + 2 ** 20;
      const head = riff(
        ds64([{ ...audio, size: 2 * frames }]),
        chunk('fmt ', fmtFields({ channels: 1, blockAlign: 2 })),
      );
      head.write('RF64', 'latin1');
      const start = Buffer.concat([head, Buffer.from('data\xff\xff\xff\xff', 'latin1')]);
      const places = [2 ** 31 - 3000, 2 ** 31 - 8, 2 ** 31 + 2 ** 20 - 500].map((place) => ({
        start: place,
        frames: 500,
      }));
      const samples = places.flatMap((place) =>
        Array.from({ length: 500 }, (_, index) => sampleAt(place.start + index)),
      );
      const read = (from: number, to: number): Buffer => {
        const bytes = Buffer.alloc(to - from);
        start.copy(bytes, 0, Math.min(from, start.length));
        for (let at = Math.max(from, start.length); at < to; at++) {
          const sample = sampleAt(Math.floor((at - start.length) / 2));
          bytes[at - from] = (at - start.length) % 2 === 0 ? sample & 0xff : (sample >> 8) & 0xff;
        }
        return bytes;
      };
      const size = start.length + 2 * frames;
      const file = { size, type: 'audio/wav', etag: '"long"', lastModified: new Date(0), read };
      const expected = Buffer.alloc(4 * samples.length);
      samples.forEach((sample, index) => expected.writeInt16LE(sample, 4 * index + 2));
      await expectPacked(file, expected, places);
    },
    TIMEOUT_MS,
  );
});

/** Sixteen bits that tell frames apart. */
function sampleAt(frame: number): number {
  return (Math.imul(frame, 0x9e37_79b1) >> 13) % 2 ** 15;
}

describe('Chromium', () => {
  test('decodes our segments to the same floats as it does a WAV of 16 or 24 bits', async () => {
    const server: RangeServer = await startRangeServer({ '/index.html': Buffer.from('<!doctype html>') });
    const chromium: Chromium = await launchChromium();
    try {
      const page = await chromium.open(`${server.url}/index.html`);
      for (const codec of ['pcm_s16le', 'pcm_s24le']) {
        const wav = await ffmpeg(...SOUND, '-c:a', codec, '-f', 'wav', '-');
        server.mount('/track.wav', wav);
        server.mount('/packed.mp4', (await packRemote(wav, 1, [{ start: 0, frames: FRAMES }])).mp4);
        const differences = await page.evaluate(async () => {
          const [wave, packed] = await Promise.all(
            ['/track.wav', '/packed.mp4'].map(async (url) => {
              const bytes = await (await fetch(url)).arrayBuffer();
              return new OfflineAudioContext(2, 1, 44_100).decodeAudioData(bytes);
            }),
          );
          if (wave === undefined || packed === undefined) return NaN;
          const right = packed.getChannelData(1);
          return wave.getChannelData(1).filter((sample, frame) => sample !== right[frame]).length;
        });
        expect({ codec, differences }).toEqual({ codec, differences: 0 });
      }
    } finally {
      await chromium.close();
      await server.close();
    }
  });
});
