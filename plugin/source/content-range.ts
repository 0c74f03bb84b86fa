/** Byte ranges and validators as HTTP writes them (RFC 9110, sections 8.8 and 14). No other file knows HTTP's inclusive ends. */

import type { ByteRange } from '../errors.ts';

/** What `Content-Range` says: the bytes in the body, and the complete length where the server tells it. */
export interface ContentRange extends ByteRange {
  readonly size: number | undefined;
}

/** What tells one version of a file from another. A field is `undefined` where an answer does not show it. */
export interface Validators {
  /** A strong entity tag with its quotes; a weak one promises no equal bytes and counts as none. */
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
  /** The complete length in bytes. */
  readonly size: number | undefined;
}

/** The `Range` header for `[start, end)`; an infinite end asks for the rest of the file. */
export function formatRange({ start, end }: ByteRange): string {
  return end === Infinity ? `bytes=${start}-` : `bytes=${start}-${end - 1}`;
}

/** The range of a 206; `undefined` where the header is none or contradicts itself. */
export function parseContentRange(header: string): ContentRange | undefined {
  const match = /^\s*bytes\s+(\d+)-(\d+)\/(\d+|\*)\s*$/i.exec(header);
  if (match === null) return undefined;
  const [, first, last, length] = match;
  const range = { start: Number(first), end: Number(last) + 1, size: length === '*' ? undefined : Number(length) };
  const isConsistent = range.start < range.end && range.end <= (range.size ?? Infinity);
  return isConsistent ? range : undefined;
}

/** The complete length that the `Content-Range` of a 416 tells (`bytes *`, a slash, the length). */
export function parseUnsatisfiedRange(header: string): number | undefined {
  const match = /^\s*bytes\s+\*\/(\d+)\s*$/i.exec(header);
  return match === null ? undefined : Number(match[1]);
}

/** The body's length in bytes; `undefined` where it is not told, or counts compressed bytes. */
export function parseContentLength(headers: Headers): number | undefined {
  const length = headers.get('content-length');
  return length !== null && /^\d+$/.test(length) && encodingOf(headers) === undefined ? Number(length) : undefined;
}

/** How the body is encoded (RFC 9110, section 8.4); `undefined` where it is as it is. */
export function encodingOf(headers: Headers): string | undefined {
  const encoding = headers.get('content-encoding') ?? 'identity';
  return encoding.trim().toLowerCase() === 'identity' ? undefined : encoding;
}

/** The validators of an answer whose complete length is `size`. */
export function readValidators(headers: Headers, size: number | undefined): Validators {
  const etag = headers.get('etag');
  return {
    etag: etag?.startsWith('"') ? etag : undefined,
    lastModified: headers.get('last-modified') ?? undefined,
    size,
  };
}

/** False where the two cannot belong to one version of a file. What one of them does not show contradicts nothing. */
export function agree(a: Validators, b: Validators): boolean {
  if (contradict(a.size, b.size)) return false;
  if (a.etag !== undefined && b.etag !== undefined) return a.etag === b.etag;
  return !contradict(a.lastModified, b.lastModified);
}

/** True where the two show at least one validator in common, so that `agree` has something to go by. */
export function areComparable(a: Validators, b: Validators): boolean {
  return (['etag', 'lastModified', 'size'] as const).some((name) => a[name] !== undefined && b[name] !== undefined);
}

/** What both know together; `known` goes first. */
export function mergeValidators(known: Validators, received: Validators): Validators {
  return {
    etag: known.etag ?? received.etag,
    lastModified: known.lastModified ?? received.lastModified,
    size: known.size ?? received.size,
  };
}

/** One string for one version: the strong ETag, else Last-Modified and size, else the size alone. */
export function versionOf({ etag, lastModified, size }: Validators): string {
  if (etag !== undefined) return etag;
  const length = size === undefined ? 'unknown size' : `${size} bytes`;
  return lastModified === undefined ? length : `${lastModified}, ${length}`;
}

/** True where both are known, and differ. */
export function contradict<Value>(a: Value | undefined, b: Value | undefined): boolean {
  return a !== undefined && b !== undefined && a !== b;
}
