/** What a server's answer to a Range request really gives, checked: status, range and version (RFC 9110, section 15.3.7). */

import { type ByteRange, HttpError, InvalidRangeResponseError } from '../errors.ts';
import {
  encodingOf,
  parseContentLength,
  parseContentRange,
  parseUnsatisfiedRange,
  readValidators,
  type Validators,
} from './content-range.ts';

/** The part of a `Response` that comes before its body. */
export type ResponseHead = Pick<Response, 'status' | 'statusText' | 'headers'>;

/** The bytes an answer brings. */
export interface RangeAnswer {
  readonly status: number;
  readonly statusText: string;
  /** Where the body begins: as asked for, or 0 where the server sends the whole file. */
  readonly start: number;
  /** Where it ends (exclusive); `undefined` where only the end of the body tells. */
  readonly end: number | undefined;
  /** True where the server sends the whole file, whatever was asked for. */
  readonly isWhole: boolean;
  /** True where nothing shows which bytes a 206 brings: across origins `Content-Range` is hidden unless exposed. */
  readonly isHidden: boolean;
  /** True for a web page, which may be that of a captive portal instead of the file. */
  readonly isPage: boolean;
  /** False where `Cache-Control` forbids to store the bytes (RFC 9111, section 5.2.2.5). */
  readonly isStorable: boolean;
  readonly validators: Validators;
}

/**
 * Reads the head of an answer to a request for `requested`. A 416 that can only mean "nothing there" gives an empty
 * answer.
 *
 * @throws `http`, `invalid-range-response`
 */
export function readAnswer(url: string, head: ResponseHead, requested: ByteRange): RangeAnswer {
  const { status, headers } = head;
  const extent = readExtent(url, head, requested);
  const statusText = reasonPhrase(head);
  if (extent === undefined) throw new HttpError(url, status, statusText, requested);
  return {
    status,
    statusText,
    isWhole: status === 200,
    isHidden: status === 206 && !headers.has('content-range'),
    isPage: isPage(headers),
    isStorable: isStorable(headers),
    start: extent.start,
    end: extent.end,
    // What a refusal shows beside the length may be its own page's.
    validators: readValidators(status === 416 ? new Headers() : headers, extent.size),
  };
}

/** True for an answer that brings a web page. */
export function isPage(headers: Headers): boolean {
  return /^\s*(text\/html|application\/xhtml\+xml)/i.test(headers.get('content-type') ?? '');
}

/** The status line's text; HTTP/2 sends none, and the standard's phrase stands in. */
export function reasonPhrase({ status, statusText }: Pick<ResponseHead, 'status' | 'statusText'>): string {
  return statusText === '' ? (REASON_PHRASES[status] ?? '') : statusText;
}

/** The bytes that an answer brings, and how many the whole file has; `undefined` where it is not told. */
interface Extent {
  readonly start: number;
  readonly end: number | undefined;
  readonly size: number | undefined;
}

function isStorable(headers: Headers): boolean {
  return !/(^|[\s,])no-store\s*(,|$)/i.test(headers.get('cache-control') ?? '');
}

/** `undefined` for an answer that brings nothing of the file. */
function readExtent(url: string, { status, headers }: ResponseHead, requested: ByteRange): Extent | undefined {
  const bodyBytes = parseContentLength(headers);
  if (status === 200) return { start: 0, end: bodyBytes, size: bodyBytes };
  if (status === 206) return readPart(url, headers, requested, bodyBytes);
  return status === 416 ? readNothing(headers, requested) : undefined;
}

function readPart(url: string, headers: Headers, requested: ByteRange, bodyBytes: number | undefined): Extent {
  const fail = (received: string) => new InvalidRangeResponseError(url, requested, received);
  const encoding = encodingOf(headers);
  if (encoding !== undefined) throw fail(`a range of ${encoding}-compressed bytes`);
  const type = headers.get('content-type') ?? '';
  if (type.startsWith('multipart/byteranges')) throw fail('several ranges in one body (multipart/byteranges)');

  const { start } = requested;
  const header = headers.get('content-range');
  // Across origins the header is hidden unless the server exposes it; then the body's length is all there is to check.
  if (header === null) {
    const end = bodyBytes === undefined ? undefined : start + bodyBytes;
    if (end !== undefined && end > requested.end) throw fail(`${bodyBytes} bytes`);
    return { start, end, size: undefined };
  }
  const range = parseContentRange(header);
  if (range?.start !== start) throw fail(`Content-Range: ${header}`);
  if (bodyBytes !== undefined && bodyBytes !== range.end - start) {
    throw fail(`Content-Range: ${header}, but ${bodyBytes} bytes`);
  }
  return range;
}

/** `undefined` where the server refuses what it says it has. */
function readNothing(headers: Headers, { start }: ByteRange): Extent | undefined {
  // A file of one byte or more has a byte 0: only the empty one refuses a range that begins there.
  const size = parseUnsatisfiedRange(headers.get('content-range') ?? '') ?? (start === 0 ? 0 : undefined);
  return size !== undefined && start < size ? undefined : { start, end: start, size };
}

/** The phrases of RFC 9110, section 15, and RFC 6585 that file servers answer with most. */
const REASON_PHRASES: Readonly<Record<number, string>> = {
  200: 'OK',
  206: 'Partial Content',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  416: 'Range Not Satisfiable',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};
