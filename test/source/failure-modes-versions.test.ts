import { afterEach, describe, expect, test } from '@jest/globals';

import { openAudioCache } from '../../plugin/core.ts';
import type { Policy, PolicyOf } from '../support/range-server.ts';
import { pseudoRandomBytes } from '../support/served-content.ts';
import {
  bytesOf,
  cleanUp,
  endingOf,
  LONG,
  open,
  openAt,
  openSession,
  PATH,
  readInSession,
  readTarget,
  serve,
  SHORT,
  TARGET,
  urlOf,
  VERSION,
} from './misled-stream.ts';

const OTHER = pseudoRandomBytes(LONG.length, 2);
const LONGER = pseudoRandomBytes(LONG.length + 1, 2);
const SHORTER = pseudoRandomBytes(1_000_000, 2); // it ends before TARGET
const LATER = 'Wed, 04 Nov 2026 10:00:00 GMT';
const UNTAGGED: Policy = { etag: null };
const BARE: Policy = { etag: null, lastModified: null };

/** How a file is replaced, what its server says of it in both its versions, and the new bytes. */
type Change = [what: string, before: Policy, after: Policy, bytes: Uint8Array];

const CHANGES: Change[] = [
  ['another ETag', {}, { etag: '"v2"' }, OTHER],
  ['another date, without ETags', UNTAGGED, { ...UNTAGGED, lastModified: LATER }, OTHER],
  ['another date, its ETag gone', {}, { ...UNTAGGED, lastModified: LATER }, OTHER],
  ['another length under the same ETag', {}, {}, LONGER],
  ['another length, and nothing else to tell', BARE, BARE, LONGER],
  ['another total in its Content-Range alone', {}, { total: LONG.length + 1 }, OTHER],
  ['so short a length that there is nothing to read', {}, {}, SHORTER],
  ['so short a length, and nothing else to tell', BARE, BARE, SHORTER],
];

afterEach(cleanUp);

describe('a file that is replaced in mid-session and has', () => {
  test.each(CHANGES)('%s is told by the next request, and the session is over', async (_, before, after, bytes) => {
    const server = await serve(LONG, before);
    const stream = await openAt(urlOf(server), { blockBytes: 4096 });
    await stream.read(10);
    server.clearLog();
    server.mount(PATH, bytes, VERSION);
    server.policy = after;
    await expect(readTarget(stream)).rejects.toMatchObject({ code: 'resource-changed', url: urlOf(server) });
    expect(server.askedRanges()).toHaveLength(1);

    await stream.seek(0); // a place that was held: its bytes are of the old version
    await expect(stream.read(10)).rejects.toMatchObject({ code: 'resource-changed' });
    expect(server.askedRanges()).toHaveLength(1);
  });

  test.each(CHANGES)(
    '%s is dropped from the cache, and new when it is opened again',
    async (_, before, after, bytes) => {
      const server = await serve(LONG, before);
      const cache = await openAudioCache();
      const old = [await openAt(urlOf(server), { cache }), await openAt(urlOf(server), { cache })];
      for (const stream of old) await stream.read(10);
      server.mount(PATH, bytes, VERSION);
      server.policy = after;
      for (const stream of old) await expect(readTarget(stream)).rejects.toMatchObject({ code: 'resource-changed' });

      server.policy = { ...after, total: bytes.length };
      const renewed = await openAt(urlOf(server), { cache });
      expect(await endingOf(renewed.read(), bytes)).toBe('right bytes');
      cache.close();
    },
  );

  test('so short a length, though its 416 hides it, is an error all the same', async () => {
    const outcome = { ending: 'http', requests: 1, later: 'right bytes' };
    expect(await readInSession({ status: 416, etag: '"v2"' })).toEqual(outcome);
  });

  test('another ETag, and is sent whole, is refused', async () => {
    const outcome = { ending: 'invalid-range-response', requests: 1, later: 'right bytes' };
    expect(await readInSession({ ranges: false, etag: '"v2"' })).toEqual(outcome);
  });
});

