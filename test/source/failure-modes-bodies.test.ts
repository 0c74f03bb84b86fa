import { afterEach, describe, expect, test } from '@jest/globals';

import { inTurn, type Policy, type PolicyOf } from '../support/range-server.ts';
import { pseudoRandomBytes } from '../support/served-content.ts';
import { until } from '../support/until.ts';
import {
  bytesOf,
  cleanUp,
  endingOf,
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
} from './misled-stream.ts';

const HIDDEN: Policy = { headers: { 'content-range': null } };
const WHOLE: Policy = { ranges: false };
/** Far longer than a good answer takes, and short enough to wait for again and again. */
const SILENCE_MS = 150;
const IMPATIENT = { timeouts: { firstByteMs: SILENCE_MS, stallMs: SILENCE_MS } };

afterEach(cleanUp);

/** How the first body ends too early: whatever the way, it is asked on for, and the second answer is good. */
const BROKEN: [how: string, policy: Policy][] = [
  ['before its first byte', { cut: 0 }],
  ['after its first byte', { cut: 1 }],
  ['half-way', { cut: 1537 }],
  ['before its last byte', { cut: 3072 }],
  ['half-way, chunked', { cut: 1537, noLength: true }],
  ['half-way, as if it were whole', { truncate: 1537, noLength: true }],
  ['half-way, as if it were whole, with its connection', { truncate: 1537, untilClose: true }],
];

describe('a body that ends', () => {
  test.each(BROKEN)('%s costs the opening a second request', async (_, policy) => {
    expect(await readAtOpening(inTurn(policy))).toEqual({ ending: 'right bytes', requests: 2 });
  });

  test.each(BROKEN)('%s costs a read in mid-session a second request', async (_, policy) => {
    const outcome = { ending: 'right bytes', requests: 2, later: 'right bytes' };
    expect(await readInSession(inTurn(policy))).toEqual(outcome);
  });

  test.each(BROKEN)('%s is the whole file, and in mid-session comes again from its start', async (_, policy) => {
    const outcome = { ending: 'right bytes', requests: 2, later: 'right bytes' };
    expect(await readInSession(({ index }) => ({ ...WHOLE, ...(index === 0 ? policy : {}) }))).toEqual(outcome);
  });

  test('half-way, of a whole file that opens, comes again from its start', async () => {
    const policy: PolicyOf = ({ index }) => ({ ...WHOLE, ...(index === 0 ? { cut: 1537 } : {}) });
    expect(await readAtOpening(policy)).toEqual({ ending: 'right bytes', requests: 2 });
  });

  test.each<[string, Uint8Array, Policy]>([
    ['of the same length', pseudoRandomBytes(SHORT.length, 2), {}],
    ['that ends before, without lengths', SHORT.subarray(0, 1000), { noLength: true }],
  ])('half-way, of a whole file without validators, is not gone on with by one %s', async (_, other, policy) => {
    const bare: Policy = { ...WHOLE, ...policy, etag: null, lastModified: null };
    const server = await serve(SHORT, { ...bare, cut: 1537 });
    const reading = open(server, { retry: { baseDelayMs: 100 } }).then((stream) => stream.read());
    await until(() => server.log[0]?.endedAt !== undefined);
    server.mount(PATH, other);
    server.policy = bare;
    expect(await endingOf(reading, other)).toBe('resource-changed');
    expect(server.log).toHaveLength(2);
  });

  test('half-way, its range hidden, is asked on for behind a HEAD for its length', async () => {
    for (const policy of [{ cut: 1537 }, { truncate: 1537, noLength: true }]) {
      const outcome = { ending: 'right bytes', requests: 3 };
      expect(await readAtOpening(({ index }) => ({ ...HIDDEN, ...(index === 0 ? policy : {}) }))).toEqual(outcome);
    }
  });

  test('every 1000 bytes is asked on for as often as it brings some', async () => {
    const outcome = { ending: 'right bytes', requests: 4 };
    expect(await readAtOpening({ cut: 1000 }, { retry: { tries: 2, baseDelayMs: 1 } })).toEqual(outcome);
  });

  test('ever before its first byte is a network error, after the tries allowed', async () => {
    expect(await readAtOpening({ cut: 0 })).toEqual({ ending: 'network', requests: 3 });
    expect(await readInSession({ cut: 0 })).toEqual({ ending: 'network', requests: 3, later: 'right bytes' });
  });

  test('ever before its first byte, as if it were whole, is one too', async () => {
    const policy: Policy = { truncate: 0, noLength: true };
    expect(await readInSession(policy)).toEqual({ ending: 'network', requests: 3, later: 'right bytes' });
  });
});

describe('a server that falls silent', () => {
  test.each<[string, Policy]>([
    ['before its answer', { holdHead: true }],
    ['behind the head of its answer', { hold: 0 }],
    ['half-way', { hold: 1537 }],
    ['half-way, chunked', { hold: 1537, noLength: true }],
  ])('once, %s, costs a second request', async (_, policy) => {
    expect(await readAtOpening(inTurn(policy), IMPATIENT)).toEqual({ ending: 'right bytes', requests: 2 });
  });

  test.each<[string, Policy, string]>([
    ['before its answer', { holdHead: true }, 'the first byte'],
    ['behind the head of its answer', { hold: 0 }, 'more of the body'],
  ])('ever %s is a timeout, after the tries allowed', async (_, policy, waitedFor) => {
    const { server, stream } = await openSession(IMPATIENT);
    server.policy = policy;
    const error = { code: 'timeout', url: urlOf(server), timeoutMs: SILENCE_MS, waitedFor };
    await expect(readTarget(stream)).rejects.toMatchObject(error);
    expect(server.log).toHaveLength(3);
    server.policy = {};
    expect(await endingOf(readTarget(stream), bytesOf(TARGET))).toBe('right bytes');
  });

  test('is waited for without limit where `timeouts` are infinite', async () => {
    const timeouts = { firstByteMs: Infinity, stallMs: Infinity };
    const outcome = { ending: 'right bytes', requests: 1 };
    expect(await readAtOpening({ latencyMs: 50, bytesPerSecond: 30_000 }, { timeouts })).toEqual(outcome);
  });

  test('for less than is allowed, again and again, is waited for', async () => {
    const begin = performance.now();
    const outcome = { ending: 'right bytes', requests: 1 };
    expect(await readAtOpening({ bytesPerSecond: 10_000 }, IMPATIENT)).toEqual(outcome);
    expect(performance.now() - begin).toBeGreaterThan(SILENCE_MS);
  });
});

describe('a host that is gone', () => {
  test('is a network error; what is held is still read', async () => {
    const { server, stream } = await openSession();
    await server.close();
    expect(await endingOf(readTarget(stream), bytesOf(TARGET))).toBe('network');
    await stream.seek(0);
    expect(await endingOf(stream.read(10), bytesOf({ start: 0, end: 10 }))).toBe('right bytes');
  });

  test('is a network error at the opening, which names it and does not blame CORS', async () => {
    const server = await serve(SHORT);
    const url = urlOf(server);
    await server.close();
    const error = { code: 'network', url, blockedByCors: false, message: expect.stringContaining(url) };
    await expect(openAt(url)).rejects.toMatchObject(error);
  });
});
