/** Walks the boxes of an MP4 by their sizes alone, and checks that they fill their parents exactly. */

export interface Box {
  readonly type: string;
  /** Offset of the box in the file. */
  readonly start: number;
  /** What follows the 8 bytes of size and type. */
  readonly content: Buffer;
}

const CONTAINERS = new Set(['moov', 'trak', 'mdia', 'minf', 'dinf', 'stbl', 'mvex', 'moof', 'traf']);

/** Bytes ahead of the boxes inside a box that has fields of its own, too. */
const FIELD_BYTES: Readonly<Record<string, number>> = { stsd: 8, dref: 8, fLaC: 28 };

/** All boxes of `bytes` by path, such as `moof/traf/trun`; throws where sizes do not add up or a path comes twice. */
export function walkBoxes(bytes: Uint8Array): Map<string, Box> {
  const boxes = new Map<string, Box>();
  walk(Buffer.from(bytes), 0, bytes.length, '', boxes);
  return boxes;
}

function walk(file: Buffer, start: number, end: number, parent: string, boxes: Map<string, Box>): void {
  let at = start;
  while (at < end) {
    const size = file.readUInt32BE(at);
    const type = file.toString('latin1', at + 4, at + 8);
    if (size < 8 || at + size > end) throw new Error(`${parent}${type} has ${size} bytes of ${end - at}`);
    const path = parent + type;
    if (boxes.has(path)) throw new Error(`${path} comes twice`);
    boxes.set(path, { type, start: at, content: file.subarray(at + 8, at + size) });
    const fieldBytes = CONTAINERS.has(type) ? 0 : FIELD_BYTES[type];
    if (fieldBytes !== undefined) walk(file, at + 8 + fieldBytes, at + size, `${path}/`, boxes);
    at += size;
  }
}

export function contentOf(boxes: ReadonlyMap<string, Box>, path: string): Buffer {
  const found = boxes.get(path);
  if (found === undefined) throw new Error(`no ${path} among ${[...boxes.keys()].join(' ')}`);
  return found.content;
}
