import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { type AudioLayout, framesIn, unpack } from '../../plugin/media/packets.ts';
import { parse } from './parse-wav.ts';
import { adpcmFields, chunk, data, MS_PREDICTORS, riff } from './wav-bytes.ts';

function layoutOf(fields: Buffer): AudioLayout {
  return parse(riff(chunk('fmt ', fields), data(0, 0))).format;
}

/** Interleaved samples. */
function samplesOf(layout: AudioLayout, bytes: Uint8Array): number[] {
  const pcm = Buffer.from(unpack(layout, bytes));
  return Array.from({ length: pcm.length / 2 }, (_, index) => pcm.readInt16LE(2 * index));
}

/** The header of a block for one channel. */
function msHeader(predictor: number, delta: number, last: number, before: number): Buffer {
  const header = Buffer.alloc(7);
  header.writeUInt8(predictor);
  [delta, last, before].forEach((value, index) => header.writeInt16LE(value, 1 + 2 * index));
  return header;
}

function imaHeader(sample: number, index: number): Buffer {
  const header = Buffer.of(0, 0, index, 0);
  header.writeInt16LE(sample);
  return header;
}

describe('IMA ADPCM', () => {
  const mono = layoutOf(adpcmFields('ima', { channels: 1, blockAlign: 6 }));

  test('is decoded as the standard has it, the low half of a byte first', () => {
    expect(samplesOf(mono, Buffer.concat([imaHeader(100, 0), Buffer.of(0xf7, 0x80)]))).toEqual([100, 111, 81, 85, 82]);
  });

  test('stays within 16 bits', () => {
    expect(samplesOf(mono, Buffer.concat([imaHeader(32_767, 88), Buffer.of(0x77, 0x77)]))).toEqual([
      32_767, 32_767, 32_767, 32_767, 32_767,
    ]);
    expect(samplesOf(mono, Buffer.concat([imaHeader(-32_768, 255), Buffer.of(0xff, 0xff)]))).toEqual([
      -32_768, -32_768, -32_768, -32_768, -32_768,
    ]);
  });

  test('gives each channel four bytes in turn', () => {
    const stereo = layoutOf(adpcmFields('ima', { blockAlign: 24 }));
    const turns = [Buffer.alloc(4, 0x00), Buffer.alloc(4, 0x88), Buffer.alloc(4, 0x88), Buffer.alloc(4, 0x00)];
    const block = Buffer.concat([imaHeader(1000, 40), imaHeader(-1000, 40), ...turns]);
    const samples = samplesOf(stereo, block);
    const left = samples.filter((_, index) => index % 2 === 0);
    expect(samples).toHaveLength(2 * 17);
    expect(samples.filter((_, index) => index % 2 === 1)).toEqual(left.map((sample) => -sample));
    expect(Math.max(...left)).toBe(left[8]);
  });
});

describe('Microsoft ADPCM', () => {
  const mono = layoutOf(adpcmFields('ms', { channels: 1, blockAlign: 9 }));

  test.each([
    { what: 'the last sample', header: msHeader(0, 16, 100, 50), samples: [50, 100, 116, 100, 212, -92] },
    { what: 'both of the last two', header: msHeader(1, 16, 100, 50), samples: [50, 100, 166, 216, 378, 236] },
    { what: 'nothing', header: msHeader(2, 16, 100, 50), samples: [50, 100, 16, -16, 112, -304] },
  ])('predicts from $what, the high half of a byte first', ({ header, samples }) => {
    expect(samplesOf(mono, Buffer.concat([header, Buffer.of(0x1f, 0x78)]))).toEqual(samples);
  });

  test('cuts its predictions downward', () => {
    expect(samplesOf(mono, Buffer.concat([msHeader(4, 16, -1, 0), Buffer.of(0x00, 0x00)])).slice(0, 4)).toEqual([
      0, -1, -1, -1,
    ]);
  });

  test('stays within 16 bits, and survives steps that no encoder makes', () => {
    const block = Buffer.concat([msHeader(1, 32_767, 32_767, -32_768), Buffer.alloc(2, 0x77)]);
    expect(samplesOf(mono, block)).toEqual([-32_768, 32_767, 32_767, 32_767, 32_767, 32_767]);
    const long = layoutOf(adpcmFields('ms', { channels: 1, blockAlign: 1024 }));
    const wild = samplesOf(long, Buffer.concat([msHeader(6, -32_768, 5, 5), Buffer.alloc(1017, 0x88)]));
    expect(wild.every((sample) => Math.abs(sample) <= 32_768)).toBe(true);
    expect(wild.at(-1)).toBe(-32_768);
  });

  test('takes the predictors of the file, and none for a block that names one too many', () => {
    const own = layoutOf(adpcmFields('ms', { channels: 1, blockAlign: 9 }, undefined, [...MS_PREDICTORS, [-256, 0]]));
    const codes = Buffer.of(0x00, 0x00);
    expect(samplesOf(own, Buffer.concat([msHeader(7, 16, 9, 0), codes]))).toEqual([0, 9, -9, 9, -9, 9]);
    expect(samplesOf(own, Buffer.concat([msHeader(8, 16, 9, 0), codes]))).toEqual([0, 9, 0, 0, 0, 0]);
  });
});

describe.each(['ima', 'ms'] as const)('%s packets', (kind) => {
  test('decode by themselves, whatever is in them and wherever the last is cut', () => {
    const channelCount = fc.integer({ min: 1, max: 8 });
    const bytes = fc.uint8Array({ minLength: 0, maxLength: 900 });
    fc.assert(
      fc.property(channelCount, fc.integer({ min: 2, max: 6 }), bytes, (channels, turns, audio) => {
        const layout = layoutOf(adpcmFields(kind, { channels, blockAlign: 4 * channels * turns }));
        const whole = samplesOf(layout, audio);
        expect(whole).toHaveLength(framesIn(layout, audio.length) * channels);
        const parts: number[][] = [];
        for (let at = 0; at < audio.length; at += layout.packetBytes) {
          parts.push(samplesOf(layout, audio.subarray(at, at + layout.packetBytes)));
        }
        expect(parts.flat()).toEqual(whole);
      }),
    );
  });
});

test('packets of PCM are its frames, as they are', () => {
  const { format } = parse(riff(chunk('fmt ', Buffer.from('0100020044ac000010b10200040010000000', 'hex')), data(0, 0)));
  const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
  expect(framesIn(format, 9)).toBe(2);
  expect(unpack(format, bytes)).toEqual(bytes.subarray(0, 8));
});
