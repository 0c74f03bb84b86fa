import { describe, expect, test } from '@jest/globals';
import { isStreamingAudioError } from '../../plugin/errors.ts';
import { errorOf, parse } from './parse-wav.ts';
import {
  adpcmFields,
  chunk,
  container,
  CONTAINERS,
  data,
  extensibleFields,
  extensibleFmt,
  fmt,
  fmtFields,
  MS_PREDICTORS,
  riff,
  subFormatOf,
} from './wav-bytes.ts';

const AMBISONIC = '010000002107d3118644c8c1ca000000';

describe('samples', () => {
  test.each([
    { tag: 1, bits: 8, bytes: 1, sampleType: 'uint8', carried: 8 },
    { tag: 1, bits: 1, bytes: 1, sampleType: 'uint8', carried: 8 },
    { tag: 1, bits: 9, bytes: 2, sampleType: 'int16', carried: 16 },
    { tag: 1, bits: 12, bytes: 2, sampleType: 'int16', carried: 16 },
    { tag: 1, bits: 16, bytes: 2, sampleType: 'int16', carried: 16 },
    { tag: 1, bits: 20, bytes: 3, sampleType: 'int24', carried: 24 },
    { tag: 1, bits: 24, bytes: 3, sampleType: 'int24', carried: 24 },
    { tag: 1, bits: 24, bytes: 4, sampleType: 'int32', carried: 24 },
    { tag: 1, bits: 32, bytes: 4, sampleType: 'int32', carried: 24 },
    { tag: 3, bits: 32, bytes: 4, sampleType: 'float32', carried: 24 },
    { tag: 3, bits: 64, bytes: 8, sampleType: 'float64', carried: 24 },
    { tag: 6, bits: 8, bytes: 1, sampleType: 'a-law', carried: 16 },
    { tag: 7, bits: 8, bytes: 1, sampleType: 'mu-law', carried: 16 },
  ])('of $bits bits in $bytes bytes, with tag $tag, are $sampleType', ({ tag, bits, bytes, sampleType, carried }) => {
    for (const channels of [1, 2, 8]) {
      const fields = { tag, bits, channels, blockAlign: channels * bytes };
      const expected = { sampleType, bitsPerSample: carried, channels, bytesPerFrame: channels * bytes, frames: 3 };
      const content = Buffer.alloc(channels * bytes * 3);
      for (const name of CONTAINERS) {
        const littleEndian = name !== 'RIFX';
        for (const header of [fmtFields(fields), extensibleFields(fields, subFormatOf(tag))]) {
          const file = container(name, { id: 'fmt ', content: header }, { id: 'data', content });
          expect(parse(file, file.length).format).toMatchObject({ ...expected, littleEndian });
        }
      }
    }
  });
});

test('a sub-format of RIFX may have only its tag in big-endian order, as SoX writes it', () => {
  const content = { id: 'data', content: Buffer.alloc(8) };
  const file = container('RIFX', { id: 'fmt ', content: extensibleFields() }, content);
  Buffer.from('0001000000001000800000aa00389b71', 'hex').copy(file, 44);
  expect(parse(file).format).toMatchObject({ sampleType: 'int16', littleEndian: false });
});

