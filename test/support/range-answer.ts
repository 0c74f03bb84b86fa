/** What a legal HTTP server answers (RFC 9110), and the named ways in which a test makes it lie. No I/O. */
import type { IncomingHttpHeaders } from 'node:http';
import type { ServedContent } from './served-content.ts';

/** Faults of one answer. An empty policy is a good server: same origin, ranges, validators, as fast as it can. */
export interface Policy {
  /** Time before the status line. */
  readonly latencyMs?: number;
  /** Speed of the body of this one response. */
  readonly bytesPerSecond?: number;
  /** `false` ignores Range and answers 200 with everything. */
  readonly ranges?: boolean;
  /** Answers a range with no more bytes than so many from its start, a 206 of a part of it. */
  readonly mostBytes?: number;
  /** Begins the range of a 206 so many bytes later than asked for, within the content; the answer says so. */
  readonly moveStart?: number;
  /** Ends the range of a 206 so many bytes later than asked for, within the content; the answer says so. */
  readonly moveEnd?: number;
  /** The complete length that Content-Range tells; `'*'` for none. @default the truth */
  readonly total?: number | '*';
  /** Wraps the range of a 206 up as the only part of a multipart/byteranges body. */
  readonly multipart?: boolean;
  /** Answers with this status and a short text, where the status allows one. */
  readonly status?: number;
  /** Answers 200 with this page instead, as captive portals and single-page hosts do. */
  readonly html?: string;
  /** Destroys the connection after so many bytes of the body. */
  readonly cut?: number;
  /** Destroys the connection before the status line. */
  readonly dropHead?: boolean;
  /** Keeps silent before the status line, until released or closed. */
  readonly holdHead?: boolean;
  /** Keeps silent after so many bytes of the body, until released or closed. */
  readonly hold?: number;
  /** `allow` lets any origin read; `expose` shows it the range and validator headers as well. @default 'none' */
  readonly cors?: 'none' | 'allow' | 'expose';
  /** Sends no Content-Length: the body comes chunked. */
  readonly noLength?: boolean;
  /** Sends no Content-Length, and no chunks either: the body ends where the connection does. */
  readonly untilClose?: boolean;
  /** Ends a body of no told length after so many bytes, as if that were all. */
  readonly truncate?: number;
  /** Overrides the validator; `null` leaves it out. */
  readonly etag?: string | null;
  /** Overrides the validator; `null` leaves it out. */
  readonly lastModified?: string | null;
  /** Overrides any header; `null` leaves it out. Lies about Content-Range are told here. */
  readonly headers?: Readonly<Record<string, string | null>>;
}

/** `[start, end)` */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface Question {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
}

/** Where the bytes of an answer come from: `[start, end)` of some content. */
export type Body = ByteRange & Readable;

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** What the body is cut from; undefined for an answer without body. */
  readonly body?: Body;
}

type Readable = Pick<ServedContent, 'read'>;
type MutableHeaders = Record<string, string | null>;

const WITHOUT_BODY = new Set([204, 304]);
const EXPOSED = 'Accept-Ranges, Content-Length, Content-Range, ETag, Last-Modified';

/** Decides status, headers and body of one answer. */
export function planAnswer(question: Question, content: ServedContent | undefined, policy: Policy): Answer {
  const answer = planHonestly(question, content, policy);
  const headers = { ...answer.headers, ...corsHeaders(question, policy), ...lowerCase(policy.headers ?? {}) };
  if (policy.noLength === true || policy.untilClose === true) delete headers['content-length'];
  if (policy.untilClose === true) headers['connection'] = 'close';
  const kept = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== null);
  const planned = { status: answer.status, headers: Object.fromEntries(kept) };
  if (answer.body === undefined || question.method === 'HEAD') return planned;
  const end = Math.min(answer.body.end, answer.body.start + (policy.truncate ?? Infinity));
  return { ...planned, body: { ...answer.body, end } };
}

/**
 * The range a request asks for: `'none'` where the server must ignore the header (absent, several ranges, malformed,
 * RFC 9110 section 14.2), `'unsatisfiable'` where it lies outside the content.
 */
export function parseRange(header: string | undefined, size: number): ByteRange | 'none' | 'unsatisfiable' {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  const [first, last] = [match?.[1] ?? '', match?.[2] ?? ''];
  if (first === '' && last === '') return 'none';
  if (first === '') return Number(last) === 0 || size === 0 ? 'unsatisfiable' : suffix(Number(last), size);
  const start = Number(first);
  const end = last === '' ? size : Math.min(Number(last) + 1, size);
  if (last !== '' && Number(last) < start) return 'none';
  return start >= size ? 'unsatisfiable' : { start, end };
}

function suffix(length: number, size: number): ByteRange {
  return { start: Math.max(0, size - length), end: size };
}

