import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { initializationSegment, mediaSegment, SEGMENT_MIME_TYPES } from '../../plugin/media/fmp4.ts';
import { contentOf, walkBoxes } from './box-walker.ts';
import { anyPcm, integerFormat } from './pcm-samples.ts';
import { type DecodedFrame, readVerbatimFrame } from './verbatim-flac-reader.ts';

const SAMPLE_ENTRY = 'moov/trak/mdia/minf/stbl/stsd/fLaC';

interface DecodedSegment {
  readonly decodeTime: bigint;
  readonly durations: readonly number[];
  readonly blocks: readonly DecodedFrame[];
}

/** Reads a media segment as a player does: `trun` tells where each FLAC frame lies and how long it lasts. */
function decode(segment: Uint8Array): DecodedSegment {
  const boxes = walkBoxes(segment);
  expect([...boxes.keys()]).toEqual(['moof', 'moof/mfhd', 'moof/traf', ...TRAF_BOXES, 'mdat']);
  const run = contentOf(boxes, 'moof/traf/trun');
  const durations: number[] = [];
  const blocks: DecodedFrame[] = [];
  let at = run.readUInt32BE(8);
  expect(at).toBe((boxes.get('mdat')?.start ?? 0) + 8);
  for (let entry = 12; entry < run.length; entry += 8) {
    durations.push(run.readUInt32BE(entry));
    const block = readVerbatimFrame(segment, at);
    expect(block.bytes).toBe(run.readUInt32BE(entry + 4));
    blocks.push(block);
    at += block.bytes;
  }
  expect(run.readUInt32BE(4)).toBe(blocks.length);
  expect(at).toBe(segment.length);
  return { decodeTime: contentOf(boxes, 'moof/traf/tfdt').readBigUInt64BE(4), durations, blocks };
}

const TRAF_BOXES = ['moof/traf/tfhd', 'moof/traf/tfdt', 'moof/traf/trun'];

describe('mediaSegment', () => {
  test('carries every sample in place, whatever the format, start and block size', () => {
    const anyBlockSize = fc.integer({ min: 16, max: 60 });
    fc.assert(
      fc.property(
        anyPcm(200),
        fc.nat(2 ** 30),
        anyBlockSize,
        ({ format, channels, pcm }, firstFrame, framesPerBlock) => {
          const { decodeTime, durations, blocks } = decode(mediaSegment(format, pcm, firstFrame, 1, framesPerBlock));
          expect(decodeTime).toBe(BigInt(firstFrame));
          expect(durations).toEqual(blocks.map((block) => block.frames));
          expect(channels.map((_, channel) => blocks.flatMap((block) => block.channels[channel]))).toEqual(channels);
          let next = firstFrame;
          for (const block of blocks) {
            expect(block.sampleNumber).toBe(BigInt(next));
            next += block.frames;
          }
        },
      ),
    );
  });

  test.each([
    { frames: 1, framesPerBlock: 4096, durations: [1] },
    { frames: 4096, framesPerBlock: 4096, durations: [4096] },
    { frames: 4111, framesPerBlock: 4096, durations: [4111] },
    { frames: 4112, framesPerBlock: 4096, durations: [4096, 16] },
    { frames: 9000, framesPerBlock: undefined, durations: [4096, 4096, 808] },
    { frames: 63, framesPerBlock: 16, durations: [16, 16, 31] },
    { frames: 65_535, framesPerBlock: 65_520, durations: [65_535] },
    { frames: 65_536, framesPerBlock: 65_520, durations: [65_520, 16] },
  ])('cuts $frames frames into blocks of $durations', ({ frames, framesPerBlock, durations }) => {
    const segment = mediaSegment(integerFormat(8, 1), new Uint8Array(frames), 0, 1, framesPerBlock);
    expect(decode(segment).durations).toEqual(durations);
  });

  test.each([0, 2 ** 31 - 1, 2 ** 32, 2 ** 36 + 1, Number.MAX_SAFE_INTEGER - 8])(
    'starts at media time %i, to the frame',
    (firstFrame) => {
      const { decodeTime, blocks } = decode(mediaSegment(integerFormat(8, 1), Uint8Array.of(1, 2, 3), firstFrame));
      expect(decodeTime).toBe(BigInt(firstFrame));
      expect(blocks[0]?.channels).toEqual([[-127, -126, -125]]);
    },
  );

  test('reads PCM from a view on a larger buffer, and is alone in its own', () => {
    const file = Uint8Array.of(9, 9, 9, 1, 2, 3, 4, 9, 9);
    const segment = mediaSegment(integerFormat(16, 2), file.subarray(3, 7), 0);
    expect(decode(segment).blocks[0]?.channels).toEqual([[0x201], [0x403]]);
    expect(segment.buffer.byteLength).toBe(segment.byteLength);
  });

  test('bears its sequence number', () => {
    const boxes = walkBoxes(mediaSegment(integerFormat(8, 1), Uint8Array.of(1), 0, 77));
    expect(contentOf(boxes, 'moof/mfhd').readUInt32BE(4)).toBe(77);
  });
});

