/** A legal local HTTP server for tests: single ranges, validators, named faults, and an honest log of what it sent. */
import { once } from 'node:events';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseRange, planAnswer, type Body, type ByteRange, type Policy } from './range-answer.ts';
import { bytesContent, fileContent, type ServedContent } from './served-content.ts';

export type { ByteRange, Policy } from './range-answer.ts';
export type { ServedContent } from './served-content.ts';

/** A folder's path, bytes in memory, or content of your own. */
export type Mount = string | Uint8Array | ServedContent;

export interface PolicyRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** What its Range header asks for, within the content; undefined where there is none. */
  readonly range?: ByteRange;
  readonly headers: http.IncomingHttpHeaders;
  /** How many requests for this path came before it, since the log was cleared. */
  readonly index: number;
}

export type PolicyOf = Policy | ((request: PolicyRequest) => Policy);

export interface LoggedRequest {
  readonly method: string;
  readonly path: string;
  readonly range?: ByteRange;
  readonly headers: http.IncomingHttpHeaders;
  /** As `Date.now()`. */
  readonly startedAt: number;
  /** 0 until the answer begins. */
  status: number;
  /** Bytes of the body that the kernel took. It holds up to some MB on loopback: throttle to count sharply. */
  bytesWritten: number;
  /** Set when the answer is whole or its connection gone. */
  endedAt?: number;
  /** The connection closed before the whole answer was written. */
  closedEarly: boolean;
}

/** What an answer under way may have to wait for. */
interface Waits {
  /** Aborts with the first release after the request came. */
  readonly released: AbortSignal;
  /** Aborts when the connection closes. */
  readonly gone: AbortSignal;
}

interface Mounted {
  readonly policy: PolicyOf;
  find(path: string): ServedContent | undefined;
}

const CHUNK_BYTES = 64 * 2 ** 10; // 64 KiB: what a client that aborts can at most be charged for too much
const TICKS_PER_SECOND = 20; // of a throttled body
const LATE_MS = 200; // how late a busy machine's timer may come and the body still be as fast as asked

/** Listens on a free port of 127.0.0.1; a second server is another origin. */
export async function startRangeServer(
  mounts: Record<string, Mount> = {},
  policy: PolicyOf = {},
): Promise<RangeServer> {
  const server = new RangeServer(mounts, policy);
  await server.listen();
  return server;
}

/** One request after another, each gets the next of `policies`; behind them the server is good. */
export function inTurn(...policies: readonly Policy[]): PolicyOf {
  const left = [...policies];
  return () => left.shift() ?? {};
}

export class RangeServer {
  /** Faults of every answer; may be set at any time, holds for requests from then on, wins over a mount's own. */
  policy: PolicyOf;
  /** Requests in the order of their arrival; entries change until they have ended. */
  log: LoggedRequest[] = [];

  readonly #mounts = new Map<string, Mounted>();
  readonly #server = http.createServer((request, response) => void this.#serve(request, response));
  readonly #failures: unknown[] = [];
  #released = new AbortController();

  constructor(mounts: Record<string, Mount>, policy: PolicyOf) {
    for (const [path, mount] of Object.entries(mounts)) this.mount(path, mount);
    this.policy = policy;
  }