describe('a file that is replaced in the middle of a download', () => {
  const newFrom =
    (first: number, policy: Policy = {}): PolicyOf =>
    ({ index }) => ({ ...policy, etag: index < first ? '"v1"' : '"v2"' });

  test.each<[string, PolicyOf]>([
    ['between two answers to it', newFrom(1, { mostBytes: 1024 })],
    ['before its body is asked on for', ({ index }) => (index === 0 ? { cut: 1537 } : { etag: '"v2"' })],
    [
      'before all of it is sent again',
      ({ index }) => ({ ranges: false, ...(index === 0 ? { cut: 1537 } : { etag: '"v2"' }) }),
    ],
  ])('%s is never mixed with the old one', async (_, policy) => {
    const server = await serve(SHORT, policy);
    const stream = await open(server);
    await expect(stream.read()).rejects.toMatchObject({ code: 'resource-changed' });
    expect(server.askedRanges()).toHaveLength(2);
  });
});

describe('an answer is of the same version', () => {
  test.each<[string, Policy, Policy]>([
    ['whose date changes under the same strong ETag', {}, { lastModified: LATER }],
    ['whose weak ETag changes under the same date', { etag: 'W/"v1"' }, { etag: 'W/"v2"' }],
    ['whose strong ETag becomes weak', {}, { etag: 'W/"v1"' }],
    [
      'that shows a weak ETag alone, as before',
      { etag: 'W/"v1"', lastModified: null },
      { etag: 'W/"v2"', lastModified: null },
    ],
    ['that shows no validators any more', {}, BARE],
    ['that shows validators for the first time', BARE, {}],
  ])('%s', async (_, before, after) => {
    const server = await serve(LONG, before);
    const stream = await openAt(urlOf(server), { blockBytes: 4096 });
    await stream.read(10);
    server.clearLog();
    server.policy = after;
    expect(await endingOf(readTarget(stream), bytesOf(TARGET))).toBe('right bytes');
    expect(server.log).toHaveLength(1);
  });
});

describe('validators that change on every response', () => {
  /** Gives every answer a validator of its own. */
  function ever(make: (count: number) => Policy): PolicyOf {
    let count = 0;
    return () => make((count += 1));
  }

  const etagOf = (count: number): Policy => ({ etag: `"${count}"` });
  const dateOf = (count: number): Policy => ({ lastModified: new Date(1e12 + count * 1000).toUTCString() });
  const KINDS: [string, (count: number) => Policy, number][] = [
    ['ETags', etagOf, 1],
    ['dates, without ETags', (count) => ({ ...UNTAGGED, ...dateOf(count) }), 1],
    ['ETags and dates', (count) => ({ ...etagOf(count), ...dateOf(count) }), 2],
  ];

  test.each(KINDS)('are no longer trusted after a HEAD for each: %s', async (_, make, heads) => {
    const server = await serve(LONG, ever(make));
    const stream = await openAt(urlOf(server), { blockBytes: 4096 });
    expect(await endingOf(stream.read(), LONG)).toBe('right bytes');
    for (const position of [0, 1_000_000, 2_000_000]) {
      await stream.seek(position);
      expect(await endingOf(stream.read(10), LONG.subarray(position, position + 10))).toBe('right bytes');
    }
    const asked = server.log.filter(({ method }) => method === 'HEAD').length;
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThanOrEqual(heads);
  });

  test('leave the length to tell a change', async () => {
    const server = await serve(LONG, ever(etagOf));
    const stream = await openAt(urlOf(server), { blockBytes: 4096 });
    await stream.read(10);
    expect(await endingOf(readTarget(stream), bytesOf(TARGET))).toBe('right bytes');
    server.mount(PATH, LONGER);
    await stream.seek(1_000_000);
    await expect(stream.read(10)).rejects.toMatchObject({ code: 'resource-changed' });
  });

  test('are told from a change of the file by one HEAD', async () => {
    const { server, stream } = await openSession();
    server.mount(PATH, OTHER, { ...VERSION, etag: '"v2"' });
    await expect(readTarget(stream)).rejects.toMatchObject({
      code: 'resource-changed',
      expectedVersion: '"v1"',
      receivedVersion: '"v2"',
    });
    expect(server.log.map(({ method }) => method)).toEqual(['GET', 'HEAD']);
  });
});
