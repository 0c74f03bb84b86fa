import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from '@jest/globals';

import type { Policy, PolicyOf } from '../support/range-server.ts';
import { pseudoRandomBytes } from '../support/served-content.ts';
import { until } from '../support/until.ts';
import {
  cleanUp,
  type Ending,
  endingOf,
  LONG,
  open,
  openAt,
  openSession,
  readAtOpening,
  readInSession,
  serve,
  SHORT,
  TARGET,
  urlOf,
} from './misled-stream.ts';

/** A lie, what a read ends in because of it, and how many requests that takes. */
type Lie = [lie: string, policy: PolicyOf, ending: Ending, requests: number];

const HIDDEN: Policy = { headers: { 'content-range': null } };
const MULTIPART: Policy = { multipart: true };
const GZIPPED: Policy = { headers: { 'content-encoding': 'gzip' } };
/** Bytes that the range of a request for `TARGET` has. */
const ASKED = TARGET.end - TARGET.start;

afterEach(cleanUp);

/** Lies in the first answer alone. */
function once(policy: Policy): PolicyOf {
  return ({ index }) => (index === 0 ? policy : {});
}

function claim(contentRange: string): Policy {
  return { headers: { 'content-range': contentRange } };
}

/** Halves what is asked for, as long as that is more than a byte. */
const halved: PolicyOf = ({ range }) => (range ? { mostBytes: Math.ceil((range.end - range.start) / 2) } : {});

function withoutHead(policy: Policy): PolicyOf {
  return ({ method }) => (method === 'HEAD' ? { status: 405 } : policy);
}

/** Every lie about a range is refused or seen through both where it is the first answer and where it comes late. */
const ANYWHERE: Lie[] = [
  ['the whole file', { ranges: false }, 'right bytes', 1],
  [
    'the whole file, though it says Accept-Ranges',
    { ranges: false, headers: { 'accept-ranges': 'bytes' } },
    'right bytes',
    1,
  ],
  ['the whole file, chunked', { ranges: false, noLength: true }, 'right bytes', 1],
  ['a range that starts later', { moveStart: 10 }, 'invalid-range-response', 1],
  ['a range of one byte less, once', once({ moveEnd: -1 }), 'right bytes', 2],
  ['a range of half the length, once', once({ mostBytes: 1537 }), 'right bytes', 2],
  ['a range without a total', claim('bytes 0-3072'), 'invalid-range-response', 1],
  ['a range that is none', claim(''), 'invalid-range-response', 1],
  ['a range of another unit', claim('octets 0-3072/3073'), 'invalid-range-response', 1],
  ['a range that ends before it starts', claim('bytes 20-10/3073'), 'invalid-range-response', 1],
  ['several parts', MULTIPART, 'invalid-range-response', 1],
  ['several parts, their range hidden', { ...MULTIPART, ...HIDDEN }, 'invalid-range-response', 1],
];

describe('a server that is asked for a range and opens with', () => {
  test.each<Lie>([
    ...ANYWHERE,
    ['a range that ends after the file', claim('bytes 0-3072/3072'), 'invalid-range-response', 1],
    ['a range of more bytes than it sends', claim('bytes 0-3073/3074'), 'invalid-range-response', 1],
    ['a range of fewer bytes than it sends', claim('bytes 0-3071/3073'), 'invalid-range-response', 1],
    ['compressed bytes', GZIPPED, 'invalid-range-response', 1],
    ['1 KiB at a time', { mostBytes: 1024 }, 'right bytes', 4],
    ['no total, which HEAD tells', { total: '*' }, 'right bytes', 2],
    ['no total, nor does HEAD', withoutHead({ total: '*' }), 'right bytes', 3],
    ['a hidden range', HIDDEN, 'right bytes', 2],
    ['a hidden range, and without HEAD', withoutHead(HIDDEN), 'right bytes', 3],
    ['nothing, its range hidden', { ...HIDDEN, truncate: 0, noLength: true }, 'invalid-range-response', 2],
  ])('%s', async (_, policy, ending, requests) => {
    expect(await readAtOpening(policy)).toEqual({ ending, requests });
  });

  test.each<[string, Policy]>([
    ['no total', { total: '*' }],
    ['a hidden range', HIDDEN],
  ])('%s, while HEAD tells the length of nothing', async (_, policy) => {
    const nothing: Policy = { headers: { 'content-length': '0' } };
    const server = await serve(SHORT, ({ method }) => (method === 'HEAD' ? nothing : policy));
    const stream = await open(server);
    await until(() => server.log[1]?.endedAt !== undefined);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await endingOf(stream.read(), SHORT)).toBe('right bytes');
  });

  test('a whole file that is compressed', async () => {
    const server = await serve(gzipSync(SHORT), { ...GZIPPED, ranges: false });
    expect(await endingOf((await open(server)).read(), SHORT)).toBe('right bytes');
    expect(server.log).toHaveLength(1);
  });

  test('a range of a file that is compressed', async () => {
    const server = await serve(gzipSync(SHORT), GZIPPED);
    await expect(open(server)).rejects.toMatchObject({ code: 'invalid-range-response' });
    expect(server.log).toHaveLength(1);
  });

  test('more bytes, chunked, than the file that it tells of has', async () => {
    const server = await serve(Buffer.concat([SHORT, pseudoRandomBytes(5000, 2)]), {
      ...claim('bytes 0-3072/3073'),
      noLength: true,
    });
    expect(await endingOf((await open(server)).read(), SHORT)).toBe('right bytes');
    expect(server.log).toHaveLength(1);
  });

  test('416 and no body, as for an empty file', async () => {
    for (const policy of [{}, HIDDEN]) {
      const server = await serve(new Uint8Array(), policy);
      const stream = await open(server);
      expect([stream.size, await stream.read()]).toEqual([0, new Uint8Array()]);
      expect(server.log).toHaveLength(1);
    }
  });
});

