import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { isStreamingAudioError } from '../../plugin/errors.ts';
import { errorOf, parse } from './parse-wav.ts';
import { chunk, data, extensibleFmt, fmt, fmtFields, riff, smpl } from './wav-bytes.ts';

describe('a plain WAV', () => {
  test('is understood from one small request', () => {
    const file = riff(fmt(), data(4000));
    const { format, asked } = parse(file, file.length);
    expect(asked).toEqual([{ start: 0, end: 64 }]);
    expect(format).toEqual({
      channels: 2,
      sampleRate: 44_100,
      sampleType: 'int16',
      littleEndian: true,
      bitsPerSample: 16,
      bytesPerFrame: 4,
      packetBytes: 4,
      packetFrames: 1,
      adpcm: undefined,
      dataStart: 44,
      dataEnd: 4044,
      frames: 1000,
      loops: [],
      markers: [],
      trailer: undefined,
    });
  });

  test.each([
    { bits: 8, channels: 1, sampleRate: 8000 },
    { bits: 24, channels: 6, sampleRate: 96_000 },
    { bits: 16, channels: 8, sampleRate: 655_350 },
    { bits: 16, channels: 2, sampleRate: 1 },
  ])(
    'may have $bits bits, $channels channels and $sampleRate Hz, extensible or not',
    ({ bits, channels, sampleRate }) => {
      const bytesPerFrame = (channels * bits) / 8;
      const fields = { bits, channels, sampleRate, blockAlign: bytesPerFrame };
      for (const header of [fmt(fields), extensibleFmt(fields)]) {
        const { format } = parse(riff(header, data(bytesPerFrame * 7)));
        expect(format).toMatchObject({ bitsPerSample: bits, channels, sampleRate, bytesPerFrame, frames: 7 });
      }
    },
  );

  test('may have its fmt chunk longer than needed', () => {
    const file = riff(chunk('fmt ', Buffer.concat([fmtFields(), Buffer.alloc(101)])), data(8));
    expect(parse(file).format).toMatchObject({ frames: 2, dataStart: 12 + 8 + 117 + 1 + 8 });
  });

  test('may lie in a view on a larger buffer', () => {
    const file = Buffer.concat([Buffer.from('noise'), riff(fmt(), data(8))]);
    expect(parse(file.subarray(5)).format).toMatchObject({ dataStart: 44, frames: 2 });
  });
});

describe('other chunks', () => {
  test('are stepped over unread, padding included', () => {
    const file = riff(chunk('LIST', Buffer.alloc(30_001)), chunk('JUNK', Buffer.alloc(0)), fmt(), data(8));
    const { format, asked } = parse(file, file.length);
    expect(format).toMatchObject({ dataStart: 20 + 30_002 + 8 + 24 + 8, frames: 2 });
    expect(asked).toHaveLength(2);
  });

  test('change nothing, however many and large, in any order', () => {
    const other = fc
      .tuple(fc.constantFrom('LIST', 'JUNK', 'bext', 'fact', 'cue ', 'iXML'), fc.nat(300))
      .map(([id, bytes]) => chunk(id, Buffer.alloc(bytes, 0x64)));
    fc.assert(
      fc.property(fc.array(other), fc.array(other), fc.nat(50), fc.boolean(), (before, between, frames, known) => {
        const ahead = [...before, fmt(), ...between];
        const file = riff(...ahead, data(frames * 4, frames * 4), ...before);
        const dataStart = 12 + Buffer.concat(ahead).length + 8;
        fc.pre(frames > 0);
        const { format } = parse(file, known ? file.length : undefined);
        expect(format).toMatchObject({ dataStart, dataEnd: dataStart + frames * 4, frames, loops: [] });
      }),
    );
  });

  test('after the audio are not looked at', () => {
    const file = riff(fmt(), data(8), smpl([{ start: 0, end: 1 }]));
    expect(parse(file, file.length).format).toMatchObject({ frames: 2, loops: [] });
  });

  test('are not followed for ever', () => {
    const file = riff(...Array.from({ length: 5000 }, () => chunk('JUNK', Buffer.alloc(100))), fmt(), data(8));
    expect(errorOf(file)).toMatchObject({ code: 'malformed-wav', offset: 12 + 1000 * 108 });
  });
});

