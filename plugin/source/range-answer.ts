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
  const about = { status, statusText: reasonPhrase(head), isPage: isPage(headers), isStorable: isStorable(headers) };
  if (status === 206) return { ...about, ...readPart(url, head, requested) };
  if (status === 200) return { ...about, ...readWhole(head) };
  const nothing = status === 416 ? readNothing(head, requested) : undefined;
  if (nothing === undefined) throw new HttpError(url, status, about.statusText, requested);
  return { ...about, ...nothing };
}

/** True for an answer that brings a web page. */
export function isPage(headers: Headers): boolean {
  return /^\s*(text\/html|application\/xhtml\+xml)/i.test(headers.get('content-type') ?? '');
}

/** The status line's text; HTTP/2 sends none, and the standard's phrase stands in. */
export function reasonPhrase({ status, statusText }: Pick<ResponseHead, 'status' | 'statusText'>): string {
  return statusText === '' ? (REASON_PHRASES[status] ?? '') : statusText;
}

type Extent = Pick<RangeAnswer, 'start' | 'end' | 'isWhole' | 'isHidden' | 'validators'>;

function isStorable(headers: Headers): boolean {
  return !/(^|[\s,])no-store\s*(,|$)/i.test(headers.get('cache-control') ?? '');
}

function readPart(url: string, { headers }: ResponseHead, requested: ByteRange): Extent {
  const fail = (received: string) => new InvalidRangeResponseError(url, requested, received);
  const encoding = encodingOf(headers);
  if (encoding !== undefined) throw fail(`a range of ${encoding}-compressed bytes`);
  const type = headers.get('content-type') ?? '';
  if (type.startsWith('multipart/byteranges')) throw fail('several ranges in one body (multipart/byteranges)');

  const bodyBytes = parseContentLength(headers);
  const header = headers.get('content-range');
  // Across origins the header is hidden unless the server exposes it; then the body's length is all there is to check.
  if (header === null) return readHiddenPart(headers, bodyBytes, requested, fail);

  const range = parseContentRange(header);
  const isAsked = range !== undefined && range.start === requested.start;
  if (!isAsked) throw fail(`Content-Range: ${header}`);
  if (bodyBytes !== undefined && bodyBytes !== range.end - range.start) {
    throw fail(`Content-Range: ${header}, but ${bodyBytes} bytes`);
  }
  const validators = readValidators(headers, range.size);
  return { start: range.start, end: range.end, isWhole: false, isHidden: false, validators };
}

function readHiddenPart(
  headers: Headers,
  bodyBytes: number | undefined,
  requested: ByteRange,
  fail: (received: string) => Error,
): Extent {
  const end = bodyBytes === undefined ? undefined : requested.start + bodyBytes;
  if (end !== undefined && end > requested.end) throw fail(`${bodyBytes} bytes`);
  const validators = readValidators(headers, undefined);
  return { start: requested.start, end, isWhole: false, isHidden: true, validators };
}

function readWhole({ headers }: ResponseHead): Extent {
  const size = parseContentLength(headers);
  return { start: 0, end: size, isWhole: true, isHidden: false, validators: readValidators(headers, size) };
}

/** `undefined` where the server refuses what it says it has. */
function readNothing({ headers }: ResponseHead, { start }: ByteRange): Extent | undefined {
  // A file of one byte or more has a byte 0: only the empty one refuses a range that begins there.
  const size = parseUnsatisfiedRange(headers.get('content-range') ?? '') ?? (start === 0 ? 0 : undefined);
  if (size !== undefined && start < size) return undefined;
  const validators = { etag: undefined, lastModified: undefined, size };
  return { start, end: start, isWhole: false, isHidden: false, validators };
}

/** The phrases of RFC 9110, section 15, and RFC 6585 that a file server may answer with. */
const REASON_PHRASES: Readonly<Record<number, string>> = {
  200: 'OK',
  206: 'Partial Content',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  410: 'Gone',
  416: 'Range Not Satisfiable',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};
