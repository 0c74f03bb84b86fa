/** What needs no browser: packing samples, and reading a remote file. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { openAudioCache, openSeekableStream } from '../../plugin/core.ts';
import { type Adpcm, adpcmFrames } from '../../plugin/media/adpcm.ts';
import { mediaSegment } from '../../plugin/media/fmp4.ts';
import { type AudioLayout, unpack } from '../../plugin/media/packets.ts';
import { pcmFormat, type SampleType } from '../../plugin/media/pcm.ts';
import { pseudoRandomBytes } from '../support/served-content.ts';
import type { ServerReport } from './file-server.ts';

/** What is packed, in stereo. */
export const PACKED_KINDS = ['16-bit', '24-bit', '32-bit float', 'IMA ADPCM', 'Microsoft ADPCM'] as const;
export type PackedKind = (typeof PACKED_KINDS)[number];

/** One figure a round. */
export interface NodeFigures {
  readonly packMBs: Readonly<Record<PackedKind, readonly number[]>>;
  /** By `fetch` and `arrayBuffer()`: as with the stream, the bytes are in memory then. */
  readonly fetchMBs: readonly number[];
  /** By `fetch`, each piece of the body dropped as it comes. */
  readonly droppedMBs: readonly number[];
  readonly streamMBs: readonly number[];
  /** Of the stream to the fetch of the same round. */
  readonly streamRatio: readonly number[];
  readonly bytesPerByte: readonly number[];
  readonly randomRequests: readonly number[];
  /** 256 KiB blocks that the random reads touched. */
  readonly randomBlocks: readonly number[];
}

const SEGMENT_BYTES = 258_048; // the largest multiple of both frame sizes, and of 4096, below 256 KiB
const PACKED_BYTES = 64e6;
const ADPCM_BLOCK_BYTES = 2048;
const LAYOUTS: Readonly<Record<PackedKind, AudioLayout>> = {
  '16-bit': pcmLayout('int16'),
  '24-bit': pcmLayout('int24'),
  '32-bit float': pcmLayout('float32'),
  'IMA ADPCM': adpcmLayout({ kind: 'ima', predictors: [] }),
  'Microsoft ADPCM': adpcmLayout({ kind: 'ms', predictors: Array.from({ length: 256 }, () => [460, -208] as const) }),
};
const READ_BYTES = 2 ** 20;
const RANDOM_READS = 1000;
const RANDOM_BYTES = 4096;
const BLOCK_BYTES = 2 ** 18;
const MEMORY_BYTES = 2 ** 27; // 128 MiB: all of the file
const FILE_SERVER = path.join(path.dirname(fileURLToPath(import.meta.url)), 'file-server.js'); // beside the bundle

export async function measureNode(rounds: number): Promise<NodeFigures> {
  const each = Array.from({ length: rounds }, (_, round) => round);
  PACKED_KINDS.forEach(packingSpeed); // until the compiler has seen it
  const packing = each.map(() => new Map(PACKED_KINDS.map((kind) => [kind, packingSpeed(kind)])));
  const packingOf = (kind: PackedKind): number[] => packing.map((one) => one.get(kind) ?? NaN);
  const server = await openFileServer();
  const reading = [];
  try {
    await readInSequence(server); // until the compiler has seen it
    for (const round of each)
      reading.push({ ...(await readInSequence(server)), ...(await readAtRandom(server, round)) });
  } finally {
    server.close();
  }
  return {
    packMBs: {
      '16-bit': packingOf('16-bit'),
      '24-bit': packingOf('24-bit'),
      '32-bit float': packingOf('32-bit float'),
      'IMA ADPCM': packingOf('IMA ADPCM'),
      'Microsoft ADPCM': packingOf('Microsoft ADPCM'),
    },
    fetchMBs: reading.map((one) => one.fetchMBs),
    droppedMBs: reading.map((one) => one.droppedMBs),
    streamMBs: reading.map((one) => one.streamMBs),
    streamRatio: reading.map((one) => one.streamMBs / one.fetchMBs),
    bytesPerByte: reading.map((one) => one.bytesPerByte),
    randomRequests: reading.map((one) => one.requests),
    randomBlocks: reading.map((one) => one.blocks),
  };
}

