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
  const fields = { ...CD_AUDIO, ...changes };
  const extension = Buffer.alloc(8);
  extension.writeUInt16LE(22, 0);
  extension.writeUInt16LE(fields.bits, 2);
  return chunk(
    'fmt ',
    Buffer.concat([fmtFields({ ...fields, tag: 0xfffe }), extension, Buffer.from(subFormat, 'hex')]),
  );
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

/** A `data` chunk; `size` for a header that lies or does not know. */
export function data(bytes: number, size = bytes): Buffer {
  return chunk('data', Buffer.alloc(bytes, 0x55), size);
}
