import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { errorOf, parse } from './parse-wav.ts';
import {
  chunk,
  container,
  CONTAINERS,
  type ContainerName,
  data,
  ds64,
  fmt,
  fmtFields,
  riff,
  type ChunkParts,
} from './wav-bytes.ts';

const FMT: ChunkParts = { id: 'fmt ', content: fmtFields() };
const FRAME = Buffer.of(1, 2, 3, 4);

describe.each(CONTAINERS)('%s', (name) => {
  test('is read, whatever its chunks', () => {
    const other = fc
      .tuple(fc.constantFrom('LIST', 'JUNK', 'bext', 'fact', 'iXML', 'id3 ', 'chna'), fc.nat(300))
      .map(([id, bytes]) => ({ id, content: Buffer.alloc(bytes, 0x64) }));
    const someChunks = fc.array(other, { maxLength: 6 });
    const frames = fc.integer({ min: 1, max: 50 });
    fc.assert(
      fc.property(someChunks, someChunks, someChunks, frames, (before, between, after, count) => {
        const content = Buffer.concat(Array.from({ length: count }, () => FRAME));
        const file = container(name, ...before, FMT, ...between, { id: 'data', content }, ...after);
        const { format } = parse(file, file.length);
        expect(format).toMatchObject({ frames: count, littleEndian: name !== 'RIFX' });
        expect(file.subarray(format.dataStart, format.dataEnd)).toEqual(content);
      }),
      { numRuns: 60 },
    );
  });

  test('is read to the end of the file where its writer could not seek back', () => {
    for (const size of [0, 0xffff_ffff, 0x7fff_f000, 10_000]) {
      const file = container(name, FMT, { id: 'data', content: Buffer.alloc(4 * 9), size });
      const { format } = parse(file, file.length);
      expect(format.dataEnd).toBe(format.dataStart + Math.floor((file.length - format.dataStart) / 4) * 4);
      expect(format.frames).toBeGreaterThanOrEqual(9);
    }
  });

  test('may pass 4 GiB where it can say so', () => {
    const size = 4 * 3e9;
    const file = container(name, FMT, { id: 'data', content: FRAME, ...(canSayLong(name) ? { size } : { size: 0 }) });
    const { format } = parse(file, file.length - 4 + size);
    expect(format).toMatchObject({ frames: 3e9, dataEnd: format.dataStart + size });
  });
});

function canSayLong(name: ContainerName): boolean {
  return name !== 'RIFF' && name !== 'RIFX';
}

describe('RF64', () => {
  test('may have other chunks beyond 4 GiB, whose sizes stand in a table', () => {
    const long: ChunkParts = { id: 'bext', content: Buffer.alloc(0), size: 2 ** 33 };
    const file = riff(ds64([], [long]), chunk('bext', Buffer.alloc(0), 0xffff_ffff));
    file.write('RF64', 'latin1');
    expect(errorOf(file)).toMatchObject({ code: 'malformed-wav', offset: file.length + 2 ** 33 });
  });

  test.each([
    { what: 'cut short', long: chunk('ds64', Buffer.alloc(27)) },
    { what: 'empty', long: chunk('ds64', Buffer.alloc(0)) },
    { what: 'missing', long: Buffer.alloc(0) },
    { what: 'full of lies', long: chunk('ds64', Buffer.alloc(28, 0xff)) },
  ])('whose ds64 is $what is read to the end of the file', ({ long }) => {
    const file = riff(long, fmt(), data(40, 0xffff_ffff));
    file.write('RF64', 'latin1');
    expect(parse(file, file.length).format.frames).toBe(10);
    expect(parse(file).format.frames).toBeUndefined();
  });
});

describe('Wave64', () => {
  const junk = { id: 'junk', content: Buffer.alloc(8) };

  test.each([0, 1, 23])('with a chunk of %i bytes, which would point at itself, is malformed', (bytes) => {
    const file = container('Wave64', { ...junk, size: bytes - 24 + 2 ** 33 }, FMT, { id: 'data', content: FRAME });
    file.writeBigUInt64LE(BigInt(bytes), 40 + 16);
    expect(errorOf(file)).toMatchObject({ code: 'malformed-wav', offset: 56 });
  });

  test.each([2n ** 64n - 1n, 2n ** 63n - 1n, 2n ** 53n])('with a chunk of %i bytes ends with it', (bytes) => {
    const file = container('Wave64', junk, FMT, { id: 'data', content: FRAME });
    file.writeBigUInt64LE(bytes, 40 + 16);
    expect(errorOf(file)).toMatchObject({ code: 'malformed-wav' });
  });

  test.each([0n, 23n, 2n ** 64n - 1n, 2n ** 63n - 1n])(
    'with audio of %i bytes has it to the end of the file',
    (bytes) => {
      const file = container('Wave64', FMT, { id: 'data', content: Buffer.alloc(40) });
      file.writeBigUInt64LE(bytes, 40 + 40 + 16);
      expect(parse(file, file.length).format.frames).toBe(10);
      expect(parse(file).format.frames).toBeUndefined();
    },
  );

  test('is not taken for one by its first letters alone', () => {
    expect(errorOf(Buffer.from(`riff${'\0'.repeat(80)}`))).toMatchObject({ code: 'malformed-wav', offset: 0 });
  });
});

describe('odd chunks', () => {
  const odd = (name: string, pad: string): Buffer => {
    const bytes = chunk(name, Buffer.from('odd'));
    return Buffer.concat([bytes.subarray(0, bytes.length - 1), Buffer.from(pad, 'latin1')]);
  };

  test.each([
    { what: 'with their padding', pad: '\0' },
    { what: 'with padding that is not 0', pad: '\xff' },
    { what: 'with a letter for padding', pad: 'x' },
    { what: 'without padding', pad: '' },
  ])('are stepped over $what', ({ pad }) => {
    for (const name of ['LIST', 'bext']) {
      const file = riff(odd(name, pad), fmt(), odd(name, pad), odd(name, '\0'), data(8, 8));
      expect(parse(file, file.length).format).toMatchObject({ frames: 2, channels: 2 });
      expect(parse(file).format.dataStart).toBe(file.length - 8);
    }
  });

  test('of any size need no padding, one after the other', () => {
    const file = riff(
      odd('LIST', ''),
      odd('bext', ''),
      chunk('JUNK', Buffer.alloc(6)),
      odd('iXML', ''),
      odd('note', ''),
      fmt(),
      data(8),
    );
    expect(parse(file, file.length).format).toMatchObject({ dataStart: file.length - 8, frames: 2 });
  });
});

test('chunk names inside other chunks are no chunks', () => {
  const inside = Buffer.concat([Buffer.from('adtl'), fmt({ channels: 1 }), data(4)]);
  const file = riff(chunk('LIST', inside), fmt(), chunk('bext', riff(fmt({ channels: 8 }), data(80))), data(8));
  expect(parse(file, file.length).format).toMatchObject({ channels: 2, dataStart: file.length - 8, frames: 2 });
});

test('a tag of many megabytes is stepped over unread', () => {
  const bytes = 20 * 2 ** 20;
  const file = riff(chunk('id3 ', Buffer.alloc(0), bytes), Buffer.alloc(bytes), fmt(), data(8));
  const { format, asked } = parse(file, file.length);
  expect(format.frames).toBe(2);
  expect(asked.reduce((sum, { start, end }) => sum + end - start, 0)).toBeLessThan(200);
});
