import { afterEach, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { unpack } from '../../plugin/media/packets.ts';
import { openTrack } from '../../plugin/playback/open-track.ts';
import { PcmReader } from '../../plugin/playback/pcm-reader.ts';
import { startAudioCache } from '../../plugin/source/open-audio-cache.ts';
import { adpcmFields, container, fmtFields } from '../media/wav-bytes.ts';
import { type Policy, startRangeServer } from '../support/range-server.ts';
import { digest, pseudoRandomBytes } from '../support/served-content.ts';

const { signal } = new AbortController();
const AUDIO = pseudoRandomBytes(300_050); // more than a block of the cache; the last packet of each kind is cut short

const KINDS = {
  'integers of 24 bits': fmtFields({ channels: 3, bits: 24, blockAlign: 9 }),
  'IMA ADPCM': adpcmFields('ima', { blockAlign: 1024 }),
  'Microsoft ADPCM': adpcmFields('ms', { channels: 3, blockAlign: 300 }),
};
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).toReversed()) await cleanUp();
});

async function openReader(file: Buffer, policy: Policy = {}): Promise<PcmReader> {
  const server = await startRangeServer({ '/track.wav': file }, policy);
  const cache = startAudioCache();
  const { format, reader, source } = await openTrack(`${server.url}/track.wav`, cache, { signal });
  cleanups.push(
    () => server.close(),
    () => cache.close(),
    () => source.close(),
  );
  return new PcmReader(format, reader, source);
}

/** The audio in a file; `size` for one whose header lies. */
function wavOf(fields: Buffer, size?: number): Buffer {
  const audio = { id: 'data', content: AUDIO };
  return container('RIFF', { id: 'fmt ', content: fields }, size === undefined ? audio : { ...audio, size });
}

describe.each(Object.entries(KINDS))('%s', (_, fields) => {
  test('are read from any frame on, as many as asked for', async () => {
    const pcm = await openReader(wavOf(fields));
    const { bytesPerFrame } = pcm.format;
    const whole = unpack(pcm.format, AUDIO);
    expect(whole.length).toBe(pcm.frames * bytesPerFrame);
    const count = fc.integer({ min: 1, max: 5000 });
    await fc.assert(
      fc.asyncProperty(fc.nat(pcm.frames - 1), count, count, async (frame, least, more) => {
        const max = least + more;
        const bytes = await pcm.read(frame, { min: least, max, until: frame + max, isUrgent: () => true, signal });
        const frames = bytes.length / bytesPerFrame;
        expect(frames).toBeGreaterThanOrEqual(Math.min(least, pcm.frames - frame));
        expect(frames).toBeLessThanOrEqual(max);
        const expected = whole.subarray(frame * bytesPerFrame, (frame + frames) * bytesPerFrame);
        expect(digest(bytes)).toBe(digest(expected));
      }),
      { numRuns: 50 },
    );
    expect(
      await pcm.read(pcm.frames, { min: 1, max: 9, until: pcm.frames + 9, isUrgent: () => true, signal }),
    ).toHaveLength(0);
  });

  test('of a length that nobody tells end where the file does', async () => {
    const pcm = await openReader(wavOf(fields, 0), { ranges: false, noLength: true });
    const whole = unpack(pcm.format, AUDIO);
    const read: Uint8Array[] = [];
    let frame = 0;
    for (let frames = -1; frames !== 0; frame += frames) {
      const bytes = await pcm.read(frame, { min: 1, max: 4000, until: frame + 4000, isUrgent: () => true, signal });
      frames = bytes.length / pcm.format.bytesPerFrame;
      expect(Number.isInteger(frames)).toBe(true);
      read.push(bytes);
    }
    expect(digest(Buffer.concat(read))).toBe(digest(whole));
    expect(pcm.frames).toBe(frame);
  });
});

test('frames that only fill up the last block of ADPCM are not heard', async () => {
  const fact = Buffer.alloc(4);
  fact.writeUInt32LE(600);
  const content = pseudoRandomBytes(512);
  const fields = adpcmFields('ima', { channels: 1 });
  const file = container(
    'RIFF',
    { id: 'fact', content: fact },
    { id: 'fmt ', content: fields },
    { id: 'data', content },
  );
  const pcm = await openReader(file);
  const bytes = await pcm.read(100, { min: 9000, max: 9000, until: 9100, isUrgent: () => true, signal });
  expect(digest(bytes)).toBe(digest(unpack(pcm.format, content).subarray(2 * 100, 2 * 600)));
});
