/** Builds WAVs, right and wrong, chunk by chunk. */

export interface FmtFields {
  readonly tag: number;
  readonly channels: number;
  readonly sampleRate: number;
  readonly blockAlign: number;
  readonly bits: number;
}

export const CD_AUDIO: FmtFields = { tag: 1, channels: 2, sampleRate: 44_100, blockAlign: 4, bits: 16 };

/** A loop as `smpl` states it: `end` is the last frame played. */
export interface SmplLoop {
  readonly type?: number;
  readonly start: number;
  readonly end: number;
}

const PCM_SUB_FORMAT = '0100000000001000800000aa00389b71';

/** A chunk, padded; `size` for one that lies about its length. */
export function chunk(id: string, content: Uint8Array, size = content.length): Buffer {
  const header = Buffer.alloc(8);
  header.write(id, 'latin1');
  header.writeUInt32LE(size, 4);
  return Buffer.concat([header, content, Buffer.alloc(content.length % 2)]);
}

export function riff(...chunks: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat([Buffer.from('WAVE'), ...chunks]);
  return chunk('RIFF', body);
}

/** The 16 bytes of a plain `fmt ` chunk's content. */
export function fmtFields(changes: Partial<FmtFields> = {}): Buffer {
  const fields = { ...CD_AUDIO, ...changes };
  const content = Buffer.alloc(16);
  content.writeUInt16LE(fields.tag, 0);
  content.writeUInt16LE(fields.channels, 2);
  content.writeUInt32LE(fields.sampleRate, 4);
  content.writeUInt32LE((fields.sampleRate * fields.blockAlign) % 2 ** 32, 8);
  content.writeUInt16LE(fields.blockAlign, 12);
  content.writeUInt16LE(fields.bits, 14);
  return content;
}

export function fmt(changes: Partial<FmtFields> = {}): Buffer {
  return chunk('fmt ', fmtFields(changes));
}

/** WAVE_FORMAT_EXTENSIBLE, its sub-format GUID in hex. */
export function extensibleFmt(changes: Partial<FmtFields> = {}, subFormat = PCM_SUB_FORMAT): Buffer {
  return chunk('fmt ', extensibleFields(changes, subFormat));
}

/** The 40 bytes of an extensible `fmt ` chunk's content. */
export function extensibleFields(changes: Partial<FmtFields> = {}, subFormat = PCM_SUB_FORMAT): Buffer {
  const fields = { ...CD_AUDIO, ...changes };
  const extension = Buffer.alloc(8);
  extension.writeUInt16LE(22, 0);
  extension.writeUInt16LE(fields.bits, 2);
  return Buffer.concat([fmtFields({ ...fields, tag: 0xfffe }), extension, Buffer.from(subFormat, 'hex')]);
}

/** The seven predictors that every encoder of Microsoft's ADPCM has. */
export const MS_PREDICTORS = [
  [256, 0],
  [512, -256],
  [0, 0],
  [192, 64],
  [240, 0],
  [460, -208],
  [392, -232],
] as const;

/** The content of an ADPCM `fmt ` chunk; by default stereo, in blocks of 256 bytes. */
export function adpcmFields(
  kind: 'ima' | 'ms',
  changes: Partial<FmtFields> = {},
  blockFrames?: number,
  predictors: readonly (readonly number[])[] = MS_PREDICTORS,
): Buffer {
  const fields = { channels: 2, blockAlign: 256, ...changes };
  const perChannel = fields.blockAlign / fields.channels;
  const most = kind === 'ima' ? 2 * (perChannel - 4) + 1 : 2 * (perChannel - 7) + 2;
  const extension = Buffer.alloc(kind === 'ima' ? 4 : 6 + 4 * predictors.length);
  extension.writeUInt16LE(extension.length - 2, 0);
  extension.writeUInt16LE(blockFrames ?? most, 2);
  if (kind === 'ms') {
    extension.writeUInt16LE(predictors.length, 4);
    predictors.flat().forEach((weight, index) => extension.writeInt16LE(weight, 6 + 2 * index));
  }
  return Buffer.concat([fmtFields({ tag: kind === 'ima' ? 0x11 : 2, bits: 4, ...fields }), extension]);
}

/** The GUID of a format tag, in hex. */
export function subFormatOf(tag: number): string {
  return tag.toString(16).padStart(2, '0') + PCM_SUB_FORMAT.slice(2);
}

/** `declared` for a chunk that lies about the number of its loops. */
export function smpl(loops: readonly SmplLoop[], declared = loops.length): Buffer {
  const content = Buffer.alloc(36 + 24 * loops.length);
  content.writeUInt32LE(declared, 28);
  loops.forEach((loop, index) => {
    content.writeUInt32LE(loop.type ?? 0, 36 + 24 * index + 4);
    content.writeUInt32LE(loop.start, 36 + 24 * index + 8);
    content.writeUInt32LE(loop.end, 36 + 24 * index + 12);
  });
  return chunk('smpl', content);
}

/** A cue point; `length` makes it a stretch. */
export interface CuePoint {
  readonly id: number;
  readonly start: number;
  readonly label?: string | Uint8Array;
  readonly length?: number;
}

