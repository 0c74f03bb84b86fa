import { afterEach, describe, expect, test } from '@jest/globals';
import {
  inTurn,
  startRangeServer,
  type ByteRange,
  type Mount,
  type Policy,
  type PolicyOf,
  type RangeServer,
} from './range-server.ts';

const BYTES = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));

let servers: RangeServer[] = [];

afterEach(async () => {
  const opened = servers;
  servers = [];
  for (const server of opened) await server.close();
});

async function serve(mounts: Record<string, Mount> = { '/a.wav': BYTES }, policy?: PolicyOf): Promise<RangeServer> {
  const server = await startRangeServer(mounts, policy);
  servers.push(server);
  return server;
}

async function bytesOf(response: Response): Promise<Buffer> {
  return Buffer.from(await response.arrayBuffer());
}

describe('a good server', () => {
  test.each([
    { asked: 'bytes=0-8191', start: 0, end: 8192 },
    { asked: 'bytes=299990-', start: 299_990, end: 300_000 },
    { asked: 'bytes=299990-400000', start: 299_990, end: 300_000 },
    { asked: 'bytes=-10', start: 299_990, end: 300_000 },
    { asked: 'bytes=-400000', start: 0, end: 300_000 },
  ])('answers $asked with 206 and just these bytes', async ({ asked, start, end }) => {
    const server = await serve();
    const response = await fetch(`${server.url}/a.wav`, { headers: { range: asked } });
    expect(response.status).toBe(206);
    expect(response.headers.get('content-range')).toBe(`bytes ${start}-${end - 1}/300000`);
    expect((await bytesOf(response)).equals(BYTES.subarray(start, end))).toBe(true);
    expect(server.log).toMatchObject([{ method: 'GET', path: '/a.wav', range: { start, end }, status: 206 }]);
  });

  test.each(['bytes=300000-', 'bytes=-0'])('answers %s with 416 and the size', async (asked) => {
    const { url } = await serve();
    const response = await fetch(`${url}/a.wav`, { headers: { range: asked } });
    expect(response.status).toBe(416);
    expect(response.headers.get('content-range')).toBe('bytes */300000');
  });

  test.each(['bytes=5-4', 'bytes=0-1,4-5', 'frames=0-1', 'bytes=-'])('ignores %s', async (asked) => {
    const { url } = await serve();
    const response = await fetch(`${url}/a.wav`, { headers: { range: asked } });
    expect(response.status).toBe(200);
    expect(await bytesOf(response)).toHaveLength(300_000);
  });

  test('answers HEAD with headers alone', async () => {
    const { url } = await serve();
    const response = await fetch(`${url}/a.wav`, { method: 'HEAD' });
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'accept-ranges': 'bytes',
      'content-length': '300000',
      'content-type': 'audio/wav',
      'last-modified': expect.stringMatching(/GMT$/),
      etag: expect.stringMatching(/^".+"$/),
    });
  });

  test('honours If-Range, and keeps its validators until the content changes', async () => {
    const server = await serve();
    const etag = (await fetch(`${server.url}/a.wav`, { method: 'HEAD' })).headers.get('etag') ?? '';
    const ask = async (): Promise<number> =>
      (await fetch(`${server.url}/a.wav`, { headers: { range: 'bytes=0-9', 'if-range': etag } })).status;
    expect(await ask()).toBe(206);
    server.mount('/a.wav', Buffer.from(BYTES).fill(1));
    expect(await ask()).toBe(200);
  });

  test('serves a folder, but nothing beside it', async () => {
    const { url } = await serve({ '/files/': import.meta.dirname });
    const response = await fetch(`${url}/files/harness/`);
    expect(response.headers.get('content-type')).toMatch('text/html');
    expect((await fetch(`${url}/files/..%2f..%2fpackage.json`)).status).toBe(404);
  });
});