function planHonestly(question: Question, content: ServedContent | undefined, policy: Policy) {
  if (question.method === 'OPTIONS') return { status: 204, headers: {} };
  if (policy.status !== undefined) return textAnswer(policy.status, 'text/plain', `status ${policy.status}`);
  if (policy.html !== undefined) return textAnswer(200, 'text/html; charset=utf-8', policy.html);
  if (!['GET', 'HEAD'].includes(question.method)) return textAnswer(405, 'text/plain', 'GET or HEAD only');
  if (content === undefined) return textAnswer(404, 'text/plain', 'not found');
  return planContent(question, content, policy);
}

function planContent({ method, headers: asked }: Question, content: ServedContent, policy: Policy): Answer {
  const etag = policy.etag === undefined ? content.etag : policy.etag;
  const lastModified = policy.lastModified === undefined ? content.lastModified.toUTCString() : policy.lastModified;
  const headers: MutableHeaders = { 'content-type': content.type, 'cache-control': 'no-cache', etag };
  headers['last-modified'] = lastModified;
  if (policy.ranges !== false) headers['accept-ranges'] = 'bytes';
  if (asked['if-none-match'] !== undefined && asked['if-none-match'] === etag) return answerWith(304, headers);

  const fresh = [undefined, etag, lastModified].includes(asked['if-range']?.toString());
  const obeys = policy.ranges !== false && method === 'GET' && fresh;
  const wanted = obeys ? parseRange(asked.range, content.size) : 'none';
  if (wanted === 'unsatisfiable') {
    return answerWith(416, { ...headers, 'content-range': `bytes */${content.size}`, 'content-length': '0' });
  }
  if (wanted === 'none') return bodyAnswer(200, headers, { start: 0, end: content.size }, content);
  const range = moveRange(wanted, content.size, policy);
  const contentRange = `bytes ${range.start}-${range.end - 1}/${policy.total ?? content.size}`;
  if (policy.multipart === true) return multipartAnswer(headers, contentRange, range, content);
  return bodyAnswer(206, { ...headers, 'content-range': contentRange }, range, content);
}

function moveRange({ start, end }: ByteRange, size: number, policy: Policy): ByteRange {
  const { mostBytes = Infinity, moveStart = 0, moveEnd = 0 } = policy;
  const first = Math.min(Math.max(0, start + moveStart), size - 1);
  const last = Math.min(Math.max(first + 1, end + moveEnd), size);
  return { start: first, end: Math.min(last, first + mostBytes) };
}

function multipartAnswer(headers: MutableHeaders, contentRange: string, range: ByteRange, content: ServedContent) {
  const type = `Content-Type: ${content.type}`;
  const head = Buffer.from(`--part\r\n${type}\r\nContent-Range: ${contentRange}\r\n\r\n`);
  const tail = Buffer.from('\r\n--part--\r\n');
  const size = head.length + (range.end - range.start) + tail.length;
  const read = async (start: number, end: number): Promise<Uint8Array> => {
    const part = await content.read(range.start, range.end);
    return Buffer.concat([head, part, tail]).subarray(start, end);
  };
  const wrapped = { ...headers, 'content-type': 'multipart/byteranges; boundary=part' };
  return bodyAnswer(206, wrapped, { start: 0, end: size }, { read });
}

function bodyAnswer(status: number, headers: MutableHeaders, { start, end }: ByteRange, content: Readable): Answer {
  const body = { start, end, read: content.read.bind(content) };
  return { ...answerWith(status, { ...headers, 'content-length': String(end - start) }), body };
}

function answerWith(status: number, headers: MutableHeaders): Answer {
  return { status, headers: Object.fromEntries(Object.entries(headers).filter(isPresent)) };
}

function isPresent(entry: [string, string | null]): entry is [string, string] {
  return entry[1] !== null;
}

function textAnswer(status: number, type: string, text: string): Answer {
  if (WITHOUT_BODY.has(status)) return { status, headers: { 'cache-control': 'no-cache' } };
  const bytes = Buffer.from(text);
  const headers = { 'content-type': type, 'content-length': String(bytes.length), 'cache-control': 'no-cache' };
  const read = (start: number, end: number): Uint8Array => bytes.subarray(start, end);
  return { status, headers, body: { start: 0, end: bytes.length, read } };
}

function corsHeaders({ method }: Question, { cors = 'none' }: Policy): MutableHeaders {
  if (cors === 'none') return {};
  const preflight = { 'access-control-allow-headers': '*', 'access-control-allow-methods': 'GET, HEAD' };
  return {
    'access-control-allow-origin': '*',
    ...(method === 'OPTIONS' ? preflight : {}),
    ...(cors === 'expose' ? { 'access-control-expose-headers': EXPOSED } : {}),
  };
}

function lowerCase(headers: Readonly<Record<string, string | null>>): MutableHeaders {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
