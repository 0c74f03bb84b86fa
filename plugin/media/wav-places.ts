/** What a WAV marks in its audio: the loops of `smpl`, the points of `cue `, and their labels in `LIST`. */

import type { Fields } from './fields.ts';
import type { Parser } from './file-window.ts';
import type { Chunk, ChunkWalk } from './riff-chunks.ts';

/** A loop: the frames `[start, end)`. */
export interface WavLoop {
  readonly start: number;
  readonly end: number;
}

/** A point in the audio, or a stretch of it. */
export interface WavMarker {
  /** The label; empty where there is none. */
  readonly name: string;
  /** In frames. */
  readonly start: number;
  /** In frames, exclusive; undefined for a point. */
  readonly end: number | undefined;
}

/** What is marked in a track. */
export interface WavPlaces {
  /** The loops that go forward, at most 64, in the file's order. */
  readonly loops: readonly WavLoop[];
  /** The cue points, in the order of the track. */
  readonly markers: readonly WavMarker[];
}

/** What the chunks so far have said. */
export interface FoundPlaces {
  readonly loops: readonly WavLoop[];
  readonly cues: readonly Cue[];
  readonly labels: readonly Label[];
  /** Bytes that may still be read for more. */
  readonly bytesLeft: number;
}

interface Cue {
  readonly id: number;
  readonly start: number;
}

/** What `LIST` says of a cue point. */
interface Label {
  readonly id: number;
  readonly name: string;
  readonly frames: number;
}

/** Thousands of labelled points; an end for a file that is nothing but such. */
const MAX_BYTES = 64 * 2 ** 10; // 64 KiB

/** Before the first chunk. */
export const NO_PLACES: FoundPlaces = { loops: [], cues: [], labels: [], bytesLeft: MAX_BYTES };

const MAX_LOOPS = 64;
const SMPL_BYTES = 36;
const SMPL_LOOP_BYTES = 24;
const MAX_SMPL_BYTES = SMPL_BYTES + MAX_LOOPS * SMPL_LOOP_BYTES;
const SMPL_LOOP_FORWARD = 0;

const CUE_COUNT_BYTES = 4;
const CUE_BYTES = 24;

const LIST_TYPE_BYTES = 4;
const CHUNK_HEADER_BYTES = 8;
const LABEL_BYTES = 4;
const STRETCH_BYTES = 20;

/** Adds what `chunk` says to what was found before; most chunks say nothing. */
export function* findPlaces(chunk: Chunk, chunks: ChunkWalk, found: FoundPlaces): Parser<FoundPlaces> {
  const { id } = chunk;
  const most = Math.min(chunk.size, id === 'smpl' ? MAX_SMPL_BYTES : Infinity, found.bytesLeft);
  const bytesLeft = found.bytesLeft - most;
  if (id === 'smpl') return { ...found, bytesLeft, loops: parseLoops(yield* chunks.content(chunk, most)) };
  if (id === 'cue ') return { ...found, bytesLeft, cues: parseCues(yield* chunks.content(chunk, most)) };
  if (id !== 'LIST' || (yield* chunks.content(chunk, LIST_TYPE_BYTES)).letters(0) !== 'adtl') return found;
  return { ...found, bytesLeft, labels: parseLabels(yield* chunks.content(chunk, most)) };
}

/** What of it lies within a track of so many frames. */
export function placesWithin({ loops, cues, labels }: FoundPlaces, frames = Infinity): WavPlaces {
  const names = new Map(labels.filter(({ name }) => name !== '').map(({ id, name }) => [id, name]));
  const lengths = new Map(labels.filter((label) => label.frames > 0).map((label) => [label.id, label.frames]));
  const markers = cues
    .filter(({ start }) => start <= frames)
    .map(({ id, start }) => {
      const length = lengths.get(id);
      return { name: names.get(id) ?? '', start, end: length && Math.min(start + length, frames) };
    });
  return {
    loops: loops.filter((loop) => loop.end <= frames),
    markers: markers.toSorted((a, b) => a.start - b.start),
  };
}

/** A sampler's other ways to loop (to and fro, backward) have no `[start, end)`. */
function parseLoops(smpl: Fields): WavLoop[] {
  const loops: WavLoop[] = [];
  const declared = smpl.length < SMPL_BYTES ? 0 : smpl.uint32(28);
  const end = Math.min(SMPL_BYTES + declared * SMPL_LOOP_BYTES, smpl.length);
  for (let at = SMPL_BYTES; at + SMPL_LOOP_BYTES <= end; at += SMPL_LOOP_BYTES) {
    if (smpl.uint32(at + 4) !== SMPL_LOOP_FORWARD) continue;
    const start = smpl.uint32(at + 8);
    const lastPlayed = smpl.uint32(at + 12);
    if (start <= lastPlayed) loops.push({ start, end: lastPlayed + 1 });
  }
  return loops;
}

function parseCues(cue: Fields): Cue[] {
  const cues: Cue[] = [];
  const declared = cue.length < CUE_COUNT_BYTES ? 0 : cue.uint32(0);
  const end = Math.min(CUE_COUNT_BYTES + declared * CUE_BYTES, cue.length);
  for (let at = CUE_COUNT_BYTES; at + CUE_BYTES <= end; at += CUE_BYTES) {
    cues.push({ id: cue.uint32(at), start: cue.uint32(at + 20) });
  }
  return cues;
}

/** The sub-chunks `labl`, a cue point's name, and `ltxt`, the length of a stretch and perhaps a text. */
function parseLabels(list: Fields): Label[] {
  const labels: Label[] = [];
  for (let at = LIST_TYPE_BYTES; at + CHUNK_HEADER_BYTES + LABEL_BYTES <= list.length;) {
    const start = at + CHUNK_HEADER_BYTES;
    const size = list.uint32(at + 4);
    const end = Math.min(start + size, list.length);
    const kind = list.letters(at);
    if (kind === 'labl' && start + LABEL_BYTES <= end) {
      labels.push({ id: list.uint32(start), name: text(list, start + LABEL_BYTES, end), frames: 0 });
    } else if (kind === 'ltxt' && start + STRETCH_BYTES <= end) {
      labels.push({ id: list.uint32(start), name: '', frames: list.uint32(start + LABEL_BYTES) });
    }
    at = start + size + (size % 2);
  }
  return labels;
}

/** A text that ends with a 0: UTF-8 where it is that, else the characters of Windows, where the format comes from. */
function text(fields: Fields, start: number, end: number): string {
  const bytes = fields.bytes(start, end);
  const length = bytes.indexOf(0);
  const letters = length < 0 ? bytes : bytes.subarray(0, length);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(letters);
  } catch {
    return new TextDecoder('windows-1252').decode(letters);
  }
}
