/** Reads verbatim FLAC frames bit by bit, slowly and strictly, from RFC 9639 alone: shares no code with the plugin. */

export interface DecodedFrame {
  readonly variableBlockSize: boolean;
  readonly sampleNumber: bigint;
  readonly frames: number;
  readonly sampleRate: number;
  readonly bitsPerSample: number;
  /** `channels[c][i]` is sample `i` of channel `c`, signed. */
  readonly channels: readonly (readonly number[])[];
  readonly bytes: number;
}

const TABLE_RATES = [0, 88200, 176400, 192000, 8000, 16000, 22050, 24000, 32000, 44100, 48000, 96000];
const TABLE_DEPTHS = [0, 8, 12, 0, 16, 20, 24, 32];

/** Remainder of the polynomial division, one bit at a time. */
export function slowCrc(bytes: Iterable<number>, width: number, polynomial: number): number {
  let register = 0;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      const out = (register >> (width - 1)) & 1;
      register = (register << 1) & (2 ** width - 1);
      if (out !== ((byte >> bit) & 1)) register ^= polynomial;
    }
  }
  return register;
}

class BitReader {
  #position: number;

  constructor(
    private readonly data: Uint8Array,
    start: number,
  ) {
    this.#position = start * 8;
  }

  get byte(): number {
    if (this.#position % 8 !== 0) throw new Error('not at a byte');
    return this.#position / 8;
  }

  unsigned(bits: number): number {
    let value = 0;
    for (let count = 0; count < bits; count++, this.#position++) {
      const byte = this.data[this.#position >> 3];
      if (byte === undefined) throw new Error('read past the end');
      value = value * 2 + ((byte >> (7 - (this.#position & 7))) & 1);
    }
    return value;
  }

  signed(bits: number): number {
    const value = this.unsigned(bits);
    return value >= 2 ** (bits - 1) ? value - 2 ** bits : value;
  }

  codedNumber(): bigint {
    const lead = this.unsigned(8).toString(2).padStart(8, '0');
    const length = lead.indexOf('0') < 0 ? 8 : lead.indexOf('0');
    if (length === 0) return BigInt(`0b${lead}`);
    if (length === 1 || length === 8) throw new Error('bad lead byte');
    let digits = lead.slice(length + 1);
    for (let more = 1; more < length; more++) {
      if (this.unsigned(2) !== 0b10) throw new Error('bad continuation byte');
      digits += this.unsigned(6).toString(2).padStart(6, '0');
    }
    // An overlong form would have fitted into one byte less.
    if (BigInt(`0b${digits}`) < 2n ** (length === 2 ? 7n : BigInt(5 * length - 4))) throw new Error('overlong');
    return BigInt(`0b${digits}`);
  }
}

export function readVerbatimFrame(data: Uint8Array, start = 0): DecodedFrame {
  const reader = new BitReader(data, start);
  if (reader.unsigned(15) !== 0b111111111111100) throw new Error('no sync code');
  const variableBlockSize = reader.unsigned(1) === 1;
  const blockSizeCode = reader.unsigned(4);
  const rateCode = reader.unsigned(4);
  const channelCount = reader.unsigned(4) + 1;
  if (channelCount > 8) throw new Error('channels are not independent');
  const bitsPerSample = TABLE_DEPTHS[reader.unsigned(3)] ?? 0;
  if (reader.unsigned(1) !== 0) throw new Error('reserved bit');
  const sampleNumber = reader.codedNumber();
  const frames = readBlockSize(reader, blockSizeCode);
  const sampleRate = readSampleRate(reader, rateCode);
  const headerEnd = reader.byte;
  if (reader.unsigned(8) !== slowCrc(data.subarray(start, headerEnd), 8, 0x07)) throw new Error('CRC-8');
  const channels = Array.from({ length: channelCount }, () => {
    if (reader.unsigned(8) !== 0b00000010) throw new Error('not a verbatim subframe');
    return Array.from({ length: frames }, () => reader.signed(bitsPerSample));
  });
  const bodyEnd = reader.byte;
  if (reader.unsigned(16) !== slowCrc(data.subarray(start, bodyEnd), 16, 0x8005)) throw new Error('CRC-16');
  return { variableBlockSize, sampleNumber, frames, sampleRate, bitsPerSample, channels, bytes: reader.byte - start };
}

function readBlockSize(reader: BitReader, code: number): number {
  if (code === 6) return reader.unsigned(8) + 1;
  if (code === 7) return reader.unsigned(16) + 1;
  if (code >= 8) return 2 ** code;
  throw new Error(`block size code ${code}`);
}

function readSampleRate(reader: BitReader, code: number): number {
  if (code === 0) throw new Error('the rate is left to STREAMINFO, which WebKitGTK never plays');
  if (code === 12) return reader.unsigned(8) * 1000;
  if (code === 13) return reader.unsigned(16);
  if (code === 14) return reader.unsigned(16) * 10;
  return TABLE_RATES[code] ?? Number.NaN;
}
