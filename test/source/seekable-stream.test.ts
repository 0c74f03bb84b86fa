import { afterEach, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { isStreamingAudioError, openSeekableStream } from '../../plugin/core.ts';
import type { SeekableStream, SeekableStreamOptions, Whence } from '../../plugin/source/seekable-stream.ts';
import { inTurn, type Policy, type PolicyOf, type RangeServer, startRangeServer } from '../support/range-server.ts';
import { digest, pseudoRandomBytes } from '../support/served-content.ts';

const PATH = '/track.wav';
const SIZE = 1_000_003;
const BYTES = pseudoRandomBytes(SIZE);
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).toReversed()) await cleanUp();
});

async function serve(policy: PolicyOf = {}, bytes = BYTES): Promise<RangeServer> {
  const server = await startRangeServer({ [PATH]: bytes }, policy);
  cleanups.push(() => server.close());
  return server;
}

function urlOf(server: RangeServer): string {
  return `${server.url}${PATH}`;
}

async function open(server: RangeServer, options: SeekableStreamOptions = {}): Promise<SeekableStream> {
  const stream = await openSeekableStream(urlOf(server), { retry: { tries: 3, baseDelayMs: 1 }, ...options });
  cleanups.push(() => stream.close());
  return stream;
}

type Operation =
  | { readonly kind: 'read' | 'readInto'; readonly length: number }
  | { readonly kind: 'readAll' }
  | { readonly kind: 'seek'; readonly offset: number; readonly whence: Whence };

/** A stream as it should be: over bytes in memory. */
class Model {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  apply(operation: Operation): string | number {
    if (operation.kind === 'seek') return this.#seek(operation.offset, operation.whence);
    const end = operation.kind === 'readAll' ? Infinity : this.#position + operation.length;
    const bytes = this.#bytes.subarray(this.#position, end);
    this.#position += bytes.length;
    return digest(bytes);
  }

  #seek(offset: number, whence: Whence): string | number {
    const origin = { start: 0, current: this.#position, end: this.#bytes.length }[whence];
    if (origin + offset < 0) return 'invalid-argument';
    this.#position = origin + offset;
    return this.#position;
  }
}

async function apply(stream: SeekableStream, operation: Operation): Promise<string | number> {
  try {
    if (operation.kind === 'seek') return await stream.seek(operation.offset, operation.whence);
    if (operation.kind === 'readAll') return digest(await stream.read());
    if (operation.kind === 'read') return digest(await stream.read(operation.length));
    const buffer = new Uint8Array(operation.length + 2).subarray(1, -1);
    return digest(buffer.subarray(0, await stream.readInto(buffer)));
  } catch (error) {
    if (isStreamingAudioError(error, 'invalid-argument')) return error.code;
    throw error;
  }
}

const operations = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constantFrom('read' as const, 'readInto' as const), length: fc.nat(300_000) }),
    fc.constant({ kind: 'readAll' as const }),
    fc.record({
      kind: fc.constant('seek' as const),
      offset: fc.integer({ min: -SIZE - 10, max: SIZE + 10 }),
      whence: fc.constantFrom<Whence>('start', 'current', 'end'),
    }),
  ),
  { maxLength: 12 },
);

const HIDDEN: Policy = { headers: { 'content-range': null } };
const SERVERS: [string, PolicyOf][] = [
  ['with Range', {}],
  ['that shortens ranges', { mostBytes: 100_000 }],
  ['without lengths', { noLength: true }],
  ['that hides Content-Range', HIDDEN],
  [
    'that hides Content-Range, shortens ranges and refuses HEAD',
    ({ method }) => (method === 'HEAD' ? { status: 405 } : { ...HIDDEN, mostBytes: 300_000 }),
  ],
  ['without Range', { ranges: false }],
  ['without Range and lengths', { ranges: false, noLength: true }],
  ['without validators', { etag: null, lastModified: null }],
];

/** Refuses twice, then breaks off in the first body that is long enough; behind that the server is good. */
function troubles(): PolicyOf {
  const faults: Policy[] = [{ status: 503 }, { status: 429 }, { cut: 70_000 }];
  return ({ range = { start: 0, end: 0 } }) => {
    const isTooShort = range.end - range.start <= (faults[0]?.cut ?? -1);
    return isTooShort ? {} : (faults.shift() ?? {});
  };
}

