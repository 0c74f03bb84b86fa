import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import {
  agree,
  formatRange,
  parseContentRange,
  parseUnsatisfiedRange,
  readValidators,
  type Validators,
  versionOf,
} from '../../plugin/source/content-range.ts';

describe('Range', () => {
  test.each([
    [0, 1, 'bytes=0-0'],
    [0, 524_288, 'bytes=0-524287'],
    [7, Infinity, 'bytes=7-'],
  ])('[%d, %d) is written %s', (start, end, header) => {
    expect(formatRange({ start, end })).toBe(header);
  });
});

describe('Content-Range', () => {
  test('gives back the range it was written from', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 1e9 }), fc.nat(), (start, length, rest) => {
        const size = start + length + rest;
        const header = `bytes ${start}-${start + length - 1}/${size}`;
        expect(parseContentRange(header)).toEqual({ start, end: start + length, size });
      }),
    );
  });

  test('may leave the complete length open', () => {
    expect(parseContentRange('bytes 5-9/*')).toEqual({ start: 5, end: 10, size: undefined });
  });

  test.each(['', 'bytes */100', 'bytes 5-4/100', 'bytes 5-100/100', 'items 0-9/100', 'bytes 0-9', 'bytes=0-9/100'])(
    '%p is none',
    (header) => expect(parseContentRange(header)).toBeUndefined(),
  );

  test('of a 416 tells the complete length', () => {
    expect(parseUnsatisfiedRange('bytes */47022')).toBe(47_022);
    expect(parseUnsatisfiedRange('bytes 0-1/47022')).toBeUndefined();
  });
});

describe('validators', () => {
  const none: Validators = { etag: undefined, lastModified: undefined, size: undefined };

  test('count a strong ETag only', () => {
    expect(readValidators(new Headers({ etag: '"a"' }), 5)).toEqual({ ...none, etag: '"a"', size: 5 });
    expect(readValidators(new Headers({ etag: 'W/"a"' }), 5)).toEqual({ ...none, size: 5 });
  });

  test.each<[Partial<Validators>, Partial<Validators>, boolean]>([
    [{}, { etag: '"a"', size: 5 }, true],
    [{ size: 5 }, { size: 6 }, false],
    [{ etag: '"a"', size: 5 }, { etag: '"a"', size: 6 }, false],
    [{ etag: '"a"', lastModified: 'x' }, { etag: '"a"', lastModified: 'y' }, true],
    [{ etag: '"a"', lastModified: 'x' }, { etag: '"b"', lastModified: 'x' }, false],
    [{ etag: '"a"', lastModified: 'x' }, { lastModified: 'y' }, false],
    [{ etag: '"a"' }, { lastModified: 'y' }, true],
  ])('%j and %j agree: %p', (a, b, isSame) => {
    expect(agree({ ...none, ...a }, { ...none, ...b })).toBe(isSame);
    expect(agree({ ...none, ...b }, { ...none, ...a })).toBe(isSame);
  });

  test.each<[Partial<Validators>, string]>([
    [{ etag: '"a"', lastModified: 'x', size: 5 }, '"a"'],
    [{ lastModified: 'x', size: 5 }, 'x, 5 bytes'],
    [{ size: 5 }, '5 bytes'],
  ])('%j make version %s', (validators, version) => {
    expect(versionOf({ ...none, ...validators })).toBe(version);
  });
});
