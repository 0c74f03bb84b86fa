/** What a test server can serve: bytes in memory, a file, or bytes made on demand. */
import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';

/** Any content of known length; make your own for files too large to hold. */
export interface ServedContent {
  readonly size: number;
  readonly type: string;
  /** A strong ETag, quotes included. */
  readonly etag: string;
  readonly lastModified: Date;
  /** Gives the bytes `[start, end)`. */
  read(start: number, end: number): Uint8Array | Promise<Uint8Array>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.map': 'application/json',
  '.mp3': 'audio/mpeg',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wav': 'audio/wav',
  '.webmanifest': 'application/manifest+json',
};

/** Content in memory: other bytes, another ETag. */
export function bytesContent(name: string, bytes: Uint8Array): ServedContent {
  const etag = `"${createHash('sha1').update(bytes).digest('hex').slice(0, 16)}"`;
  const read = (start: number, end: number): Uint8Array => bytes.subarray(start, end);
  return { size: bytes.length, type: typeOf(name), etag, lastModified: new Date(), read };
}

/** Bytes without a pattern that a misplaced block could hide in; the same for the same length and seed. */
export function pseudoRandomBytes(length: number, seed = 1): Uint8Array {
  const { imul } = Math; // Jest's realm looks each global up anew, which costs more than the arithmetic
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = seed;
  for (let at = 0; at < words.length; at += 1) {
    state = (imul(state, 1_664_525) + 1_013_904_223) | 0;
    words[at] = state ^ (state >>> 15);
  }
  return new Uint8Array(words.buffer, 0, length);
}

/** Stands for bytes in a comparison: a matcher that walks through millions of them takes seconds. */
export function digest(bytes: Uint8Array): string {
  return `${bytes.length} bytes, ${createHash('sha1').update(bytes).digest('hex')}`;
}

/** A file of `folder`, its `index.html` for a folder; undefined where there is none. */
export function fileContent(folder: string, relativePath: string): ServedContent | undefined {
  const base = path.resolve(folder);
  const asked = path.resolve(base, relativePath);
  if (asked !== base && !asked.startsWith(base + path.sep)) return undefined;
  const file = existsSync(asked) && statSync(asked).isDirectory() ? path.join(asked, 'index.html') : asked;
  if (!existsSync(file)) return undefined;
  const { size, mtimeMs, mtime } = statSync(file);
  const etag = `"${size.toString(16)}-${Math.round(mtimeMs).toString(16)}"`;
  return { size, type: typeOf(file), etag, lastModified: mtime, read: (start, end) => readFileRange(file, start, end) };
}

async function readFileRange(file: string, start: number, end: number): Promise<Uint8Array> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(end - start), 0, end - start, start);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

function typeOf(name: string): string {
  return TYPES[path.extname(name)] ?? 'application/octet-stream';
}