describe('the length of the audio', () => {
  test.each([
    { what: 'is the size in the header', size: 12, fileSize: undefined, dataEnd: 56, frames: 3 },
    { what: 'leaves out a last frame that is not whole', size: 15, fileSize: 144, dataEnd: 56, frames: 3 },
    { what: 'reaches to the end of the file where the header has 0', size: 0, fileSize: 144, dataEnd: 144, frames: 25 },
    { what: 'so does one of 0xFFFFFFFF', size: 0xffff_ffff, fileSize: 144, dataEnd: 144, frames: 25 },
    { what: 'so does one past the end', size: 1000, fileSize: 144, dataEnd: 144, frames: 25 },
    { what: 'does so in whole frames', size: 0, fileSize: 143, dataEnd: 140, frames: 24 },
    { what: 'is 0 where the file ends with the header', size: 0, fileSize: 44, dataEnd: 44, frames: 0 },
    { what: 'is unknown where header and size are silent', size: 0, fileSize: undefined },
    { what: 'is unknown, too, for 0xFFFFFFFF alone', size: 0xffff_ffff, fileSize: undefined },
    { what: 'may pass 2 GiB', size: 0xffff_fffe, fileSize: undefined, dataEnd: 44 + 0xffff_fffc, frames: 0x3fff_ffff },
  ])('$what', ({ size, fileSize, dataEnd, frames }) => {
    const file = riff(fmt(), data(100, size)).subarray(0, fileSize);
    const { format } = parse(file, fileSize);
    expect({ dataEnd: format.dataEnd, frames: format.frames }).toEqual({ dataEnd, frames });
  });

  test('may pass 4 GiB in a file whose header cannot say so', () => {
    const fileSize = 44 + 4 * 3e9;
    expect(parse(riff(fmt(), data(40, 0)), fileSize).format).toMatchObject({ frames: 3e9, dataEnd: fileSize });
  });
});

describe('a file that is no WAV', () => {
  test.each([
    { what: 'empty', file: Buffer.alloc(0), offset: 0 },
    { what: 'an Ogg', file: Buffer.from(`OggS${'\0'.repeat(80)}`), offset: 0 },
    { what: 'an AVI', file: Buffer.from(`RIFF\0\0\0\0AVI ${'\0'.repeat(80)}`), offset: 8 },
    { what: 'cut within RIFF', file: Buffer.from('RIF'), offset: 0 },
    { what: 'cut within its first 12 bytes', file: riff().subarray(0, 10), offset: 8 },
    { what: 'only a RIFF header', file: riff(), offset: 12 },
    { what: 'without a data chunk', file: riff(fmt()), offset: 36 },
    { what: 'cut within a chunk header', file: riff(fmt(), data(4)).subarray(0, 41), offset: 36 },
    { what: 'cut within fmt', file: riff(fmt()).subarray(0, 30), offset: 20 },
    { what: 'data before fmt', file: riff(data(8), fmt()), offset: 12 },
    {
      what: 'a chunk past its end',
      file: riff(chunk('LIST', Buffer.alloc(10), 0xffff_fff0), fmt()),
      offset: 0x1_0000_0004,
    },
  ])('$what: malformed, known size or not', ({ file, offset }) => {
    for (const fileSize of [undefined, file.length]) {
      const error = errorOf(file, fileSize);
      expect(isStreamingAudioError(error, 'malformed-wav')).toBe(true);
      expect(error).toHaveProperty('offset', offset);
    }
  });

  test.each(['<!DOCTYPE html><p>Sign in', '<html lang="en">', '\uFEFF\r\n\t <!doctype HTML>', '\n<HTML>'])(
    'a web page, %j, is called one',
    (page) => {
      expect(errorOf(Buffer.from(page))).toMatchObject({ code: 'malformed-wav', reason: 'a web page came instead' });
    },
  );
});
