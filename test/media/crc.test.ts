import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { crc16, crc8 } from '../../plugin/media/crc.ts';
import { slowCrc } from './verbatim-flac-reader.ts';

const CHECK = Buffer.from('123456789');

/** The only frame of the example in RFC 9639, appendix D.1. */
const RFC_FRAME = Buffer.from('fff869180000bf0358fd03128baa9a', 'hex');

function crc16Of(bytes: Uint8Array): number {
  return crc16(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0, bytes.byteLength);
}

describe('crc8', () => {
  test('gives the catalogued check value of CRC-8/SMBUS', () => {
    expect(crc8([...CHECK])).toBe(0xf4);
  });

  test("gives the header checksum of the standard's example", () => {
    expect(crc8([...RFC_FRAME.subarray(0, 6)])).toBe(RFC_FRAME[6]);
  });
});

describe('crc16', () => {
  test('gives the catalogued check value of CRC-16/UMTS', () => {
    expect(crc16Of(CHECK)).toBe(0xfee8);
  });

  test("gives the frame checksum of the standard's example", () => {
    expect(crc16Of(RFC_FRAME.subarray(0, -2))).toBe(RFC_FRAME.readUInt16BE(RFC_FRAME.length - 2));
  });

  test('is 0 for no bytes', () => {
    expect(crc16Of(new Uint8Array(0))).toBe(0);
  });

  test('agrees with long division for any bytes, anywhere in a buffer', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(20), fc.nat(20), (bytes, skip, cut) => {
        const end = Math.max(0, bytes.length - cut);
        const start = Math.min(skip, end);
        const crc = crc16(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), start, end);
        expect(crc).toBe(slowCrc(bytes.subarray(start, end), 16, 0x8005));
      }),
    );
  });
});
