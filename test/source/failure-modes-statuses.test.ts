import { afterEach, describe, expect, test } from '@jest/globals';

import { inTurn, type PolicyOf } from '../support/range-server.ts';
import {
  bytesOf,
  cleanUp,
  endingOf,
  LONG,
  open,
  openAt,
  openSession,
  PATH,
  readAtOpening,
  readInSession,
  readTarget,
  serve,
  SHORT,
  TARGET,
  urlOf,
  VERSION,
} from './misled-stream.ts';

const PORTAL = '<!doctype html><title>Welcome</title><p>Accept our terms to go online.</p>';
const FINAL = [204, 300, 304, 400, 401, 403, 404, 405, 410, 416, 451];
const PASSING = [408, 429, 500, 502, 503, 504];

afterEach(cleanUp);

describe('a status that gives no bytes', () => {
  test.each(FINAL)('%d fails the opening after one request', async (status) => {
    const server = await serve(SHORT, { status, headers: { 'content-range': `bytes */${SHORT.length}` } });
    const error = { code: 'http', status, url: urlOf(server), message: expect.stringContaining(urlOf(server)) };
    await expect(open(server)).rejects.toMatchObject(error);
    expect(server.log).toHaveLength(1);
  });

  test.each(FINAL)('%d in mid-session fails one read after one request, and is not remembered', async (status) => {
    expect(await readInSession({ status })).toEqual({ ending: 'http', requests: 1, later: 'right bytes' });
  });
});

describe('a status that passes', () => {
  test.each(PASSING)('%d, twice, delays the opening by two requests', async (status) => {
    const outcome = { ending: 'right bytes', requests: 3 };
    expect(await readAtOpening(inTurn({ status }, { status }))).toEqual(outcome);
  });

  test.each(PASSING)('%d, twice, delays a read in mid-session by two requests', async (status) => {
    const outcome = { ending: 'right bytes', requests: 3, later: 'right bytes' };
    expect(await readInSession(inTurn({ status }, { status }))).toEqual(outcome);
  });

  test('fails the opening where it does not pass, after the tries allowed', async () => {
    const server = await serve(SHORT, { status: 503 });
    await expect(open(server, { retry: { tries: 4, baseDelayMs: 1 } })).rejects.toMatchObject({ status: 503 });
    expect(server.log).toHaveLength(4);
  });

  test('every second time makes each request twice, and fails nothing', async () => {
    const everySecond: PolicyOf = ({ index }) => (index % 2 === 0 ? { status: 503 } : { mostBytes: 1024 });
    expect(await readAtOpening(everySecond)).toEqual({ ending: 'right bytes', requests: 2 * 4 });
  });

  test('is asked about no sooner than its Retry-After allows', async () => {
    const begin = performance.now();
    const outcome = { ending: 'right bytes', requests: 2 };
    expect(await readAtOpening(inTurn({ status: 429, headers: { 'retry-after': '1' } }))).toEqual(outcome);
    expect(performance.now() - begin).toBeGreaterThanOrEqual(999);
  });

  test('is given up at once where its Retry-After is longer than the longest wait', async () => {
    const policy = { status: 429, headers: { 'retry-after': '2' } };
    const retry = { tries: 3, baseDelayMs: 1, maxDelayMs: 1999 };
    expect(await readAtOpening(policy, { retry })).toEqual({ ending: 'http', requests: 1 });
  });
});

/** Answers `PATH` alone with a redirect. */
function redirect(location: string | null, status = 302): PolicyOf {
  return ({ path }) => (path === PATH ? { status, headers: { location } } : {});
}

