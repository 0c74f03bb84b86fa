/**
 * Walks the chunks of a WAV in any of its containers: RIFF and RIFX ("Multimedia Programming Interface and Data
 * Specifications 1.0"), RF64 (EBU Tech 3306), BW64 (ITU-R BS.2088) and Sony's Wave64.
 */

import { MalformedWavError } from '../errors.ts';
import { Fields } from './fields.ts';
import type { FileWindow, Parser } from './file-window.ts';

/** Where the content of a chunk lies. */
export interface Extent {
  /** Byte offset. */
  readonly start: number;
  /** In bytes, as the chunk's header has it: it may reach past the end of the file. */
  readonly size: number;
}

/** A chunk: its content, and the four letters that name it; none where Wave64 has another kind of name. */
export interface Chunk extends Extent {
  readonly id: string;
}

/** How a container writes its chunks' headers. */
export interface Container {
  /** The order of bytes in its numbers, and in its samples. */
  readonly littleEndian: boolean;
  /** Names of 16 bytes and sizes of 8, as Wave64 has them. */
  readonly isWave64: boolean;
}

/** The size of a chunk whose real one stands in `ds64`. */
const LONG_SIZE = 0xffff_ffff;

/** The sizes of a `data` chunk whose writer could not seek back; the last but one is FFmpeg's, the last SoX's. */
export const UNKNOWN_SIZES = [0, LONG_SIZE, 0x7fff_f000];

/** Far more than any real file has; an end for a file that is nothing but empty chunks. */
const MAX_CHUNKS = 1000;

const RIFF_NAMES = new Set(['RIFF', 'RIFX', 'RF64', 'BW64']);
const RIFF_HEADER_BYTES = 12;
const RIFF_CHUNK_HEADER_BYTES = 8;

const WAVE64_HEADER_BYTES = 40;
const WAVE64_CHUNK_HEADER_BYTES = 24;
const WAVE64_ALIGNMENT = 8;
/** What follows the four letters of Wave64's names: `riff` has the first, `wave` and its chunks have the second. */
const WAVE64_RIFF_TAIL = [0x2e, 0x91, 0xcf, 0x11, 0xa5, 0xd6, 0x28, 0xdb, 0x04, 0xc1, 0, 0];
const WAVE64_WAVE_TAIL = [0xf3, 0xac, 0xd3, 0x11, 0x8c, 0xd1, 0, 0xc0, 0x4f, 0x8e, 0xdb, 0x8a];

const DS64_BYTES = 28;
const DS64_ENTRY_BYTES = 12;
const MAX_DS64_BYTES = DS64_BYTES + 64 * DS64_ENTRY_BYTES;

/** What a chunk after another of odd size is likely to be called. */
const COMMON_NAMES = new Set(['fmt ', 'data', 'fact', 'LIST', 'JUNK', 'bext', 'smpl', 'cue ', 'id3 ', 'iXML']);

/** Nothing lies behind it: what claims to is a size never patched, or a lie. Requests can name no more. */
export const LAST_OFFSET = Number.MAX_SAFE_INTEGER - 2 ** 20;

/**
 * Tells the container, and gives the chunks in it.
 *
 * @throws MalformedWavError (`malformed-wav`) it is none of the five
 */
export function* openContainer(file: FileWindow): Parser<ChunkWalk> {
  const head = new Fields(yield* file.view(0, WAVE64_HEADER_BYTES), true);
  if (head.length === 0) throw new MalformedWavError('it is empty', 0);
  if (looksLikeHtml(head)) throw new MalformedWavError('a web page came instead', 0);
  if (beginsAsWave64(head)) {
    return new ChunkWalk(file, { littleEndian: true, isWave64: true }, { start: 0, size: WAVE64_HEADER_BYTES });
  }
  const name = head.letters(0);
  const form = head.letters(8);
  if (!RIFF_NAMES.has(name)) {
    throw new MalformedWavError(`it begins with ${JSON.stringify(name)}, not "RIFF"`, 0);
  }
  if (form !== 'WAVE') throw new MalformedWavError(`its RIFF form is ${JSON.stringify(form)}, not "WAVE"`, 8);
  const container = { littleEndian: name !== 'RIFX', isWave64: false };
  return new ChunkWalk(file, container, { start: 0, size: RIFF_HEADER_BYTES });
}

/** One chunk after the other, by their sizes alone. */
export class ChunkWalk {
  /** The sizes that a 32-bit field cannot hold, by the chunk's name. */
  readonly #longSizes = new Map<string, number>();
  #count = 0;
  #offset = 0;
  #frames: number | undefined;

  /** @param previous the content that the first chunk follows */
  constructor(
    private readonly file: FileWindow,
    readonly container: Container,
    private previous: Extent,
  ) {}

  /** Byte offset of the header looked at last. */
  get offset(): number {
    return this.#offset;
  }

