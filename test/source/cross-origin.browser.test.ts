import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { SeekableStream } from '../../plugin/core.ts';
import { type Chromium, launchChromium, type TestPage } from '../support/chromium.ts';
import { mountHarness } from '../support/game.ts';
import { readIndexedDb, sha256Of } from '../support/idb.ts';
import { type Policy, type PolicyOf, type RangeServer, startRangeServer } from '../support/range-server.ts';
import { pseudoRandomBytes } from '../support/served-content.ts';

const PATH = '/track.wav';
const BYTES = pseudoRandomBytes(3_000_000);
/** Of the three reads: at the start, behind what the opening brings, and at the end. */
const READ_HASH = sha256Of(Buffer.concat([BYTES.subarray(0, 10), BYTES.subarray(2e6, 2e6 + 100), BYTES.subarray(-10)]));
const RIGHT = { hash: READ_HASH, size: BYTES.length };
const BLOCKED = { code: 'network', blockedByCors: true };

interface Reading {
  readonly hash?: string;
  readonly size?: number | undefined;
  readonly url?: string;
  readonly code?: string;
  readonly blockedByCors?: boolean;
}

declare global {
  interface Window {
    /** What a test keeps open from one `evaluate` to the next. */
    stream: SeekableStream;
    /** What its last read came to. */
    outcome: string | undefined;
  }
}

let chromium: Chromium;
/** The page's origin, and two others. */
let site: RangeServer;
let elsewhere: RangeServer;
let further: RangeServer;
let page: TestPage;

beforeAll(async () => {
  chromium = await launchChromium();
});

afterAll(() => chromium.close());

beforeEach(async () => {
  [site, elsewhere, further] = await Promise.all([
    startRangeServer({ [PATH]: BYTES }),
    startRangeServer({ [PATH]: BYTES }),
    startRangeServer({ [PATH]: BYTES }),
  ]);
  mountHarness(site);
  page = await chromium.open(`${site.url}/`);
  await page.until(() => window.harness);
  site.clearLog();
});

afterEach(async () => {
  expect(page.errors).toEqual([]);
  await page.close();
  await Promise.all([site.close(), elsewhere.close(), further.close()]);
});

/** Reads the page's three places of the file at `url`. */
function read(
  url: string,
  options: { headers?: Record<string, string>; credentials?: 'include' } = {},
): Promise<Reading> {
  const work = async (asked: { url: string; options: object }): Promise<Reading> => {
    const { isStreamingAudioError, openSeekableStream } = window.harness.library;
    try {
      const stream = await openSeekableStream(asked.url, { ...asked.options, retry: { baseDelayMs: 1 } });
      const pieces = [await stream.read(10)];
      await stream.seek(2e6);
      pieces.push(await stream.read(100));
      await stream.seek(-10, 'end');
      pieces.push(await stream.read());
      const { size, url: finalUrl } = stream;
      stream.close();
      const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', await new Blob(pieces).arrayBuffer()));
      const hex = Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
      return { hash: hex, size, url: finalUrl };
    } catch (error) {
      if (!isStreamingAudioError(error)) throw error;
      return { code: error.code, ...(error.code === 'network' ? { blockedByCors: error.blockedByCors } : {}) };
    }
  };
  return page.evaluate(work, { url, options });
}

/** How often a server was asked by each method. */
function count(server: RangeServer): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { method } of server.log) counts[method] = (counts[method] ?? 0) + 1;
  return counts;
}