describe('a redirect', () => {
  test.each([301, 302, 303, 307, 308])('of status %d is followed', async (status) => {
    const server = await serve(SHORT, redirect('/elsewhere.wav', status));
    server.mount('/elsewhere.wav', SHORT);
    const stream = await open(server);
    expect(await endingOf(stream.read(), SHORT)).toBe('right bytes');
    expect([stream.url, server.log.length]).toEqual([`${server.url}/elsewhere.wav`, 2]);
  });

  test('to a redirect to a redirect is followed', async () => {
    const server = await serve(SHORT, ({ query }) => {
      const hop = Number(query.get('hop'));
      return hop < 4 ? { status: 302, headers: { location: `${PATH}?hop=${hop + 1}` } } : {};
    });
    expect(await endingOf((await open(server)).read(), SHORT)).toBe('right bytes');
    expect(server.log).toHaveLength(5);
  });

  test('to itself is a network error, after the 20 redirects that fetch follows', async () => {
    const outcome = { ending: 'network', requests: 1 + 20 };
    expect(await readAtOpening(redirect(PATH), { retry: { tries: 1 } })).toEqual(outcome);
  });

  test('to nowhere is an error of status', async () => {
    const server = await serve(SHORT, redirect(null));
    await expect(open(server)).rejects.toMatchObject({ code: 'http', status: 302 });
    expect(server.log).toHaveLength(1);
  });

  test('in mid-session to another place of the same file brings its bytes', async () => {
    const { server, stream } = await openSession();
    server.mount('/elsewhere.wav', LONG, VERSION);
    server.policy = redirect('/elsewhere.wav');
    expect(await endingOf(readTarget(stream), bytesOf(TARGET))).toBe('right bytes');
    expect(server.log).toHaveLength(2);
  });

  test('in mid-session to another file is a change', async () => {
    const { server, stream } = await openSession();
    server.mount('/elsewhere.wav', LONG, { ...VERSION, etag: '"other"' });
    server.policy = redirect('/elsewhere.wav');
    await expect(readTarget(stream)).rejects.toMatchObject({ code: 'resource-changed', receivedVersion: '"other"' });
    expect(server.askedRanges()).toHaveLength(2);
  });

  test('in mid-session to a page to log in is refused', async () => {
    const { server, stream } = await openSession();
    server.mount('/login.html', Buffer.from(PORTAL));
    server.policy = ({ path }) =>
      path === PATH ? { status: 302, headers: { location: '/login.html' } } : { ranges: false };
    expect(await endingOf(readTarget(stream), bytesOf(TARGET))).toBe('invalid-range-response');
    expect(server.askedRanges()).toHaveLength(2);
    server.policy = {};
    expect(await endingOf(readTarget(stream), bytesOf(TARGET))).toBe('right bytes');
  });
});

describe('a page in the place of the file', () => {
  test('is refused in mid-session, after one request, and the session goes on behind it', async () => {
    const outcome = { ending: 'invalid-range-response', requests: 1, later: 'right bytes' };
    expect(await readInSession({ html: PORTAL })).toEqual(outcome);
    expect(await readInSession({ html: PORTAL, noLength: true })).toEqual(outcome);
  });

  test('is refused as the rest of a whole file that broke off', async () => {
    const policies = [
      { ranges: false, cut: 5 },
      { html: PORTAL, noLength: true },
    ];
    const policy: PolicyOf = ({ index }) => policies[index] ?? { ranges: false };
    expect(await readAtOpening(policy)).toEqual({ ending: 'invalid-range-response', requests: 2 });
  });

  test('at the opening is read as the file that it claims to be, and gone with the next opening', async () => {
    const server = await serve(SHORT, { html: PORTAL });
    expect(Buffer.from(await (await open(server)).read()).toString()).toBe(PORTAL);
    expect(server.log).toHaveLength(1);
    server.policy = {};
    expect(await endingOf((await open(server)).read(), SHORT)).toBe('right bytes');
  });
});

