/**
 * FLAC in fragmented MP4, the form of lossless audio that browsers take into a MediaSource: one initialization segment,
 * then media segments that may start at any frame (ISO/IEC 14496-12; "Encapsulation of FLAC in ISO Base Media File
 * Format").
 */

import { uint16, uint32, uint64 } from './big-endian.ts';
import { DEFAULT_BLOCK_FRAMES, flacFrameBytes, MIN_BLOCK_FRAMES, streamInfo, writeFlacFrame } from './flac-frame.ts';
import { ascii, box, BOX_HEADER_BYTES, fullBox, zeros } from './iso-box.ts';
import type { PcmFormat } from './pcm.ts';

/** What to ask `MediaSource.isTypeSupported`, in this order: Chromium and Firefox know the first, Safari the second. */
export const SEGMENT_MIME_TYPES = ['audio/mp4; codecs="flac"', 'audio/mp4; codecs="fLaC"'] as const;

const TRACK_ID = 1;

/** Size of a `moof` as {@link movieFragment} writes it, before the 8 bytes a block adds to its `trun`. */
const EMPTY_MOOF_BYTES = 88;
const RUN_ENTRY_BYTES = 8;

const TRACK_ENABLED_IN_MOVIE = 3;
const MEDIA_IN_SAME_FILE = 1;
const OFFSETS_FROM_MOOF = 0x02_0000;
const RUN_HAS_OFFSET_DURATIONS_SIZES = 0x01 | 0x100 | 0x200;

/** `sample_depends_on` = 2, and not a non-sync sample: every FLAC frame decodes on its own. */
const INDEPENDENT_SYNC_SAMPLE = 0x0200_0000;

const NO_DATES = [0, 0, 0, 0, 0, 0, 0, 0];
const NO_DURATION = [0, 0, 0, 0];
const NORMAL_SPEED = [0, 1, 0, 0];
const FULL_VOLUME = [1, 0];
const UNDETERMINED_LANGUAGE = 0x55c4; // "und"
const LAST_METADATA_BLOCK_STREAMINFO = 0x8000_0022; // its type, 0, and its 34 bytes

/** A FLAC frame to be: its place in the stream, and its size once packed. */
interface Block {
  readonly firstFrame: number;
  readonly frames: number;
  readonly bytes: number;
}

/** The initialization segment for media in `format`: `ftyp` and `moov`, timescale = sample rate, no duration. */
export function initializationSegment(format: PcmFormat): Uint8Array<ArrayBuffer> {
  const fileType = box('ftyp', ascii('iso6'), uint32(0), ascii('iso6'), ascii('mp41'));
  return Uint8Array.from([...fileType, ...movie(format)]);
}

/**
 * Packs PCM as one media segment: a `moof` and an `mdat` with a FLAC frame for each block.
 *
 * @param format the one that {@link initializationSegment} was given
 * @param pcm at least one frame of `format`, and whole ones only
 * @param firstFrame media time of the first frame, in frames; 0 to `Number.MAX_SAFE_INTEGER`
 * @param sequenceNumber for `mfhd`, from 1; browsers do not look at it
 * @param framesPerBlock frames in a FLAC frame, 16 to 65,520; a tail shorter than 16 joins the block before it
 */
export function mediaSegment(
  format: PcmFormat,
  pcm: Uint8Array,
  firstFrame: number,
  sequenceNumber = 1,
  framesPerBlock = DEFAULT_BLOCK_FRAMES,
): Uint8Array<ArrayBuffer> {
  const blocks = planBlocks(format, firstFrame, pcm.byteLength / format.bytesPerFrame, framesPerBlock);
  const moof = movieFragment(blocks, firstFrame, sequenceNumber);
  const mdatBytes = blocks.reduce((sum, block) => sum + block.bytes, BOX_HEADER_BYTES);
  const segment = new Uint8Array(moof.length + mdatBytes);
  segment.set([...moof, ...uint32(mdatBytes), ...ascii('mdat')]);
  writeBlocks(format, blocks, pcm, new DataView(segment.buffer, moof.length + BOX_HEADER_BYTES));
  return segment;
}

/** Cuts a segment into blocks, none shorter than 16 frames unless the segment itself is. */
function planBlocks(format: PcmFormat, firstFrame: number, frames: number, framesPerBlock: number): Block[] {
  const blocks: Block[] = [];
  const end = firstFrame + frames;
  let start = firstFrame;
  while (start < end) {
    const left = end - start;
    const length = left < framesPerBlock + MIN_BLOCK_FRAMES ? left : framesPerBlock;
    blocks.push({ firstFrame: start, frames: length, bytes: flacFrameBytes(format, start, length) });
    start += length;
  }
  return blocks;
}