/** In MB of PCM a second: of ADPCM, that which it is decoded to. */
function packingSpeed(kind: PackedKind): number {
  const layout = LAYOUTS[kind];
  const segmentBytes = layout.adpcm ? SEGMENT_BYTES / 4 : SEGMENT_BYTES; // 4 bits become 16
  const bytes = pseudoRandomBytes(Math.floor(segmentBytes / layout.packetBytes) * layout.packetBytes);
  const startedAt = performance.now();
  let packed = 0;
  for (let frame = 0; packed < PACKED_BYTES;) {
    const pcm = unpack(layout, bytes);
    mediaSegment(layout, pcm, frame);
    packed += pcm.length;
    frame += pcm.length / layout.bytesPerFrame;
  }
  return megabytesASecond(packed, startedAt);
}

function pcmLayout(sampleType: SampleType): AudioLayout {
  const format = pcmFormat(2, 44_100, sampleType);
  return { ...format, packetBytes: format.bytesPerFrame, packetFrames: 1, adpcm: undefined };
}

/** In blocks of 2 KiB, as encoders make them at 44.1 kHz. */
function adpcmLayout(adpcm: Adpcm): AudioLayout {
  const packetFrames = adpcmFrames(adpcm.kind, 2, ADPCM_BLOCK_BYTES);
  return { ...pcmFormat(2, 44_100, 'int16'), packetBytes: ADPCM_BLOCK_BYTES, packetFrames, adpcm };
}

interface FileServer {
  readonly url: string;
  readonly report: () => Promise<ServerReport>;
  close(): void;
}

async function openFileServer(): Promise<FileServer> {
  const child = fork(FILE_SERVER);
  const [url] = (await once(child, 'message')) as [string];
  const report = async (): Promise<ServerReport> => {
    child.send('report');
    const [answer] = (await once(child, 'message')) as [ServerReport];
    return answer;
  };
  return { url, report, close: () => child.kill() };
}

async function readInSequence({ url, report }: FileServer) {
  const fetchStartedAt = performance.now();
  const { byteLength: size } = await (await fetch(url)).arrayBuffer();
  const fetchMBs = megabytesASecond(size, fetchStartedAt);

  const droppedStartedAt = performance.now();
  for await (const _ of (await fetch(url)).body ?? []);
  const droppedMBs = megabytesASecond(size, droppedStartedAt);
  await report();

  const startedAt = performance.now();
  const stream = await openSeekableStream(url);
  let read = 0;
  for (let last = -1; last !== 0; read += last) last = (await stream.read(READ_BYTES)).length;
  const streamMBs = megabytesASecond(read, startedAt);
  stream.close();
  const { bytesWritten } = await report();
  if (read !== size) throw new Error(`The stream gave ${read} bytes of ${size}.`);
  return { fetchMBs, droppedMBs, streamMBs, bytesPerByte: bytesWritten / size };
}

async function readAtRandom({ url, report }: FileServer, seed: number) {
  const cache = await openAudioCache({ maxBytes: MEMORY_BYTES });
  const stream = await openSeekableStream(url, { cache });
  const places = new Uint32Array(pseudoRandomBytes(4 * RANDOM_READS, seed + 1).buffer);
  const blocks = new Set<number>();
  for (const place of places) {
    const position = place % ((stream.size ?? 0) - RANDOM_BYTES);
    await stream.seek(position);
    await stream.read(RANDOM_BYTES);
    for (const byte of [position, position + RANDOM_BYTES - 1]) blocks.add(Math.floor(byte / BLOCK_BYTES));
  }
  stream.close();
  const { requests } = await report();
  return { requests, blocks: blocks.size };
}

function megabytesASecond(bytes: number, startedAt: number): number {
  return bytes / 1e3 / (performance.now() - startedAt);
}
