import { describe, expect, test } from '@jest/globals';
import type { PcmFormat } from '../../plugin/media/pcm.ts';
import { planSegment } from '../../plugin/playback/segment.ts';

const cd: PcmFormat = {
  channels: 2,
  sampleRate: 44_100,
  sampleType: 'int16',
  littleEndian: true,
  bitsPerSample: 16,
  bytesPerFrame: 4,
};
const studio: PcmFormat = { ...cd, channels: 8, sampleRate: 192_000, sampleType: 'int24', bytesPerFrame: 24 };

describe('planSegment', () => {
  test.each([
    ['waits for little until something is heard, and packs no more than starts it', cd, false, 882, 11_025],
    ['takes up to a second once something is heard', cd, true, 11_025, 44_100],
    ['takes no more bytes than can be packed within a frame of the game', studio, true, 10_922, 10_922],
    ['waits for a frame at least', { ...cd, sampleRate: 8 }, false, 1, 2],
  ])('%s', (_, format, heard, least, most) => {
    expect(planSegment(format, heard)).toEqual({ least, most });
  });
});