describe('a server of another origin', () => {
  test.each<[string, PolicyOf, Record<string, number>]>([
    ['with exposed headers', { cors: 'expose' }, { GET: 3 }],
    ['with hidden headers', { cors: 'allow' }, { GET: 3, HEAD: 1 }],
    [
      'with hidden headers, and lengths for HEAD alone',
      ({ method }) => ({ cors: 'allow', noLength: method === 'GET' }),
      { GET: 3, HEAD: 1 },
    ],
    ['with exposed headers, without Range', { cors: 'expose', ranges: false }, { GET: 1 }],
    ['with hidden headers, without Range', { cors: 'allow', ranges: false }, { GET: 1 }],
    ['with hidden headers, without Range or length', { cors: 'allow', ranges: false, noLength: true }, { GET: 1 }],
  ])('%s is read exactly, without a preflight', async (_, policy, requests) => {
    elsewhere.policy = policy;
    expect(await read(elsewhere.url + PATH)).toMatchObject(RIGHT);
    expect(count(elsewhere)).toEqual(requests);
  });

  test.each<[string, Policy]>([
    ['with Range', {}],
    ['without Range', { ranges: false }],
    ['that refuses by status', { status: 403 }],
  ])(
    '%s, but without CORS, is blamed for just that, after two requests and one that asks for an answer',
    async (_, policy) => {
      elsewhere.policy = policy;
      expect(await read(elsewhere.url + PATH)).toEqual(BLOCKED);
      expect(count(elsewhere)).toEqual({ GET: 2, HEAD: 1 });
    },
  );

  test('that breaks the first connection is asked again, and not blamed for CORS', async () => {
    elsewhere.policy = ({ index }) => ({ cors: 'allow', ...(index === 0 ? { dropHead: true } : {}) });
    expect(await read(elsewhere.url + PATH)).toMatchObject(RIGHT);
  });

  test('that is not there is not blamed for CORS', async () => {
    const { url } = elsewhere;
    await elsewhere.close();
    expect(await read(url + PATH)).toEqual({ code: 'network', blockedByCors: false });
  });

  test('that tells its status says which', async () => {
    elsewhere.policy = { cors: 'allow', status: 404 };
    expect(await read(elsewhere.url + PATH)).toEqual({ code: 'http' });
    expect(count(elsewhere)).toEqual({ GET: 1 });
  });

  test('that replaces its file is found out by the date, though its ETag is hidden', async () => {
    const dates = ['Tue, 03 Nov 2026 10:00:00 GMT', 'Wed, 04 Nov 2026 10:00:00 GMT'];
    elsewhere.policy = ({ index }) => ({ cors: 'allow', lastModified: dates[index === 0 ? 0 : 1] ?? null });
    expect(await read(elsewhere.url + PATH)).toEqual({ code: 'resource-changed' });
  });
});

describe("a header of the user's", () => {
  const headers = { 'x-token': 'secret' };

  test('costs a preflight, and then goes along with every request', async () => {
    const allowed = { 'access-control-allow-headers': 'x-token, range' };
    elsewhere.policy = { cors: 'expose', headers: allowed };
    expect(await read(elsewhere.url + PATH, { headers })).toMatchObject(RIGHT);
    expect(count(elsewhere)['OPTIONS']).toBeGreaterThan(0);
    const gets = elsewhere.log.filter(({ method }) => method === 'GET');
    expect(gets.map((entry) => entry.headers['x-token'])).toEqual(['secret', 'secret', 'secret']);
  });

  test('that the server does not allow is a matter of CORS', async () => {
    elsewhere.policy = ({ method }) => (method === 'OPTIONS' ? { status: 405 } : { cors: 'expose' });
    expect(await read(elsewhere.url + PATH, { headers })).toEqual(BLOCKED);
    expect(elsewhere.askedRanges()).toEqual([]);
  });

  test('costs no preflight at the origin of the page', async () => {
    expect(await read(PATH, { headers })).toMatchObject(RIGHT);
    expect(count(site)).toEqual({ GET: 3 });
  });
});