describe('initializationSegment', () => {
  test('has the boxes that a fragmented FLAC track needs', () => {
    const paths = [...walkBoxes(initializationSegment(integerFormat(16, 2))).keys()];
    expect(paths).toEqual([
      'ftyp',
      'moov',
      'moov/mvhd',
      'moov/trak',
      'moov/trak/tkhd',
      'moov/trak/mdia',
      'moov/trak/mdia/mdhd',
      'moov/trak/mdia/hdlr',
      'moov/trak/mdia/minf',
      'moov/trak/mdia/minf/smhd',
      'moov/trak/mdia/minf/dinf',
      'moov/trak/mdia/minf/dinf/dref',
      'moov/trak/mdia/minf/dinf/dref/url ',
      'moov/trak/mdia/minf/stbl',
      'moov/trak/mdia/minf/stbl/stsd',
      SAMPLE_ENTRY,
      `${SAMPLE_ENTRY}/dfLa`,
      'moov/trak/mdia/minf/stbl/stts',
      'moov/trak/mdia/minf/stbl/stsc',
      'moov/trak/mdia/minf/stbl/stsz',
      'moov/trak/mdia/minf/stbl/stco',
      'moov/mvex',
      'moov/mvex/trex',
    ]);
  });

  test.each([
    { box: 'moov/mvhd', bytes: 100 },
    { box: 'moov/trak/tkhd', bytes: 84 },
    { box: 'moov/trak/mdia/mdhd', bytes: 24 },
    { box: 'moov/trak/mdia/hdlr', bytes: 25 },
    { box: 'moov/mvex/trex', bytes: 24 },
  ])("gives $box the standard's size", ({ box, bytes }) => {
    expect(contentOf(walkBoxes(initializationSegment(integerFormat(16, 2))), box)).toHaveLength(bytes);
  });

  test.each([
    { sampleRate: 8000, nominal: 8000 },
    { sampleRate: 65_535, nominal: 65_535 },
    { sampleRate: 88_200, nominal: 44_100 },
    { sampleRate: 96_000, nominal: 48_000 },
    { sampleRate: 192_000, nominal: 48_000 },
    { sampleRate: 655_350, nominal: 40_959 },
  ])('names $nominal Hz in the sample entry of $sampleRate Hz media', ({ sampleRate, nominal }) => {
    const boxes = walkBoxes(initializationSegment(integerFormat(16, 2, sampleRate)));
    expect(contentOf(boxes, SAMPLE_ENTRY).readUInt32BE(24)).toBe(nominal * 65_536);
    expect(contentOf(boxes, 'moov/trak/mdia/mdhd').readUInt32BE(12)).toBe(sampleRate);
    expect(contentOf(boxes, 'moov/trak/mdia/mdhd').readUInt32BE(16)).toBe(0);
    expect(contentOf(boxes, `${SAMPLE_ENTRY}/dfLa`).readUIntBE(18, 3) >> 4).toBe(sampleRate);
  });

  test.each([
    [8, 1],
    [16, 2],
    [24, 6],
  ] as const)('states %i bits and %i channels alike in sample entry and STREAMINFO', (bits, channels) => {
    const boxes = walkBoxes(initializationSegment(integerFormat(bits, channels)));
    const entry = contentOf(boxes, SAMPLE_ENTRY);
    const dfLa = contentOf(boxes, `${SAMPLE_ENTRY}/dfLa`);
    expect(entry.readUInt16BE(16)).toBe(channels);
    expect(entry.readUInt16BE(18)).toBe(bits);
    expect(dfLa.readUInt32BE(4)).toBe(0x8000_0022);
    expect(dfLa).toHaveLength(4 + 4 + 34);
    expect((dfLa.readUInt16BE(20) >> 4) & 31).toBe(bits - 1);
  });
});

test('SEGMENT_MIME_TYPES has both spellings, that of Chromium and Firefox first', () => {
  expect(SEGMENT_MIME_TYPES).toEqual(['audio/mp4; codecs="flac"', 'audio/mp4; codecs="fLaC"']);
});