function writeBlocks(format: PcmFormat, blocks: readonly Block[], pcm: Uint8Array, target: DataView): void {
  let from = pcm.byteOffset;
  let to = 0;
  for (const block of blocks) {
    const source = new DataView(pcm.buffer, from, block.frames * format.bytesPerFrame);
    to = writeFlacFrame(format, source, block.firstFrame, target, to);
    from += source.byteLength;
  }
}

function movieFragment(blocks: readonly Block[], firstFrame: number, sequenceNumber: number): number[] {
  const dataOffset = EMPTY_MOOF_BYTES + RUN_ENTRY_BYTES * blocks.length + BOX_HEADER_BYTES;
  const run = blocks.flatMap((block) => [...uint32(block.frames), ...uint32(block.bytes)]);
  return box(
    'moof',
    fullBox('mfhd', 0, 0, uint32(sequenceNumber)),
    box(
      'traf',
      fullBox('tfhd', 0, OFFSETS_FROM_MOOF, uint32(TRACK_ID)),
      fullBox('tfdt', 1, 0, uint64(firstFrame)),
      fullBox('trun', 0, RUN_HAS_OFFSET_DURATIONS_SIZES, uint32(blocks.length), uint32(dataOffset), run),
    ),
  );
}

function movie(format: PcmFormat): number[] {
  const oneDescriptionNoDurationNoSize = [1, 0, 0].flatMap(uint32);
  const defaults = [...oneDescriptionNoDurationNoSize, ...uint32(INDEPENDENT_SYNC_SAMPLE)];
  return box(
    'moov',
    movieHeader(format),
    box('trak', trackHeader(), media(format)),
    box('mvex', fullBox('trex', 0, 0, uint32(TRACK_ID), defaults)),
  );
}

function movieHeader(format: PcmFormat): number[] {
  const timing = [...NO_DATES, ...uint32(format.sampleRate), ...NO_DURATION];
  const presentation = [...NORMAL_SPEED, ...FULL_VOLUME, ...zeros(10), ...unityMatrix()];
  const nextTrackId = uint32(TRACK_ID + 1);
  return fullBox('mvhd', 0, 0, timing, presentation, zeros(24), nextTrackId);
}

function trackHeader(): number[] {
  const identity = [...NO_DATES, ...uint32(TRACK_ID), ...zeros(4), ...NO_DURATION];
  const presentation = [...zeros(12), ...FULL_VOLUME, ...zeros(2), ...unityMatrix()];
  const widthAndHeight = zeros(8);
  return fullBox('tkhd', 0, TRACK_ENABLED_IN_MOVIE, identity, presentation, widthAndHeight);
}

function media(format: PcmFormat): number[] {
  const timing = [...NO_DATES, ...uint32(format.sampleRate), ...NO_DURATION];
  const language = [...uint16(UNDETERMINED_LANGUAGE), ...zeros(2)];
  return box(
    'mdia',
    fullBox('mdhd', 0, 0, timing, language),
    fullBox('hdlr', 0, 0, zeros(4), ascii('soun'), zeros(13)),
    box(
      'minf',
      fullBox('smhd', 0, 0, zeros(4)),
      box('dinf', fullBox('dref', 0, 0, uint32(1), fullBox('url ', 0, MEDIA_IN_SAME_FILE))),
      sampleTable(format),
    ),
  );
}

/** Describes the samples; the tables themselves stay empty, as each fragment brings its own. */
function sampleTable(format: PcmFormat): number[] {
  return box(
    'stbl',
    fullBox('stsd', 0, 0, uint32(1), sampleEntry(format)),
    fullBox('stts', 0, 0, uint32(0)),
    fullBox('stsc', 0, 0, uint32(0)),
    fullBox('stsz', 0, 0, uint32(0), uint32(0)),
    fullBox('stco', 0, 0, uint32(0)),
  );
}

function sampleEntry(format: PcmFormat): number[] {
  return box(
    'fLaC',
    [...zeros(6), ...uint16(1), ...zeros(8)], // in the first, and only, file referred to
    uint16(format.channels),
    uint16(format.bitsPerSample), // where it differs from STREAMINFO's, Chromium refuses the segment
    [...zeros(4), ...uint16(nominalSampleRate(format.sampleRate)), ...zeros(2)],
    fullBox('dfLa', 0, 0, uint32(LAST_METADATA_BLOCK_STREAMINFO), streamInfo(format)),
  );
}

/**
 * The whole part of the entry's 16.16 rate field. Players take the rate from STREAMINFO, but Firefox refuses a 0 here:
 * a rate that does not fit is halved until it does.
 */
function nominalSampleRate(sampleRate: number): number {
  return sampleRate <= 0xffff ? sampleRate : nominalSampleRate(Math.floor(sampleRate / 2));
}

function unityMatrix(): number[] {
  return [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000].flatMap(uint32);
}
