/** A local HTTP server with one file, and the liberties that real servers take. */

import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Behaviour {
  bytes: Uint8Array;
  /** False: every answer is a 200 with the whole file. */
  ranges: boolean;
  /** False: chunked transfer, no Content-Length. */
  length: boolean;
  /** False: a 206 without Content-Range, as a page of another origin sees it. */
  contentRange: boolean;
  etag: string | undefined;
  lastModified: string | undefined;
  /** No answer to a range is longer. */
  mostBytes: number;
  /** Stops in the middle of a body after so many bytes, until `resume`. */
  holdAfter: number;
  /** Sends nothing at all until `resume`. */
  holdsHead: boolean;
  /** Breaks the connection after so many bytes of a body, once. */
  breakAfter: number | undefined;
  /** Answers with these, one after the other, before it behaves. */
  failures: number[];
  headStatus: number;
  headers: Record<string, string>;
}

export interface SeenRequest {
  readonly method: string;
  readonly range: string | undefined;
  /** True where the client went away before the end of the answer. */
  isAborted: boolean;
  isFinished: boolean;
}

export class SupportServer {
  readonly requests: SeenRequest[] = [];
  readonly behaviour: Behaviour;
  readonly #server: Server;
  #resume: (() => void)[] = [];

  private constructor(behaviour: Behaviour) {
    this.behaviour = behaviour;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(behaviour: Partial<Behaviour> = {}): Promise<SupportServer> {
    const server = new SupportServer({ ...wellBehaved(), ...behaviour });
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/track.wav`;
  }

  /** The Range headers of the GET requests so far. */
  get ranges(): (string | undefined)[] {
    return this.requests.filter(({ method }) => method === 'GET').map(({ range }) => range);
  }

  resume(): void {
    this.behaviour.holdAfter = Infinity;
    this.behaviour.holdsHead = false;
    for (const resume of this.#resume.splice(0)) resume();
  }

  async stop(): Promise<void> {
    this.resume();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const seen: SeenRequest = {
      method: request.method ?? '',
      range: request.headers.range,
      isAborted: false,
      isFinished: false,
    };
    this.requests.push(seen);
    response.on('close', () => (seen.isAborted = !response.writableFinished));
    response.on('finish', () => (seen.isFinished = true));

    const { behaviour } = this;
    const failure = behaviour.failures.shift();
    if (failure !== undefined) return void response.writeHead(failure, behaviour.headers).end();
    if (request.method === 'HEAD' && behaviour.headStatus !== 200) {
      return void response.writeHead(behaviour.headStatus).end();
    }
    if (behaviour.holdsHead) await new Promise<void>((resolve) => this.#resume.push(resolve));
    const { status, start, end } = this.#resolveRange(request.headers.range);
    const body = behaviour.bytes.subarray(start, end);
    response.writeHead(status, this.#headersOf(status, start, end));
    if (request.method === 'HEAD' || status === 416) return void response.end();
    await this.#send(response, body);
  }

  #resolveRange(header: string | undefined): { status: number; start: number; end: number } {
    const { bytes, ranges, mostBytes } = this.behaviour;
    const match = /^bytes=(\d+)-(\d*)$/.exec(header ?? '');
    if (!ranges || match === null) return { status: 200, start: 0, end: bytes.length };
    const start = Number(match[1]);
    const last = match[2] === '' ? Infinity : Number(match[2]);
    if (start >= bytes.length) return { status: 416, start: 0, end: 0 };
    return { status: 206, start, end: Math.min(last + 1, bytes.length, start + mostBytes) };
  }

  #headersOf(status: number, start: number, end: number): Record<string, string> {
    const { bytes, length, contentRange, etag, lastModified, headers } = this.behaviour;
    const total = bytes.length;
    const range = status === 416 ? `bytes */${total}` : `bytes ${start}-${end - 1}/${total}`;
    return {
      'content-type': 'audio/wav',
      ...(length ? { 'content-length': String(end - start) } : {}),
      ...(contentRange && status !== 200 ? { 'content-range': range } : {}),
      ...(etag === undefined ? {} : { etag }),
      ...(lastModified === undefined ? {} : { 'last-modified': lastModified }),
      ...headers,
    };
  }

  async #send(response: ServerResponse, body: Uint8Array): Promise<void> {
    const { holdAfter, breakAfter } = this.behaviour;
    if (breakAfter !== undefined && body.length > breakAfter) {
      this.behaviour.breakAfter = undefined;
      response.write(body.subarray(0, breakAfter), () => response.destroy());
      return;
    }
    if (body.length > holdAfter) {
      response.write(body.subarray(0, holdAfter));
      await new Promise<void>((resolve) => this.#resume.push(resolve));
      response.end(body.subarray(holdAfter));
    } else {
      response.end(body);
    }
  }
}

function wellBehaved(): Behaviour {
  return {
    bytes: pseudoRandomBytes(3_000_000),
    ranges: true,
    length: true,
    contentRange: true,
    etag: '"v1"',
    lastModified: 'Tue, 03 Nov 2026 10:00:00 GMT',
    mostBytes: Infinity,
    holdAfter: Infinity,
    holdsHead: false,
    breakAfter: undefined,
    failures: [],
    headStatus: 200,
    headers: {},
  };
}

/** Bytes without a pattern that a misplaced block could hide in; the same for the same length and seed. */
export function pseudoRandomBytes(length: number, seed = 1): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = seed;
  for (let at = 0; at < words.length; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    words[at] = state ^ (state >>> 15);
  }
  return new Uint8Array(words.buffer, 0, length);
}

/** Stands for bytes in a comparison: a matcher that walks through millions of them takes seconds. */
export function digest(bytes: Uint8Array): string {
  return `${bytes.length} bytes, ${createHash('sha1').update(bytes).digest('hex')}`;
}

/** Resolves once `isTrue`; rejects after two seconds. */
export async function until(isTrue: () => boolean): Promise<void> {
  for (let tries = 0; !isTrue(); tries += 1) {
    if (tries > 400) throw new Error('It did not come true.');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