/** The content of a `cue ` chunk; `declared` for one that lies about the number of its points. */
export function cueFields(points: readonly CuePoint[], declared = points.length): Buffer {
  const content = Buffer.alloc(4 + 24 * points.length);
  content.writeUInt32LE(declared);
  points.forEach(({ id, start }, index) => {
    const at = 4 + 24 * index;
    content.writeUInt32LE(id, at);
    content.writeUInt32LE(start, at + 4);
    content.write('data', at + 8, 'latin1');
    content.writeUInt32LE(start, at + 20);
  });
  return content;
}

/** The content of a `LIST` chunk with what it says of cue points. */
export function labelFields(points: readonly CuePoint[]): Buffer {
  const parts = points.flatMap(({ id, label, length }) => {
    const name = Buffer.concat([uint32(id), Buffer.from(label ?? ''), Buffer.alloc(1)]);
    const stretch = Buffer.concat([uint32(id), uint32(length ?? 0), Buffer.from('rgn '), Buffer.alloc(8)]);
    return [
      ...(label === undefined ? [] : [chunk('labl', name)]),
      ...(length === undefined ? [] : [chunk('ltxt', stretch)]),
    ];
  });
  return Buffer.concat([Buffer.from('adtl'), ...parts]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** A `data` chunk; `size` for a header that lies or does not know. */
export function data(bytes: number, size = bytes): Buffer {
  return chunk('data', Buffer.alloc(bytes, 0x55), size);
}

export type ContainerName = 'RIFF' | 'RIFX' | 'RF64' | 'BW64' | 'Wave64';
export const CONTAINERS: readonly ContainerName[] = ['RIFF', 'RIFX', 'RF64', 'BW64', 'Wave64'];

/** A chunk's name and its little-endian content; `size` for one that lies. */
export interface ChunkParts {
  readonly id: string;
  readonly content: Uint8Array;
  readonly size?: number;
}

/** Bytes of the numbers in a `fmt ` chunk: those of WAVEFORMATEX, valid bits, channel mask, and those of the GUID. */
const FMT_WIDTHS = [2, 2, 4, 4, 2, 2, 2, 2, 4, 4, 2, 2];
const WAVE64_RIFF = '726966662e91cf11a5d628db04c10000';
const WAVE64_TAIL = 'f3acd3118cd100c04f8edb8a';

/** A whole file in any container. RF64 and BW64 get a `ds64` chunk with the size of `data`, which itself says nothing. */
export function container(name: ContainerName, ...chunks: readonly ChunkParts[]): Buffer {
  if (name === 'Wave64') return wave64(chunks);
  if (name === 'RIFX') return rifx(chunks);
  const parts = chunks.map(({ id, content, size }) => {
    return chunk(id, content, name !== 'RIFF' && id === 'data' ? 0xffff_ffff : size);
  });
  const sized = name === 'RIFF' ? parts : [ds64(chunks), ...parts];
  const file = riff(...sized);
  file.write(name, 'latin1');
  return file;
}

/** The sizes of 64 bits; `table` for those of other chunks than `data`. */
export function ds64(chunks: readonly ChunkParts[], table: readonly ChunkParts[] = []): Buffer {
  const found = chunks.find(({ id }) => id === 'data');
  const content = Buffer.alloc(28 + 12 * table.length);
  content.writeBigUInt64LE(BigInt(found?.size ?? found?.content.length ?? 0), 8);
  content.writeUInt32LE(table.length, 24);
  table.forEach(({ id, content: long, size = long.length }, index) => {
    content.write(id, 28 + 12 * index, 'latin1');
    content.writeBigUInt64LE(BigInt(size), 32 + 12 * index);
  });
  return chunk('ds64', content);
}

function rifx(chunks: readonly ChunkParts[]): Buffer {
  const parts = chunks.map(({ id, content, size = content.length }) => {
    const swapped = id === 'data' ? content : swapNumbers(content, id === 'fmt ' ? FMT_WIDTHS : []);
    const one = chunk(id, swapped);
    one.writeUInt32BE(size, 4);
    return one;
  });
  const file = riff(...parts);
  file.write('RIFX', 'latin1');
  file.writeUInt32BE(file.length - 8, 4);
  return file;
}

/** The same numbers, their bytes the other way round: widths as given, then of 4 bytes each. */
function swapNumbers(content: Uint8Array, widths: readonly number[]): Buffer {
  const swapped = Buffer.from(content);
  for (let at = 0, index = 0; at < swapped.length; index++) {
    const width = widths[index] ?? (widths.length > 0 ? 1 : 4);
    swapped.subarray(at, at + width).reverse();
    at += width;
  }
  return swapped;
}

function wave64(chunks: readonly ChunkParts[]): Buffer {
  const parts = chunks.map(({ id, content, size = content.length }) => {
    const header = Buffer.alloc(24);
    header.write(id, 'latin1');
    header.write(WAVE64_TAIL, 4, 'hex');
    header.writeBigUInt64LE(BigInt(size + 24), 16);
    return Buffer.concat([header, content, Buffer.alloc(-content.length & 7)]);
  });
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(40);
  head.write(WAVE64_RIFF, 'hex');
  head.writeBigUInt64LE(BigInt(40 + body.length), 16);
  head.write('wave', 24, 'latin1');
  head.write(WAVE64_TAIL, 28, 'hex');
  return Buffer.concat([head, body]);
}