describe('named faults', () => {
  test('ranges: false answers a range with everything', async () => {
    const { url } = await serve(undefined, { ranges: false });
    const response = await fetch(`${url}/a.wav`, { headers: { range: 'bytes=5-9' } });
    expect([response.status, response.headers.get('accept-ranges')]).toEqual([200, null]);
    expect(await bytesOf(response)).toHaveLength(300_000);
  });

  test.each([
    { asked: 'bytes=100-199', end: 140 },
    { asked: 'bytes=100-', end: 140 },
    { asked: 'bytes=100-138', end: 139 },
  ])('mostBytes shortens the answer to $asked to no more, and says so', async ({ asked, end }) => {
    const { url } = await serve(undefined, { mostBytes: 40 });
    const response = await fetch(`${url}/a.wav`, { headers: { range: asked } });
    expect([response.status, response.headers.get('content-range')]).toEqual([206, `bytes 100-${end - 1}/300000`]);
    expect(await bytesOf(response)).toEqual(BYTES.subarray(100, end));
    expect(await bytesOf(await fetch(`${url}/a.wav`))).toHaveLength(300_000);
  });

  test.each<[Policy, string, ByteRange]>([
    [{ moveStart: -10 }, 'bytes 90-199/300000', { start: 90, end: 200 }],
    [{ moveStart: -1000 }, 'bytes 0-199/300000', { start: 0, end: 200 }],
    [{ moveStart: 10 }, 'bytes 110-199/300000', { start: 110, end: 200 }],
    [{ moveEnd: -1 }, 'bytes 100-198/300000', { start: 100, end: 199 }],
    [{ moveEnd: 1e6 }, 'bytes 100-299999/300000', { start: 100, end: 300_000 }],
    [{ total: '*' }, 'bytes 100-199/*', { start: 100, end: 200 }],
    [{ total: 7 }, 'bytes 100-199/7', { start: 100, end: 200 }],
  ])('%j answers a range with %s', async (policy, contentRange, { start, end }) => {
    const { url } = await serve(undefined, policy);
    const response = await fetch(`${url}/a.wav`, { headers: { range: 'bytes=100-199' } });
    expect([response.status, response.headers.get('content-range')]).toEqual([206, contentRange]);
    expect((await bytesOf(response)).equals(BYTES.subarray(start, end))).toBe(true);
  });

  test('multipart wraps a range up', async () => {
    const { url } = await serve(undefined, { multipart: true });
    const response = await fetch(`${url}/a.wav`, { headers: { range: 'bytes=65-69' } });
    expect(response.headers.get('content-type')).toBe('multipart/byteranges; boundary=part');
    const part = 'Content-Type: audio/wav\r\nContent-Range: bytes 65-69/300000\r\n\r\nABCDE';
    expect(await response.text()).toBe(`--part\r\n${part}\r\n--part--\r\n`);
  });

  test.each<Policy>([{ noLength: true }, { untilClose: true }])('truncate and %j hide the true end', async (policy) => {
    const { url } = await serve(undefined, { ...policy, truncate: 1000 });
    const response = await fetch(`${url}/a.wav`);
    expect(response.headers.get('content-length')).toBeNull();
    expect(response.headers.get('connection')).toBe(policy.untilClose === true ? 'close' : 'keep-alive');
    expect(await bytesOf(response)).toEqual(BYTES.subarray(0, 1000));
  });

  test('cut closes the connection after exactly so many bytes', async () => {
    const server = await serve(undefined, { cut: 100_000 });
    const response = await fetch(`${server.url}/a.wav`);
    const arrived = await arrivingBytes(response);
    expect([arrived.bytes, arrived.failed]).toEqual([100_000, true]);
    expect(server.log).toMatchObject([{ bytesWritten: 100_000, closedEarly: true }]);
  });

  test('hold falls silent until released', async () => {
    const server = await serve(undefined, { hold: 1000 });
    const response = await fetch(`${server.url}/a.wav`);
    const body = bytesOf(response);
    await sleep(100);
    expect(server.bytesWritten()).toBe(1000);
    server.release();
    expect(await body).toHaveLength(300_000);
  });

  test('hold ends, as closed early, when the client leaves', async () => {
    const server = await serve(undefined, { hold: 0 });
    const controller = new AbortController();
    await fetch(`${server.url}/a.wav`, { signal: controller.signal });
    controller.abort();
    await sleep(100);
    expect(server.log).toMatchObject([{ bytesWritten: 0, closedEarly: true, endedAt: expect.any(Number) }]);
  });

  test('holdHead keeps back even the status line until released', async () => {
    const server = await serve(undefined, { holdHead: true });
    let isAnswered = false;
    const answer = fetch(`${server.url}/a.wav`).finally(() => (isAnswered = true));
    await sleep(100);
    expect([isAnswered, server.log]).toMatchObject([false, [{ status: 0 }]]);
    server.release();
    expect(await bytesOf(await answer)).toHaveLength(300_000);
  });

  test('holdHead ends, as closed early, when the client leaves', async () => {
    const server = await serve(undefined, { holdHead: true });
    await expect(fetch(`${server.url}/a.wav`, { signal: AbortSignal.timeout(50) })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
    await sleep(50);
    expect(server.log).toMatchObject([{ status: 0, closedEarly: true, endedAt: expect.any(Number) }]);
  });

  test('release holds for an answer that has yet to come to its hold, and for no later one', async () => {
    const server = await serve(undefined, { latencyMs: 50, hold: 1000 });
    const released = fetch(`${server.url}/a.wav`);
    while (server.log.length === 0) await sleep(1);
    server.release();
    expect(await bytesOf(await released)).toHaveLength(300_000);
    server.clearLog();
    await fetch(`${server.url}/a.wav`);
    await sleep(50);
    expect(server.bytesWritten()).toBe(1000);
  });

  test('latencyMs and bytesPerSecond set the pace', async () => {
    const { url } = await serve(undefined, { latencyMs: 200, bytesPerSecond: 600_000 });
    const startedAt = performance.now();
    const response = await fetch(`${url}/a.wav`);
    const headersAfterMs = performance.now() - startedAt;
    await bytesOf(response);
    const wholeAfterMs = performance.now() - startedAt;
    expect(headersAfterMs).toBeGreaterThan(195);
    expect(headersAfterMs).toBeLessThan(400);
    expect(wholeAfterMs).toBeGreaterThan(680);
    expect(wholeAfterMs).toBeLessThan(1000);
  });

  test('status, html, noLength and header overrides change what is said', async () => {
    const server = await serve();
    const ask = async (policy: PolicyOf): Promise<Response> => {
      server.policy = policy;
      return fetch(`${server.url}/a.wav`, { headers: { range: 'bytes=5-9' } });
    };
    expect(await (await ask({ status: 204 })).text()).toBe('');
    expect((await ask({ status: 503, headers: { 'Retry-After': '1' } })).headers.get('retry-after')).toBe('1');
    expect(await (await ask({ html: '<p>log in</p>' })).text()).toBe('<p>log in</p>');
    expect((await ask({ noLength: true })).headers.get('content-length')).toBeNull();
    expect((await ask({ etag: null })).headers.get('etag')).toBeNull();
    expect((await ask({ etag: '"other"' })).headers.get('etag')).toBe('"other"');
    const lie = 'bytes 6-10/300000';
    expect((await ask({ headers: { 'content-range': lie } })).headers.get('content-range')).toBe(lie);
  });

  test('a policy may depend on the request, and wins over its mount', async () => {
    const server = await serve({}, ({ index }) => (index === 0 ? { status: 500 } : {}));
    server.mount('/b.wav', BYTES, { etag: '"mounted"', status: 404 });
    expect((await fetch(`${server.url}/b.wav`)).status).toBe(500);
    expect((await fetch(`${server.url}/b.wav`)).status).toBe(404);
  });

  test('inTurn gives each request its own policy, then is good', async () => {
    const server = await serve(undefined, inTurn({ status: 503 }, { status: 429 }));
    const statuses: number[] = [];
    for (let tries = 0; tries < 4; tries += 1) statuses.push((await fetch(`${server.url}/a.wav`)).status);
    expect(statuses).toEqual([503, 429, 200, 200]);
  });

  test('a policy that throws fails the test at close', async () => {
    const server = await startRangeServer({}, () => {
      throw new Error('broken policy');
    });
    await expect(fetch(server.url)).rejects.toThrow('fetch failed');
    await expect(server.close()).rejects.toThrow(AggregateError);
  });
});

test('askedRanges lists what GETs asked for, word for word', async () => {
  const server = await serve({ '/a.wav': BYTES, '/b.wav': BYTES });
  await fetch(`${server.url}/a.wav`, { headers: { range: 'bytes=0-999999' } });
  await fetch(`${server.url}/a.wav`, { method: 'HEAD', headers: { range: 'bytes=0-9' } });
  await fetch(`${server.url}/b.wav`);
  expect(server.askedRanges('/a.wav')).toEqual(['bytes=0-999999']);
  expect(server.askedRanges()).toEqual(['bytes=0-999999', undefined]);
});

test('the log counts no byte that a slow reader did not let through', async () => {
  const large = Buffer.alloc(64 * 2 ** 20); // 64 MiB: far more than a loopback connection holds
  const server = await serve({ '/large.bin': large });
  const controller = new AbortController();
  await fetch(`${server.url}/large.bin`, { signal: controller.signal });
  await sleep(300);
  const whileUnread = server.bytesWritten('/large.bin');
  controller.abort();
  await sleep(50);
  expect(whileUnread).toBeLessThan(16 * 2 ** 20);
  expect(server.bytesWritten('/large.bin') - whileUnread).toBeLessThanOrEqual(64 * 2 ** 10);
  expect(server.log[0]?.closedEarly).toBe(true);
});

async function arrivingBytes(response: Response): Promise<{ bytes: number; failed: boolean }> {
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) bytes += chunk.length;
    return { bytes, failed: false };
  } catch {
    return { bytes, failed: true };
  }
}

async function sleep(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
