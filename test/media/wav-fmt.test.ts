import { describe, expect, test } from '@jest/globals';
import { isStreamingAudioError } from '../../plugin/errors.ts';
import { errorOf, parse } from './parse-wav.ts';
import {
  chunk,
  container,
  CONTAINERS,
  data,
  extensibleFields,
  extensibleFmt,
  fmt,
  fmtFields,
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
