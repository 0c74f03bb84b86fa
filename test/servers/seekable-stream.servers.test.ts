import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';

import {
  openAudioCache,
  openSeekableStream,
  type SeekableStream,
  type SeekableStreamOptions,
} from '../../plugin/core.ts';
import { digest, pseudoRandomBytes } from '../support/served-content.ts';
import { REAL_SERVERS } from '../support/servers/real-servers.ts';
import { type RunningServer, startServer } from '../support/servers/running-server.ts';

const SIZE = 16_000_003; // more than the kernel takes from a server ahead of its client: 10 MB
const TRACK = pseudoRandomBytes(SIZE);
const OTHER = pseudoRandomBytes(SIZE, 2);
const SHORT = TRACK.subarray(0, 300_001);
const FILES = { '/track.wav': TRACK, '/short.wav': SHORT, '/empty.wav': new Uint8Array(), '/album/index.html': SHORT };
const PIECE = 1_000_003;
const WHOLE_REQUESTS = 1 + Math.ceil((SIZE - 512 * 2 ** 10) / (8 * 2 ** 20)); // 512 KiB, then 8 MiB each
const RETRY_BUDGET_MS = 1500; // 750 ms between three tries, and as much again for a slow machine
const GZIP = { 'accept-encoding': 'gzip' }; // browsers send `identity` with a range; proxies may not
/** CORS-safelisted response-header names (Fetch standard, section 2.2.2). */
const SAFELISTED = 'cache-control content-language content-length content-type expires last-modified pragma'.split(' ');

/** A read of `length` bytes at `offset`, which counts back from the end where it is negative. */
interface Read {
  readonly offset: number;
  readonly length: number;
}

/** Reads of a new stream, one after the other, and the requests that they cost where there are ranges. */
const READS: { where: string; reads: Read[]; requests: number }[] = [
  { where: 'at the start', reads: [at(0, 10)], requests: 1 },
  { where: 'on from what the opening brought', reads: [at(524_283, 10)], requests: 2 },
  { where: 'in the middle', reads: [at(8_000_001, 1000)], requests: 2 },
  { where: 'across blocks', reads: [at(7_864_315, 600_000)], requests: 2 },
  { where: 'before the end', reads: [at(-10, 10)], requests: 2 },
  { where: 'across the end', reads: [at(-10, 100)], requests: 2 },
  { where: 'past the end', reads: [at(SIZE, 1), at(SIZE + 5, 10)], requests: 1 },
  { where: 'backwards', reads: [at(-99, 99), at(12_000_000, 99), at(6_000_000, 99)], requests: 4 },
  { where: 'what it has read before', reads: [at(0, 524_288), at(-9, 9), at(0, 99), at(-9, 9)], requests: 2 },
];

const END = at(-10, 10);
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).toReversed()) await cleanUp();
});

async function open(server: RunningServer, file: string, options: SeekableStreamOptions = {}): Promise<SeekableStream> {
  const stream = await openSeekableStream(server.urlOf(file), options);
  cleanups.push(() => stream.close());
  return stream;
}

function at(offset: number, length: number): Read {
  return { offset, length };
}

async function readFrom(stream: SeekableStream, { offset, length }: Read): Promise<string> {
  await stream.seek(offset, offset < 0 ? 'end' : 'start');
  return digest(await stream.read(length));
}

function expectedFrom(bytes: Uint8Array, { offset, length }: Read): string {
  const start = offset < 0 ? bytes.length + offset : offset;
  return digest(bytes.subarray(start, start + length));
}

/** A fetch that notes the method of each request, and keeps its answer. */
function countingFetch() {
  const asked: string[] = [];
  const answers: Promise<Response>[] = [];
  const fetch: typeof globalThis.fetch = (url, init) => {
    const answer = globalThis.fetch(url, init);
    asked.push(init?.method ?? 'GET');
    answers.push(answer);
    return answer;
  };
  return { asked, answers, fetch };
}

/** A fetch that shows what a page of another origin sees where the server exposes no header. */
const fetchAcrossOrigins: typeof globalThis.fetch = async (url, init) => {
  const { body, status, statusText, headers, url: finalUrl } = await globalThis.fetch(url, init);
  const shown = [...headers].filter(([name]) => SAFELISTED.includes(name));
  const response = new Response(body, { status, statusText, headers: shown });
  return Object.defineProperty(response, 'url', { value: finalUrl });
};

