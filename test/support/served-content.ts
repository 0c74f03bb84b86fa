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