describe('cookies', () => {
  const cookiesOf = (server: RangeServer): boolean[] => server.log.map((entry) => entry.headers.cookie !== undefined);
  const named: PolicyOf = ({ headers: { origin = '' } }) => ({
    cors: 'expose',
    headers: { 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true' },
  });

  beforeEach(() => page.evaluate(() => (document.cookie = 'session=1')));

  test('stay at home by default', async () => {
    elsewhere.policy = named;
    expect(await read(elsewhere.url + PATH)).toMatchObject(RIGHT);
    expect(cookiesOf(elsewhere)).toEqual([false, false, false]);
  });

  test('go along where they are asked to and the server allows them by name', async () => {
    elsewhere.policy = named;
    expect(await read(elsewhere.url + PATH, { credentials: 'include' })).toMatchObject(RIGHT);
    expect(cookiesOf(elsewhere)).toEqual([true, true, true]);
  });

  test('are a matter of CORS where it allows everyone', async () => {
    elsewhere.policy = { cors: 'expose' };
    expect(await read(elsewhere.url + PATH, { credentials: 'include' })).toEqual(BLOCKED);
  });
});

describe('a redirect', () => {
  const to = (server: RangeServer, policy: Policy = {}): Policy => ({
    ...policy,
    status: 302,
    headers: { location: server.url + PATH },
  });

  test.each<Policy>([{ cors: 'expose' }, { cors: 'allow' }])(
    'to another origin with %j is followed',
    async (policy) => {
      site.policy = to(elsewhere);
      elsewhere.policy = policy;
      expect(await read(PATH)).toMatchObject({ ...RIGHT, url: elsewhere.url + PATH });
      expect(count(elsewhere)['GET']).toBe(3);
      expect(count(elsewhere)['OPTIONS']).toBeUndefined();
    },
  );

  test('to another origin without Range is followed once', async () => {
    site.policy = to(elsewhere);
    elsewhere.policy = { cors: 'allow', ranges: false };
    expect(await read(PATH)).toMatchObject({ ...RIGHT, url: elsewhere.url + PATH });
    expect([count(site), count(elsewhere)]).toEqual([{ GET: 1 }, { GET: 1 }]);
  });

  test('from one other origin to the next is followed', async () => {
    elsewhere.policy = to(further, { cors: 'allow' });
    further.policy = { cors: 'expose' };
    expect(await read(elsewhere.url + PATH)).toMatchObject({ ...RIGHT, url: further.url + PATH });
    expect(count(further)).toEqual({ GET: 3 });
  });

  test('to another origin without CORS is a matter of CORS', async () => {
    site.policy = to(elsewhere);
    expect(await read(PATH)).toEqual(BLOCKED);
  });

  test('from another origin without CORS is one too', async () => {
    elsewhere.policy = to(further);
    further.policy = { cors: 'expose' };
    expect(await read(elsewhere.url + PATH)).toEqual(BLOCKED);
  });
});

test('a blob: URL is read', async () => {
  const length = await page.evaluate(async () => {
    const blob = await (await fetch('/track.wav')).blob();
    const stream = await window.harness.library.openSeekableStream(URL.createObjectURL(blob));
    await stream.seek(2e6);
    const tail = new Uint8Array(await blob.slice(2e6).arrayBuffer());
    const bytes = await stream.read();
    stream.close();
    return bytes.every((byte, index) => byte === tail[index]) ? bytes.length : -1;
  });
  expect(length).toBe(1e6);
});

describe('an answer that says no-store', () => {
  test('is kept in memory, and out of IndexedDB', async () => {
    site.policy = { headers: { 'cache-control': 'no-store' } };
    await page.evaluate(async () => {
      const { openAudioCache, openSeekableStream } = window.harness.library;
      const cache = await openAudioCache();
      const stream = await openSeekableStream('/track.wav', { cache });
      await stream.read();
      await stream.seek(0);
      await stream.read();
      await cache.usage(); // what is to be written is written
      stream.close();
      cache.close();
    });
    const bytesAsked = site.bytesWritten(PATH);
    expect(bytesAsked).toBe(BYTES.length);
    const stored = (await readIndexedDb(page)).map(({ bytes }) => bytes?.byteLength ?? 0);
    expect(stored.reduce((sum, length) => sum + length, 0)).toBe(0);
  });
});

describe('a device that is offline', () => {
  test('waits for the network with its tries unspent, and goes on', async () => {
    await page.evaluate(async () => {
      const retry = { tries: 2, baseDelayMs: 1 };
      window.stream = await window.harness.library.openSeekableStream('/track.wav', { retry });
      await window.stream.read(10);
      await window.stream.seek(2e6);
    });
    await chromium.context.setOffline(true);
    await page.evaluate(() => {
      window.outcome = undefined;
      void window.stream.read(100).then(
        ({ length }) => (window.outcome = `${length} bytes`),
        ({ code }: { code: string }) => (window.outcome = code),
      );
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    const meanwhile = await page.evaluate(() => [navigator.onLine, window.outcome ?? 'waits']);
    await chromium.context.setOffline(false);
    expect(meanwhile).toEqual([false, 'waits']);
    expect(await page.until(() => window.outcome)).toBe('100 bytes');
  });
});