describe.each(REAL_SERVERS)('$name', (kind) => {
  const { hasRanges, gzipped } = kind;
  let server: RunningServer;

  beforeAll(async () => {
    server = await startServer(kind, FILES);
  });

  afterAll(() => server?.close());

  test('tells size and URL with the one request that opens', async () => {
    const { asked, fetch } = countingFetch();
    const stream = await open(server, '/track.wav', { fetch });
    expect([stream.size, stream.url]).toEqual([SIZE, server.urlOf('/track.wav')]);
    expect(asked).toHaveLength(1);
  });

  test.each(READS)('reads $where', async ({ reads, requests }) => {
    const { asked, fetch } = countingFetch();
    const stream = await open(server, '/track.wav', { fetch });
    for (const read of reads) expect(await readFrom(stream, read)).toBe(expectedFrom(TRACK, read));
    expect(asked).toHaveLength(hasRanges ? requests : 1);
  });

  test('reads the whole file in requests of 8 MiB', async () => {
    const { asked, fetch } = countingFetch();
    const stream = await open(server, '/track.wav', { fetch });
    expect(digest(await stream.read())).toBe(digest(TRACK));
    expect(asked).toHaveLength(hasRanges ? WHOLE_REQUESTS : 1);
  });

  test('reads the whole file piece by piece', async () => {
    const stream = await open(server, '/track.wav');
    const pieces: Uint8Array[] = [];
    for (let read = 0; read < SIZE; read += PIECE) pieces.push(await stream.read(PIECE));
    expect(digest(Buffer.concat(pieces))).toBe(digest(TRACK));
  });

  test('reads exactly where the page is of another origin', async () => {
    const stream = await open(server, '/track.wav', { fetch: fetchAcrossOrigins });
    for (const read of [at(0, 10), at(8_000_000, 99), at(-10, 10)]) {
      expect(await readFrom(stream, read)).toBe(expectedFrom(TRACK, read));
    }
    expect(stream.size).toBe(SIZE);
  });

  test('follows a redirect, and tells where it led', async () => {
    const stream = await open(server, '/album');
    expect([stream.size, stream.url]).toEqual([SHORT.length, server.urlOf('/album/')]);
    expect(digest(await stream.read())).toBe(digest(SHORT));
  });

  test('finds an empty file empty', async () => {
    const { asked, fetch } = countingFetch();
    const stream = await open(server, '/empty.wav', { fetch });
    expect([stream.size, await stream.seek(0, 'end'), await stream.read()]).toEqual([0, 0, new Uint8Array()]);
    expect(asked).toHaveLength(1);
  });

  test('says which file is not there', async () => {
    const url = server.urlOf('/missing.wav');
    await expect(openSeekableStream(url)).rejects.toMatchObject({ code: 'http', status: 404, url });
  });

  test('a cached file is compared once, and holds', async () => {
    const { asked, answers, fetch } = countingFetch();
    const cache = await openAudioCache();
    cleanups.push(() => cache.close());
    for (let visit = 0; visit < 3; visit += 1) {
      const stream = await open(server, '/short.wav', { cache, fetch });
      expect(digest(await stream.read())).toBe(digest(SHORT));
      await Promise.all(answers); // the comparison goes on beside
      await new Promise((resolve) => setImmediate(resolve));
      stream.close();
    }
    expect(asked).toEqual(['GET', 'HEAD']);
  });

  test('a file that is replaced is never mixed with the old one', async () => {
    await server.put('/changing.wav', TRACK);
    const stream = await open(server, '/changing.wav');
    await server.put('/changing.wav', OTHER);
    const reading = readFrom(stream, END);
    // One that sends whole files is still sending the old one.
    if (hasRanges) await expect(reading).rejects.toMatchObject({ code: 'resource-changed' });
    else expect(await reading).toBe(expectedFrom(TRACK, END));
    stream.close();
    expect(await readFrom(await open(server, '/changing.wav'), END)).toBe(expectedFrom(OTHER, END));
  });

  test('a server that stops is a network error, soon; one that is back is read on', async () => {
    const stream = await open(server, '/track.wav');
    await server.stop();
    const begin = performance.now();
    await expect(readFrom(stream, END)).rejects.toMatchObject({ code: 'network', blockedByCors: false });
    expect(performance.now() - begin).toBeLessThan(RETRY_BUDGET_MS);
    await server.start();
    expect(await readFrom(stream, END)).toBe(expectedFrom(TRACK, END));
  });

  if (gzipped === 'whole file') {
    test('reads exactly what comes compressed', async () => {
      const stream = await open(server, '/track.wav', { headers: GZIP });
      expect(digest(await stream.read())).toBe(digest(TRACK));
    });
  }

  if (gzipped === 'range of the compressed') {
    test('rejects a range of the compressed file', async () => {
      const opening = open(server, '/track.wav', { headers: GZIP });
      await expect(opening).rejects.toMatchObject({ code: 'invalid-range-response' });
    });
  }
});

test('a server that is not installed fails with the line that installs it', async () => {
  const [nginx] = REAL_SERVERS;
  if (nginx === undefined) throw new Error('There is no server to test with.');
  const starting = startServer({ ...nginx, command: 'no-such-server' }, {});
  await expect(starting).rejects.toThrow('apt-get install -y --no-install-recommends nginx');
});