describe('a stream behaves as one in memory', () => {
  test.each(SERVERS)('from a server %s', async (_, policy) => {
    const server = await serve(policy);
    await fc.assert(
      fc.asyncProperty(operations, fc.constantFrom(4096, 65_536, 262_144), async (list, blockBytes) => {
        const model = new Model(BYTES);
        const stream = await open(server, { blockBytes });
        for (const operation of list) expect(await apply(stream, operation)).toEqual(model.apply(operation));
        stream.close();
      }),
      { numRuns: 12 },
    );
  });

  test('from a server that fails for the moment, again and again', async () => {
    const server = await serve();
    await fc.assert(
      fc.asyncProperty(operations, async (list) => {
        const model = new Model(BYTES);
        const stream = await open(server, { retry: { tries: 6, baseDelayMs: 1 } });
        for (const operation of list) {
          server.policy = troubles();
          expect(await apply(stream, operation)).toEqual(model.apply(operation));
        }
        server.policy = {};
        stream.close();
      }),
      { numRuns: 12 },
    );
  });

  test('whether calls are awaited or not', async () => {
    const stream = await open(await serve());
    const results = await Promise.all([
      stream.read(10),
      stream.seek(-5, 'end'),
      stream.read(),
      stream.seek(3),
      stream.read(2),
    ]);
    expect(results).toEqual([BYTES.slice(0, 10), SIZE - 5, BYTES.slice(-5), 3, BYTES.slice(3, 5)]);
  });
});

describe('opening', () => {
  test('is one request; position, size and URL are then known', async () => {
    const server = await serve();
    const stream = await open(server);
    expect([stream.url, stream.size, stream.tell(), stream.closed]).toEqual([urlOf(server), SIZE, 0, false]);
    expect(server.log).toHaveLength(1);
  });

  test('probing a small file as a decoder does costs that one request', async () => {
    const server = await serve({}, BYTES.subarray(0, 200_000));
    const stream = await open(server);
    await stream.read(12);
    await stream.seek(-128, 'end');
    await stream.read();
    await stream.seek(0);
    await stream.read();
    expect(server.log).toHaveLength(1);
  });

  test.each([
    ['track.wav', 'a URL without a host, in Node'],
    ['http://user:secret@localhost/track.wav', 'credentials in the URL'],
  ])('rejects %s', async (url) => {
    await expect(openSeekableStream(url)).rejects.toMatchObject({ code: 'invalid-argument', argument: 'url' });
    await expect(openSeekableStream(url)).rejects.not.toMatchObject({ message: expect.stringContaining('secret') });
  });

  test('rejects options out of range', async () => {
    const url = 'http://localhost:1/';
    await expect(openSeekableStream(url, { blockBytes: 10 })).rejects.toMatchObject({ argument: 'blockBytes' });
    await expect(openSeekableStream(url, { readAheadBytes: -1 })).rejects.toMatchObject({ argument: 'readAheadBytes' });
    await expect(openSeekableStream(url, { retry: { tries: 0 } })).rejects.toMatchObject({ argument: 'retry.tries' });
    await expect(openSeekableStream(url, { timeouts: { stallMs: 0 } })).rejects.toMatchObject({
      argument: 'timeouts.stallMs',
    });
  });

  test('fails within a second where the host is unreachable', async () => {
    const server = await serve();
    const url = urlOf(server);
    await server.close();
    const begin = performance.now();
    await expect(openSeekableStream(url)).rejects.toMatchObject({ code: 'network', blockedByCors: false });
    expect(performance.now() - begin).toBeLessThan(1500);
  });

  test("ends with its signal's reason", async () => {
    const server = await serve({ holdHead: true });
    const leaving = new AbortController();
    const opening = open(server, { signal: leaving.signal });
    leaving.abort('enough');
    await expect(opening).rejects.toBe('enough');
  });
});

describe('calls', () => {
  test.each([-1, 0.5, Number.NaN])('read(%p) is an invalid argument', async (length) => {
    const stream = await open(await serve());
    await expect(stream.read(length)).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  test('seek rejects what is no position, and stays', async () => {
    const stream = await open(await serve());
    await stream.seek(5);
    await expect(stream.seek(-6, 'current')).rejects.toMatchObject({ code: 'invalid-argument' });
    await expect(stream.seek(1.5)).rejects.toMatchObject({ code: 'invalid-argument' });
    await expect(stream.seek(1, 'middle' as Whence)).rejects.toMatchObject({ argument: 'whence' });
    expect(stream.tell()).toBe(5);
  });

  test('reject with closed after close, even those under way', async () => {
    const server = await serve({ hold: 1000 });
    const stream = await open(server);
    const pending = stream.read(2000);
    await new Promise((resolve) => setTimeout(resolve, 10));
    stream.close();
    stream.close();
    for (const call of [pending, stream.read(1), stream.seek(0), stream.readInto(new Uint8Array(1))]) {
      await expect(call).rejects.toMatchObject({ code: 'closed' });
    }
    expect(() => stream.tell()).toThrow('closed');
    expect(stream.closed).toBe(true);
  });

  test('a failed read leaves the position', async () => {
    const bytes = pseudoRandomBytes(3_000_000);
    const server = await serve({}, bytes);
    const stream = await open(server);
    await stream.seek(2_000_000);
    server.policy = inTurn({ status: 404 });
    await expect(stream.read(5)).rejects.toMatchObject({ code: 'http' });
    expect(stream.tell()).toBe(2_000_000);
    expect(await stream.read(5)).toEqual(bytes.slice(2_000_000, 2_000_005));
  });
});
