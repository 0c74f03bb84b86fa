import { afterEach, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { BlockReader } from '../../plugin/source/block-cache.ts';
import { openAudioCache } from '../../plugin/source/open-audio-cache.ts';
import { type Policy, type RangeServer, startRangeServer } from '../support/range-server.ts';
import { digest, pseudoRandomBytes } from '../support/served-content.ts';
import { until } from '../support/until.ts';

const BLOCK = 256 * 1024;
const BYTES = pseudoRandomBytes(5_000_000);
const PLACE = 10 * BLOCK + 100_000;
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).toReversed()) await cleanUp();
});

async function open(policy: Policy = {}) {
  const server = await startRangeServer({}, policy);
  cleanups.push(() => server.close());
  server.mount('/track.wav', BYTES);
  const cache = await openAudioCache();
  cleanups.push(() => cache.close());
  const track = await cache.open(`${server.url}/track.wav`);
  return { server, cache, track, reader: track.openReader() };
}

/** As a listener's sound reads; gives whether these are the file's bytes. */
async function listen(
  reader: BlockReader,
  start: number,
  end: number,
  isUrgent: boolean,
  signal?: AbortSignal,
): Promise<boolean> {
  const bytes = new Uint8Array(end - start);
  const how = { atLeast: bytes.length, until: end, isUrgent: () => isUrgent, headLater: true, signal };
  const count = await reader.read(start, bytes, how);
  return digest(bytes.subarray(0, count)) === digest(BYTES.subarray(start, Math.min(end, BYTES.length)));
}

const asked = (server: RangeServer) => server.askedRanges().slice(1); // after the opening's

describe('a jump into a block', () => {
  test('is one request from the place itself, and the head of the block follows once there is enough', async () => {
    const { server, cache, track, reader } = await open();
    expect(await listen(reader, PLACE, 12 * BLOCK, true)).toBe(true);
    const jump = `bytes=${PLACE}-${12 * BLOCK - 1}`;
    expect(asked(server)).toEqual([jump]);
    expect(await listen(reader, 12 * BLOCK, 13 * BLOCK, false)).toBe(true);
    await until(() => track.cachedRanges().some(({ start }) => start === 10 * BLOCK));
    const next = `bytes=${12 * BLOCK}-${13 * BLOCK - 1}`;
    expect(new Set(asked(server))).toEqual(new Set([jump, `bytes=${10 * BLOCK}-${PLACE - 1}`, next]));

    const [entry] = await cache.entries();
    expect(entry?.cachedBytes).toBe(3 * BLOCK);
    server.policy = { status: 500 };
    expect(await listen(reader, 10 * BLOCK, 13 * BLOCK, true)).toBe(true);
  });

  test('costs no second request where the place is near the head, or the end of the file', async () => {
    const { server, reader } = await open();
    expect(await listen(reader, 10 * BLOCK + 16_000, 11 * BLOCK, true)).toBe(true);
    expect(await listen(reader, BYTES.length - 1000, BYTES.length + 5000, true)).toBe(true);
    expect(asked(server)).toEqual([
      `bytes=${10 * BLOCK}-${11 * BLOCK - 1}`,
      `bytes=${BYTES.length - 1000}-${BYTES.length - 1}`,
    ]);
  });

  test('keeps what it brought for a step back, and asks only for what is not there', async () => {
    const { server, reader } = await open();
    await listen(reader, PLACE, 11 * BLOCK, true);
    expect(await listen(reader, PLACE + 50_000, PLACE + 60_000, true)).toBe(true);
    expect(asked(server)).toHaveLength(1);
    expect(await listen(reader, PLACE - 50_000, PLACE + 60_000, true)).toBe(true);
    expect(asked(server).slice(1)).toEqual([`bytes=${PLACE - 50_000}-${11 * BLOCK - 1}`]);
  });

  test('brings the file from its start where the server knows no ranges', async () => {
    const { server, reader } = await open({ ranges: false });
    expect(await listen(reader, PLACE, 12 * BLOCK, true)).toBe(true);
    expect(asked(server)).toEqual([]);
  });

  test('never brings other bytes, wherever it goes and whatever is left under way', async () => {
    const { reader } = await open();
    const place = fc.integer({ min: 0, max: BYTES.length - 1 });
    const jump = fc.tuple(place, fc.integer({ min: 1, max: 2 * BLOCK }), fc.boolean(), fc.boolean());
    await fc.assert(
      fc.asyncProperty(fc.array(jump, { minLength: 1, maxLength: 8 }), async (jumps) => {
        for (const [start, length, isUrgent, isLeft] of jumps) {
          const leaving = new AbortController();
          const listening = listen(reader, start, start + length, isUrgent, leaving.signal).catch(
            () => leaving.signal.aborted,
          );
          if (isLeft) setTimeout(() => leaving.abort(), length % 10);
          expect(await listening).toBe(true);
        }
      }),
      { numRuns: 30 },
    );
  });
});