describe('refreshUrl', () => {
  interface Validity {
    signature: string;
    readonly status?: number;
  }

  /** Lets those in whose URL bears the signature that is valid now. */
  function signed(validity: Validity): PolicyOf {
    const { status = 403 } = validity;
    return ({ query }) => (query.get('signature') === validity.signature ? {} : { status });
  }

  /** Options that sign anew, and what was asked of them. */
  function signing(validity: Validity) {
    const asked: [string, number][] = [];
    const refreshUrl = (url: string, status: number): string => {
      asked.push([url, status]);
      return url.replace(/\?.*/, `?signature=${validity.signature}`);
    };
    return { asked, options: { refreshUrl, cacheKey: 'track' } };
  }

  test.each([401, 403])('is asked once for a new URL on %d, which then serves until it is refused', async (status) => {
    const { asked, options } = signing({ signature: '2' });
    const { server, stream } = await openSession(options, '?signature=1');
    server.policy = signed({ signature: '2', status });
    expect(await endingOf(readTarget(stream), bytesOf(TARGET))).toBe('right bytes');
    expect(asked).toEqual([[urlOf(server, '?signature=1'), status]]);
    expect(server.log).toHaveLength(2);

    await stream.seek(-10, 'end');
    expect(await endingOf(stream.read(), LONG.subarray(-10))).toBe('right bytes');
    await stream.seek(0);
    expect(await endingOf(stream.read(10), LONG.subarray(0, 10))).toBe('right bytes');
    expect(server.log).toHaveLength(3);
    expect(asked).toHaveLength(1);
  });

  test('is waited for, at the opening too', async () => {
    const server = await serve(SHORT, signed({ signature: '2' }));
    const refreshUrl = async (): Promise<string> => urlOf(server, '?signature=2');
    const options = { refreshUrl, cacheKey: 'track' };
    const stream = await openAt(urlOf(server, '?signature=1'), options);
    expect(await endingOf(stream.read(), SHORT)).toBe('right bytes');
    expect(server.log).toHaveLength(2);
  });

  test('is asked again when its URL is refused in turn', async () => {
    const validity = { signature: '1' };
    const { asked, options } = signing(validity);
    const { server, stream } = await openSession(options, '?signature=1');
    server.policy = signed(validity);
    for (const [signature, position] of [
      ['2', 1_000_000],
      ['3', 2_000_000],
    ] as const) {
      validity.signature = signature;
      await stream.seek(position);
      expect(await endingOf(stream.read(10), LONG.subarray(position, position + 10))).toBe('right bytes');
    }
    expect(asked.map(([url]) => url)).toEqual([urlOf(server, '?signature=1'), urlOf(server, '?signature=2')]);
    expect(server.log).toHaveLength(4);
  });

  test('is not asked twice in a row: the second refusal is the error', async () => {
    const { asked, options } = signing({ signature: '2' });
    const { server, stream } = await openSession(options, '?signature=1');
    server.policy = { status: 401 };
    await expect(readTarget(stream)).rejects.toMatchObject({ code: 'http', status: 401 });
    expect(server.log).toHaveLength(2);
    expect(asked).toHaveLength(1);
  });

  test('is asked where the refusal itself breaks off', async () => {
    const { asked, options } = signing({ signature: '2' });
    const fetchBroken: typeof fetch = async (...call) => {
      const response = await fetch(...call);
      if (response.status !== 403) return response;
      return new Response(new ReadableStream({ start: (body) => body.error(new TypeError('cut')) }), { status: 403 });
    };
    const server = await serve(SHORT, signed({ signature: '2' }));
    const stream = await openAt(urlOf(server, '?signature=1'), { ...options, fetch: fetchBroken });
    expect(await endingOf(stream.read(), SHORT)).toBe('right bytes');
    expect(asked).toHaveLength(1);
  });

  test('is not asked about a HEAD, which a URL signed for GET is refused', async () => {
    const { asked, options } = signing({ signature: '1' });
    const server = await serve(SHORT, ({ method }) => (method === 'HEAD' ? { status: 403 } : { total: '*' }));
    const stream = await open(server, options);
    expect(await endingOf(stream.read(), SHORT)).toBe('right bytes');
    expect(server.log.filter(({ method }) => method === 'HEAD')).toHaveLength(1);
    expect(asked).toEqual([]);
  });

  test('is asked about no other status', async () => {
    const { asked, options } = signing({ signature: '2' });
    const { server, stream } = await openSession(options, '?signature=1');
    for (const status of [404, 410, 500]) {
      server.policy = { status };
      await expect(readTarget(stream)).rejects.toMatchObject({ code: 'http', status });
    }
    expect(asked).toEqual([]);
  });
});
