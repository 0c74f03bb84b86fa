import { afterEach, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { openAudioCache, openSeekableStream } from '../../plugin/core.ts';
import type { SeekableStream, SeekableStreamOptions, Whence } from '../../plugin/source/seekable-stream.ts';
import { inTurn, type PolicyOf, type RangeServer, startRangeServer } from '../support/range-server.ts';
import { digest, pseudoRandomBytes } from '../support/served-content.ts';
import {
  behavesOn,
  BYTES,
  isNotFooledOn,
  neverMixesOn,
  PATH,
  SERVERS,
  SHARES,
  sharesOn,
  survivesOn,
} from './stream-properties.ts';

const SIZE = BYTES.length;
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

/** A few of what `seekable-stream.properties.test.ts` tries thousands of. */
const FEW = { numRuns: 12, includeErrorInReport: true };

describe('a stream behaves as one in memory', () => {
  test.each(SERVERS)('from a server %s', async (_, policy) => {
    await fc.assert(behavesOn(await serve(policy)), FEW);
  });

  test('from a server that fails for the moment, again and again', async () => {
    await fc.assert(survivesOn(await serve()), FEW);
  });

  test('from a server that lies, or fails', async () => {
    await fc.assert(isNotFooledOn(await serve()), FEW);
  });

  test('from a server that replaces the file, until it notices', async () => {
    await fc.assert(neverMixesOn(await serve()), FEW);
  });

  test.each(SHARES)('beside others that share its blocks, from a server %s', async (_, policy, memoryBytes) => {
    await fc.assert(sharesOn(await serve(policy), memoryBytes), FEW);
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

  test('reads a data: URL', async () => {
    const bytes = Buffer.from(BYTES.subarray(0, 100_000));
    const stream = await openSeekableStream(`data:audio/wav;base64,${bytes.toString('base64')}`);
    await stream.seek(50_000);
    expect(digest(await stream.read())).toBe(digest(bytes.subarray(50_000)));
    stream.close();
  });

  test('reads bodies that come in pieces of any size, where its fetch gives such', async () => {
    const server = await serve();
    const fetchInPieces: typeof fetch = async (...call) => {
      const { body, status, headers } = await fetch(...call);
      return new Response(body?.pipeThrough(new TransformStream()), { status, headers });
    };
    const stream = await openSeekableStream(urlOf(server), { fetch: fetchInPieces });
    expect(digest(await stream.read())).toBe(digest(BYTES));
    stream.close();
  });

  test('reads a URL of a scheme of its own, where its fetch does', async () => {
    const server = await serve();
    const fetch: typeof globalThis.fetch = (_, init) => globalThis.fetch(urlOf(server), init);
    const stream = await openSeekableStream('game://assets/track.wav', { fetch });
    expect(digest(await stream.read())).toBe(digest(BYTES));
    stream.close();
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

  test('of one stream fail for no other that closes, though its download is shared', async () => {
    const server = await serve({ hold: 1000 });
    const cache = await openAudioCache();
    cleanups.push(() => cache.close());
    const [one, other] = await Promise.all([open(server, { cache }), open(server, { cache })]);
    one.close();
    server.policy = {};
    server.release();
    expect(digest(await other.read())).toBe(digest(BYTES));
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

describe('a thousand random reads of 4 KiB', () => {
  test('cost at most one request for each block of 256 KiB that they touch', async () => {
    const [length, block] = [4096, 262_144];
    const bytes = pseudoRandomBytes(40_000_000);
    const server = await serve({}, bytes);
    const stream = await open(server);
    const draws = new Uint32Array(pseudoRandomBytes(4000, 7).buffer);
    const touched = new Set([0]);
    for (const draw of draws) {
      const position = draw % (bytes.length - length);
      touched.add(Math.floor(position / block)).add(Math.floor((position + length - 1) / block));
      await stream.seek(position);
      expect(Buffer.from(await stream.read(length)).equals(bytes.subarray(position, position + length))).toBe(true);
    }
    expect(server.log.length).toBeLessThanOrEqual(touched.size);
  });
});