  /** Frames of audio, where `ds64` has told them. */
  get frames(): number | undefined {
    return this.#frames;
  }

  /**
   * The next chunk that is not `ds64`; undefined where the file ends.
   *
   * @throws MalformedWavError (`malformed-wav`) a chunk smaller than its own header, or one too many
   */
  *next(): Parser<Chunk | undefined> {
    for (;;) {
      this.#offset = yield* this.#behind(this.previous);
      const chunk = yield* this.#header(this.#offset);
      if (chunk === undefined) return undefined;
      if (++this.#count > MAX_CHUNKS) {
        throw new MalformedWavError(`none of its first ${MAX_CHUNKS} chunks is a data chunk`, this.#offset);
      }
      this.previous = chunk;
      if (chunk.id !== 'ds64') return chunk;
      this.#readLongSizes(yield* this.content(chunk, MAX_DS64_BYTES));
    }
  }

  /** The first bytes of a chunk's content: `most` of them, fewer where it or the file ends. */
  *content({ start, size }: Extent, most: number): Parser<Fields> {
    return new Fields(yield* this.file.view(start, Math.min(size, most)), this.container.littleEndian);
  }

  /** The number that a chunk begins with, of 8 bytes in Wave64 and of 4 elsewhere; undefined where it is cut short. */
  *number(chunk: Extent): Parser<number | undefined> {
    const bytes = this.container.isWave64 ? 8 : 4;
    const content = yield* this.content(chunk, bytes);
    if (content.length < bytes) return undefined;
    return this.container.isWave64 ? content.uint64(0) : content.uint32(0);
  }

  *#header(offset: number): Parser<Chunk | undefined> {
    const { littleEndian, isWave64 } = this.container;
    const headerBytes = isWave64 ? WAVE64_CHUNK_HEADER_BYTES : RIFF_CHUNK_HEADER_BYTES;
    if (offset > LAST_OFFSET) return undefined;
    const header = new Fields(yield* this.file.view(offset, headerBytes), littleEndian);
    if (header.length < headerBytes) return undefined;
    const id = header.letters(0);
    const start = offset + headerBytes;
    if (isWave64) return { id: header.holds(4, WAVE64_WAVE_TAIL) ? id : '', start, size: wave64Size(header, offset) };
    const size = header.uint32(4);
    return { id, start, size: (size === LONG_SIZE ? this.#longSizes.get(id) : undefined) ?? size };
  }

  /** Where the chunk behind a content begins. */
  *#behind({ start, size }: Extent): Parser<number> {
    const end = start + size;
    if (this.container.isWave64) return Math.ceil(end / WAVE64_ALIGNMENT) * WAVE64_ALIGNMENT;
    return size % 2 === 0 || (yield* this.#isChunkAt(end)) ? end : end + 1;
  }

  #readLongSizes(ds64: Fields): void {
    if (ds64.length < DS64_BYTES) return;
    this.#longSizes.set('data', ds64.uint64(8));
    this.#frames = ds64.uint64(16);
    const end = Math.min(DS64_BYTES + ds64.uint32(24) * DS64_ENTRY_BYTES, ds64.length);
    for (let at = DS64_BYTES; at + DS64_ENTRY_BYTES <= end; at += DS64_ENTRY_BYTES) {
      this.#longSizes.set(ds64.letters(at), ds64.uint64(at + 4));
    }
  }

  /** Whether an odd content, which a padding byte should follow, is followed by the next chunk at once. */
  *#isChunkAt(offset: number): Parser<boolean> {
    if (offset > LAST_OFFSET) return false;
    const head = new Fields(yield* this.file.view(offset, RIFF_CHUNK_HEADER_BYTES), this.container.littleEndian);
    if (head.length < RIFF_CHUNK_HEADER_BYTES || COMMON_NAMES.has(head.letters(1))) return false;
    return /^[ -~]{4}$/.test(head.letters(0));
  }
}

/** Wave64 counts a chunk's header in. One of no size at all is yet to be patched, or would never end the walk. */
function wave64Size(header: Fields, offset: number): number {
  const size = header.uint64(16) - WAVE64_CHUNK_HEADER_BYTES;
  if (size >= 0) return size;
  if (header.letters(0) === 'data') return 0;
  throw new MalformedWavError('a chunk claims fewer bytes than its own header has', offset + 16);
}

/** A login page or an error page that came with status 200. */
function looksLikeHtml(head: Fields): boolean {
  return /^\s*<(?:!doctype|html)\b/i.test(new TextDecoder().decode(head.bytes(0, head.length)));
}

function beginsAsWave64(head: Fields): boolean {
  return (
    head.letters(0) === 'riff' &&
    head.holds(4, WAVE64_RIFF_TAIL) &&
    head.letters(24) === 'wave' &&
    head.holds(28, WAVE64_WAVE_TAIL)
  );
}