describe('ADPCM', () => {
  test.each([
    { kind: 'ima', channels: 1, blockAlign: 256, packetFrames: 505 },
    { kind: 'ima', channels: 1, blockAlign: 6, packetFrames: 5 },
    { kind: 'ima', channels: 2, blockAlign: 2048, packetFrames: 2041 },
    { kind: 'ima', channels: 8, blockAlign: 1024, packetFrames: 249 },
    { kind: 'ms', channels: 1, blockAlign: 256, packetFrames: 500 },
    { kind: 'ms', channels: 2, blockAlign: 1024, packetFrames: 1012 },
    { kind: 'ms', channels: 5, blockAlign: 500, packetFrames: 188 },
  ] as const)('$kind of $channels channels has $packetFrames frames in $blockAlign bytes', (row) => {
    const { kind, channels, blockAlign, packetFrames } = row;
    const content = Buffer.alloc(3 * blockAlign);
    const file = container('RIFF', { id: 'fmt ', content: adpcmFields(kind, row) }, { id: 'data', content });
    const { format } = parse(file, file.length);
    expect(format).toMatchObject({ channels, packetBytes: blockAlign, packetFrames, frames: 3 * packetFrames });
    expect(format).toMatchObject({ sampleType: 'int16', bitsPerSample: 16, bytesPerFrame: 2 * channels });
    expect(format.adpcm).toEqual({ kind, predictors: kind === 'ms' ? MS_PREDICTORS : [] });
  });

  test('needs no extension where its blocks are full', () => {
    const file = riff(chunk('fmt ', adpcmFields('ima').subarray(0, 16)), data(256));
    expect(parse(file).format).toMatchObject({ packetFrames: 249, frames: 249 });
  });

  test('may leave a part of each block unused', () => {
    const file = riff(chunk('fmt ', adpcmFields('ima', {}, 200)), data(512));
    expect(parse(file).format).toMatchObject({ packetFrames: 200, frames: 400 });
  });

  test.each([
    { what: 'less than its header', bytes: 7, frames: 249, dataBytes: 256 },
    { what: 'its header alone', bytes: 8, frames: 250, dataBytes: 264 },
    { what: 'a part of a turn', bytes: 15, frames: 250, dataBytes: 271 },
    { what: 'a turn', bytes: 16, frames: 258, dataBytes: 272 },
  ])('has $frames frames where the last block is cut to $what', ({ bytes, frames, dataBytes }) => {
    const { format } = parse(riff(chunk('fmt ', adpcmFields('ima')), data(256 + bytes)));
    expect(format.frames).toBe(frames);
    expect(format.dataEnd).toBe(format.dataStart + dataBytes);
  });

  test.each([
    { stated: 497, frames: 497 },
    { stated: 250, frames: 250 },
    { stated: 249, frames: 498 },
    { stated: 0, frames: 498 },
    { stated: 498, frames: 498 },
    { stated: 996, frames: 498 },
    { stated: 0xffff_ffff, frames: 498 },
  ])('ends where fact says, $stated frames, only if that is in the last block', ({ stated, frames }) => {
    const fact = Buffer.alloc(8);
    fact.writeUInt32LE(stated);
    const parts = [
      { id: 'fmt ', content: adpcmFields('ima') },
      { id: 'data', content: Buffer.alloc(512) },
    ];
    for (const name of ['RIFF', 'Wave64'] as const) {
      const content = name === 'RIFF' ? fact.subarray(0, 4) : fact;
      expect(parse(container(name, { id: 'fact', content }, ...parts)).format.frames).toBe(frames);
    }
  });

  test.each([
    { what: 'more frames than its blocks hold', fields: adpcmFields('ima', {}, 250), offset: 32 },
    { what: 'blocks without room for their header', fields: adpcmFields('ms', { blockAlign: 13 }, 0), offset: 32 },
    { what: 'no predictors', fields: adpcmFields('ms', {}, undefined, []), offset: 40 },
    { what: 'fewer predictors than it says', fields: adpcmFields('ms').subarray(0, 30), offset: 40 },
    { what: 'no extension for its predictors', fields: adpcmFields('ms').subarray(0, 18), offset: 40 },
  ])('with $what is malformed', ({ fields, offset }) => {
    expect(errorOf(riff(chunk('fmt ', fields), data(512)))).toMatchObject({ code: 'malformed-wav', offset });
  });

  test('of 3 bits, or big-endian, is unsupported', () => {
    expect(errorOf(riff(chunk('fmt ', adpcmFields('ima', { bits: 3 })), data(512)))).toMatchObject({
      code: 'unsupported-format',
      offset: 34,
    });
    const file = container(
      'RIFX',
      { id: 'fmt ', content: adpcmFields('ima') },
      { id: 'data', content: Buffer.alloc(9) },
    );
    expect(errorOf(file)).toMatchObject({ code: 'unsupported-format', offset: 20 });
  });
});

describe('a fmt chunk that contradicts itself', () => {
  test.each([
    { what: 'too small', header: chunk('fmt ', fmtFields().subarray(0, 14)), offset: 20 },
    { what: 'empty', header: chunk('fmt ', Buffer.alloc(0)), offset: 20 },
    { what: 'extensible, without the extension', header: fmt({ tag: 0xfffe }), offset: 20 },
    { what: 'no channels', header: fmt({ channels: 0, blockAlign: 0 }), offset: 22 },
    { what: 'no sample rate', header: fmt({ sampleRate: 0 }), offset: 24 },
    { what: 'frames of no bytes', header: fmt({ blockAlign: 0 }), offset: 32 },
    { what: 'frames too small', header: fmt({ blockAlign: 2 }), offset: 32 },
    { what: 'frames of 5 bytes a sample', header: fmt({ blockAlign: 10 }), offset: 32 },
    { what: 'frames that no number of channels fills', header: fmt({ blockAlign: 5 }), offset: 32 },
    { what: 'floats in 2 bytes', header: fmt({ tag: 3, bits: 32, blockAlign: 4 }), offset: 32 },
    { what: 'samples of no bits', header: fmt({ bits: 0 }), offset: 34 },
  ])('$what: malformed', ({ header, offset }) => {
    expect(errorOf(riff(header, data(48)))).toMatchObject({ code: 'malformed-wav', offset });
  });

  test('may claim a gigabyte: no more of it is read than means something', () => {
    const file = riff(chunk('fmt ', fmtFields(), 2 ** 30));
    expect(errorOf(file)).toMatchObject({ code: 'malformed-wav', offset: 20 + 2 ** 30 });
  });
});

describe('a WAV of another kind', () => {
  test.each([
    { what: 'MP3', header: fmt({ tag: 0x55 }), offset: 20 },
    { what: 'extensible G.722', header: extensibleFmt({}, subFormatOf(0x65)), offset: 20 },
    { what: 'ambisonic', header: extensibleFmt({}, AMBISONIC), offset: 44 },
    { what: '9 channels', header: fmt({ channels: 9, blockAlign: 18 }), offset: 22 },
    { what: '70,001 Hz', header: fmt({ sampleRate: 70_001 }), offset: 24 },
    { what: '1 MHz', header: fmt({ sampleRate: 1_000_000 }), offset: 24 },
    { what: 'integers of 64 bits', header: fmt({ bits: 64, blockAlign: 16 }), offset: 34 },
    { what: 'floats of 16 bits', header: fmt({ tag: 3 }), offset: 34 },
    { what: 'A-law of 16 bits', header: fmt({ tag: 6 }), offset: 34 },
  ])('$what: unsupported', ({ header, offset }) => {
    const error = errorOf(riff(header, data(48)));
    expect(isStreamingAudioError(error, 'unsupported-format')).toBe(true);
    expect(error).toHaveProperty('offset', offset);
  });
});