  /** The origin, `http://127.0.0.1:port`. */
  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('This server listens no more.');
    return `http://127.0.0.1:${address.port}`;
  }

  async listen(): Promise<void> {
    this.#server.keepAliveTimeout = 60_000;
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  /** Serves `mount` at `path` in place of what was there. A folder's path ends in `/`. */
  mount(path: string, mount: Mount, policy: PolicyOf = {}): void {
    this.#mounts.set(path, { find: finderOf(path, mount), policy });
  }

  /** Lets every answer to a request so far go on, whether or not it has come to where it is held. */
  release(): void {
    this.#released.abort();
    this.#released = new AbortController();
  }

  /** Breaks every connection, as a server that is started anew does. */
  hangUp(): void {
    this.#server.closeAllConnections();
  }

  clearLog(): void {
    this.log = [];
  }

  /** The Range headers of the GETs since the log was cleared, as they were sent, of one path or of all. */
  askedRanges(path?: string): (string | undefined)[] {
    const entries = this.log.filter((entry) => path === undefined || entry.path === path);
    return entries.filter(({ method }) => method === 'GET').map(({ headers }) => headers.range);
  }

  /** Body bytes sent since the log was cleared, of one path or of all. */
  bytesWritten(path?: string): number {
    const entries = this.log.filter((entry) => path === undefined || entry.path === path);
    return entries.reduce((sum, entry) => sum + entry.bytesWritten, 0);
  }

  /** Closes at once, open connections too; idempotent. Rejects where a policy or a mount threw. */
  async close(): Promise<void> {
    if (this.#server.listening) {
      const closed = once(this.#server, 'close');
      this.#server.close();
      this.#server.closeAllConnections();
      await closed;
    }
    if (this.#failures.length > 0) throw new AggregateError(this.#failures.splice(0), 'The test server failed.');
  }

  async #serve(incoming: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const gone = new AbortController();
    const waits = { released: this.#released.signal, gone: gone.signal };
    const { method = 'GET', headers } = incoming;
    const { pathname: path, searchParams: query } = new URL(incoming.url ?? '/', 'http://localhost');
    const { content, policy: mountPolicy } = this.#find(decodeURIComponent(path));
    const range = parseRange(headers.range, content?.size ?? 0);
    const index = this.log.filter((entry) => entry.path === path).length;
    const request = { method, path, query, headers, index, ...(typeof range === 'string' ? {} : { range }) };
    const entry = logEntry(request);
    this.log.push(entry);
    response.once('close', () => {
      entry.endedAt = Date.now();
      entry.closedEarly = !response.writableFinished;
      gone.abort();
    });

    try {
      const policy = { ...resolvePolicy(mountPolicy, request), ...resolvePolicy(this.policy, request) };
      const answer = planAnswer(request, content, policy);
      if (policy.latencyMs !== undefined) await sleep(policy.latencyMs, undefined, { signal: gone.signal });
      if (policy.holdHead === true) await waitForRelease(waits);
      if (policy.dropHead === true) return void response.destroy();
      entry.status = answer.status;
      if (policy.untilClose === true) response.useChunkedEncodingByDefault = false;
      response.writeHead(answer.status, { ...answer.headers });
      if (answer.body !== undefined) {
        response.flushHeaders();
        await this.#sendBody(response, answer.body, policy, entry, waits);
      }
      if (!response.destroyed) response.end();
    } catch (error) {
      if (!gone.signal.aborted && !(error instanceof ClientLeft)) this.#failures.push(error);
      response.destroy();
    }
  }

  async #sendBody(
    response: http.ServerResponse,
    body: Body,
    policy: Policy,
    entry: LoggedRequest,
    waits: Waits,
  ): Promise<void> {
    const { gone } = waits;
    const stops = [policy.cut, policy.hold].filter((stop) => stop !== undefined).map((stop) => body.start + stop);
    let dueMs = performance.now();
    for (let position = body.start; ;) {
      const sent = position - body.start;
      if (sent === policy.hold) await waitForRelease(waits);
      if (sent === policy.cut) response.destroy();
      if (sent === policy.cut || position >= body.end) return;

      const end = Math.min(position + chunkBytes(policy), body.end, ...stops.filter((stop) => stop > position));
      const chunk = await body.read(position, end);
      dueMs = Math.max(
        dueMs + ((end - position) * 1000) / (policy.bytesPerSecond ?? Infinity),
        performance.now() - LATE_MS,
      );
      const waitMs = dueMs - performance.now();
      if (waitMs > 0) await sleep(waitMs, undefined, { signal: gone });
      await write(response, chunk, gone);
      entry.bytesWritten += chunk.length;
      position = end;
    }
  }

  /** The mount with the longest path that has something there. */
  #find(path: string): { content?: ServedContent; policy: PolicyOf } {
    const longestFirst = [...this.#mounts.keys()].toSorted((a, b) => b.length - a.length);
    for (const prefix of longestFirst) {
      const mounted = this.#mounts.get(prefix);
      const content = mounted?.find(path);
      if (mounted !== undefined && content !== undefined) return { content, policy: mounted.policy };
    }
    return { policy: {} };
  }
}

function finderOf(path: string, mount: Mount): Mounted['find'] {
  if (typeof mount === 'string') {
    if (!path.endsWith('/')) throw new Error(`The folder ${mount} is mounted at ${path}, which must end in "/".`);
    return (asked) => (asked.startsWith(path) ? fileContent(mount, asked.slice(path.length)) : undefined);
  }
  const content = mount instanceof Uint8Array ? bytesContent(path, mount) : mount;
  return (asked) => (asked === path ? content : undefined);
}

function logEntry({ method, path, headers, range }: PolicyRequest): LoggedRequest {
  const progress = { startedAt: Date.now(), status: 0, bytesWritten: 0, closedEarly: false };
  return { method, path, headers, ...(range === undefined ? {} : { range }), ...progress };
}

function resolvePolicy(policy: PolicyOf, request: PolicyRequest): Policy {
  return typeof policy === 'function' ? policy(request) : policy;
}

function chunkBytes({ bytesPerSecond = Infinity }: Policy): number {
  return Math.max(1, Math.min(CHUNK_BYTES, Math.floor(bytesPerSecond / TICKS_PER_SECOND)));
}

async function waitForRelease({ released, gone }: Waits): Promise<void> {
  if (!released.aborted) await once(released, 'abort', { signal: gone });
}

/** The connection is gone: a client's right, and no failure of the server. */
class ClientLeft extends Error {}

/** Resolves when the kernel has the bytes, so that no more than one chunk is ever on its way. */
async function write(response: http.ServerResponse, chunk: Uint8Array, gone: AbortSignal): Promise<void> {
  gone.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const leave = (): void => reject(new ClientLeft());
    gone.addEventListener('abort', leave, { once: true });
    response.write(chunk, (error) => {
      gone.removeEventListener('abort', leave);
      if (error) reject(new ClientLeft());
      else resolve();
    });
  });
}