describe('a server that is asked for a range in mid-session and answers with', () => {
  test.each<Lie>([
    ...ANYWHERE,
    ['a range that starts earlier', { moveStart: -10 }, 'invalid-range-response', 1],
    ['the range at the start of the file', { moveStart: -TARGET.start }, 'invalid-range-response', 1],
    ['a longer range', { moveEnd: 1000 }, 'right bytes', 1],
    ['all that follows', { moveEnd: LONG.length }, 'right bytes', 1],
    ['a longer range, its length hidden', { moveEnd: 1000, ...HIDDEN, noLength: true }, 'right bytes', 1],
    ['a longer range, its start hidden', { moveEnd: 1000, ...HIDDEN }, 'invalid-range-response', 1],
    ['more bytes than the range that it claims', lengthened(1), 'right bytes', 1],
    ['ever half the range', halved, 'right bytes', Math.floor(Math.log2(ASKED)) + 1],
    ['4 KiB at a time', { mostBytes: 4096 }, 'right bytes', 3],
    ['no total', { total: '*' }, 'right bytes', 1],
    ['a hidden range', HIDDEN, 'right bytes', 1],
    [
      'a range of fewer bytes than it sends',
      claim(`bytes ${TARGET.start}-${TARGET.end - 2}/${LONG.length}`),
      'invalid-range-response',
      1,
    ],
    ['compressed bytes', GZIPPED, 'invalid-range-response', 1],
    ['416 and the file as long as ever', { status: 416, ...claim(`bytes */${LONG.length}`) }, 'http', 1],
    ['416 and a body alone', { status: 416 }, 'http', 1],
  ])('%s', async (_, policy, ending, requests) => {
    expect(await readInSession(policy)).toEqual({ ending, requests, later: 'right bytes' });
  });
});

/** Sends so many bytes more, chunked, than its Content-Range tells. */
function lengthened(bytes: number): Policy {
  return { moveEnd: bytes, noLength: true, ...claim(`bytes ${TARGET.start}-${TARGET.end - 1}/${LONG.length}`) };
}

describe.each([
  ['with Range', {}],
  ['without Range', { ranges: false }],
])('on a server %s', (_, policy) => {
  const sizes = [0, 1, 1023, 1024, 1025, 2047, 2048, 2049, 4095, 4096, 4097];
  test.each(sizes)('a file of %d bytes in blocks of 1 KiB is one request', async (size) => {
    const bytes = pseudoRandomBytes(size);
    const server = await serve(bytes, policy);
    const stream = await open(server);
    expect(await endingOf(stream.read(), bytes)).toBe('right bytes');
    await stream.seek(Math.max(0, size - 1));
    expect(await endingOf(stream.read(), bytes.subarray(-1))).toBe('right bytes');
    await stream.seek(size + 1);
    expect([await stream.read(10), stream.size]).toEqual([new Uint8Array(), size]);
    expect(server.log).toHaveLength(1);
  });
});

describe('requireRange', () => {
  const REQUIRING = { requireRange: true, blockBytes: 4096 };

  test('refuses a whole file after one request, and its body with it', async () => {
    const server = await serve(LONG, { ranges: false, bytesPerSecond: 1e6 });
    const error = { code: 'range-not-supported', url: urlOf(server) };
    await expect(openAt(urlOf(server), REQUIRING)).rejects.toMatchObject(error);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(server.log).toMatchObject([{ closedEarly: true }]);
    expect(server.bytesWritten()).toBeLessThan(LONG.length / 2);
  });

  test('changes nothing where there are ranges', async () => {
    const server = await serve(SHORT);
    expect(await endingOf((await open(server, REQUIRING)).read(), SHORT)).toBe('right bytes');
  });
});

describe('a hidden range that goes on where bytes are held', () => {
  const READ_BYTES = 1_000_000; // beyond what any opening asks for

  /** Reads on from the start in a session whose ranges are hidden from now on, with `policy`. */
  async function readOn(policy: Policy): Promise<{ ending: Ending; starts: number[] }> {
    const { server, stream } = await openSession();
    server.policy = { ...HIDDEN, ...policy };
    const ending = await endingOf(stream.read(READ_BYTES), LONG.subarray(10, 10 + READ_BYTES));
    const starts = server.askedRanges().map((range) => Number(/\d+/.exec(range ?? '')));
    return { ending, starts };
  }

  test('begins 16 bytes before, and passes them over', async () => {
    const { ending, starts } = await readOn({});
    const [unaware, ...aware] = starts; // the first answer shows that ranges are hidden, and is asked for anew
    expect(ending).toBe('right bytes');
    expect(aware[0]).toBe(Number(unaware) - 16);
    for (const start of aware) expect(start % 4096).toBe(4096 - 16);
  });

  test.each([-1000, -16, -1, 1, 16, 1000])('is refused where it is %d bytes off', async (bytes) => {
    const { ending } = await readOn({ moveStart: bytes, moveEnd: bytes });
    expect(['resource-changed', 'invalid-range-response']).toContain(ending);
  });

  test('is refused where another file of the same length has come', async () => {
    const { server, stream } = await openSession();
    server.mount('/track.wav', pseudoRandomBytes(LONG.length, 2));
    server.policy = { ...HIDDEN, etag: null, lastModified: null };
    const ending = await endingOf(stream.read(READ_BYTES), LONG.subarray(10, 10 + READ_BYTES));
    expect(['resource-changed', 'invalid-range-response']).toContain(ending);
  });
});
