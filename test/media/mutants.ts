/** Headers changed at random, the same for the same seed: what a parser must survive. */
import { isStreamingAudioError } from '../../plugin/errors.ts';
import { parseWavHeader, parseWavTrailer, type WavFormat } from '../../plugin/media/wav-header.ts';
import {
  adpcmFields,
  container,
  CONTAINERS,
  cueFields,
  extensibleFields,
  fmtFields,
  labelFields,
  smpl,
} from './wav-bytes.ts';

/** Thirty-two bits at a time, the same for the same seed (xorshift). */
export class RandomBits {
  constructor(private state: number) {}

  next(below: number): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return (this.state >>> 0) % below;
  }
}

const MAX_READS = 4000;
const MOST_MS = 500; // of a machine that does other things beside
const MAX_READ_BYTES = 2 ** 20;
const NASTY = [0, 1, 0x7f, 0x80, 0xfe, 0xff];

const POINTS = [{ id: 1, start: 2, label: 'a label', length: 3 }];
const SEEDS: readonly Buffer[] = CONTAINERS.flatMap((name) =>
  [fmtFields(), extensibleFields(), adpcmFields('ms'), adpcmFields('ima')].map((fields) =>
    container(
      name,
      { id: 'LIST', content: Buffer.from('odd') },
      { id: 'smpl', content: smpl([{ start: 0, end: 5 }]).subarray(8) },
      { id: 'fmt ', content: fields },
      { id: 'data', content: Buffer.alloc(40, 0x11) },
      { id: 'cue ', content: cueFields(POINTS) },
      { id: 'LIST', content: labelFields(POINTS) },
    ),
  ),
);

/** Parses `count` mutants; gives what of them came to no good end. */
export function failuresOf(count: number, seed: number): string[] {
  const random = new RandomBits(seed);
  return Array.from({ length: count }, (_, index) => failureOf(mutant(random), random, index)).filter(
    (failure) => failure !== undefined,
  );
}

function mutant(random: RandomBits): Buffer {
  const seed = SEEDS[random.next(SEEDS.length)] ?? Buffer.alloc(0);
  const file = Buffer.from(seed.subarray(0, random.next(4) === 0 ? random.next(seed.length + 1) : seed.length));
  for (let edits = 1 + random.next(6); edits > 0 && file.length > 0; edits--) {
    const at = random.next(file.length);
    const kind = random.next(4);
    if (kind === 0) file[at] = random.next(256);
    else if (kind === 1) file[at] = NASTY[random.next(NASTY.length)] ?? 0;
    else if (kind === 2) file.fill(NASTY[random.next(NASTY.length)] ?? 0, at, Math.min(at + 4, file.length));
    else file.copy(file, at, random.next(file.length));
  }
  return file;
}

function failureOf(file: Buffer, random: RandomBits, index: number): string | undefined {
  const fileSize = random.next(2) === 0 ? file.length : undefined;
  const failed = (why: string): string => `mutant ${index}, ${file.toString('hex')}, of ${fileSize} bytes: ${why}`;
  const startedAt = performance.now();
  try {
    const format = drive(parseWavHeader(fileSize), file);
    const why = flawOf({ ...format, ...drive(parseWavTrailer(format, fileSize), file) }, file);
    if (why !== undefined) return failed(why);
  } catch (error) {
    if (!isStreamingAudioError(error, 'malformed-wav', 'unsupported-format')) return failed(String(error));
  }
  const tookMs = performance.now() - startedAt;
  return tookMs > MOST_MS ? failed(`took ${tookMs} ms`) : undefined;
}

function drive<Value>(parser: Generator<{ start: number; end: number }, Value, Uint8Array>, file: Buffer): Value {
  let bytes = 0;
  let step = parser.next();
  for (let reads = 0; step.done !== true; reads++) {
    const { start, end } = step.value;
    bytes += end - start;
    if (!(Number.isSafeInteger(start) && Number.isSafeInteger(end) && start < end))
      throw new Error(`asks ${start}-${end}`);
    if (reads > MAX_READS || bytes > MAX_READ_BYTES) throw new Error('asks for too much');
    step = parser.next(file.subarray(start, end));
  }
  return step.value;
}

function flawOf(
  { channels, frames, dataStart, dataEnd, bytesPerFrame, loops, markers }: WavFormat,
  file: Buffer,
): string | undefined {
  if (!(channels >= 1 && channels <= 8 && bytesPerFrame >= channels)) return 'no such channels';
  if ((frames === undefined) !== (dataEnd === undefined)) return 'half a length';
  if (frames !== undefined && !(Number.isSafeInteger(frames) && frames >= 0)) return `${frames} frames`;
  if (dataStart > file.length) return 'audio behind the end';
  if (markers.some(({ start, end = start }) => !(start <= end))) return 'a marker that ends before it starts';
  if (loops.some(({ start, end }) => !(start < end))) return 'a loop of nothing';
  return undefined;
}
