/** Runs in the page: makes IndexedDB slow, and counts what has arrived over the network and does not lie in it. */

export interface SlowDisk {
  /** For how long a transaction of ours keeps all others from the store; each in between gets its turn. */
  readonly holdMs: number;
  readonly lookEveryMs: number;
}

declare global {
  interface Window {
    slowDisk: {
      /** Lends `work` a slow disk; gives the bytes that had been read from bodies and were not stored, at each look. */
      watch(name: string, disk: SlowDisk, work: () => Promise<void>): Promise<number[]>;
    };
  }
}

let arrivedBytes = 0;

interface BodyReader {
  read(...how: never[]): Promise<ReadableStreamReadResult<Uint8Array>>;
}

/** Counts what comes out of bodies, however they are read. */
function countReads(reader: BodyReader): void {
  const { read } = reader; // eslint-disable-line typescript/unbound-method -- called on whom it was asked of
  reader.read = async function countedRead(this: BodyReader, ...how) {
    const result = await read.apply(this, how);
    arrivedBytes += result.value?.byteLength ?? 0;
    return result;
  };
}

countReads(ReadableStreamDefaultReader.prototype);
countReads(ReadableStreamBYOBReader.prototype);

async function watch(name: string, disk: SlowDisk, work: () => Promise<void>): Promise<number[]> {
  const database = await settled(indexedDB.open(name));
  const looks: number[] = [];
  const over = new AbortController();
  const working = work().finally(() => over.abort());
  while (!over.signal.aborted) await hold(database, disk, looks);
  await working;
  await hold(database, disk, looks);
  database.close();
  return looks;
}

/** Nothing is stored while a transaction of ours that may write lasts: what waits is seen as it is. */
async function hold(database: IDBDatabase, { holdMs, lookEveryMs }: SlowDisk, looks: number[]): Promise<void> {
  const rows = database.transaction('blocks', 'readwrite').objectStore('blocks');
  const storedBytes = await sumBlocks(rows);
  const startedAt = performance.now();
  let nextLook = startedAt;
  do {
    if (performance.now() >= nextLook) {
      looks.push(arrivedBytes - storedBytes);
      nextLook += lookEveryMs;
    }
    await settled(rows.count('')); // keeps the transaction open
  } while (performance.now() < startedAt + holdMs);
}

/** The bytes of all blocks, by their keys and the records of their tracks: no block need be read. */
async function sumBlocks(rows: IDBObjectStore): Promise<number> {
  const tracks = IDBKeyRange.upperBound([], true); // strings, which come before arrays
  const [names, records, keys] = await Promise.all([
    settled(rows.getAllKeys(tracks)),
    settled<{ record: { size: number } }[]>(rows.getAll(tracks)),
    settled(rows.getAllKeys(IDBKeyRange.lowerBound([]))),
  ]);
  return keys.reduce((bytes: number, key) => {
    const [track, , blockBytes, index] = key as [string, string, number, number];
    const size = records[names.indexOf(track)]?.record.size ?? 0;
    return bytes + Math.min(blockBytes, size - index * blockBytes);
  }, 0);
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error ?? new Error('IndexedDB gave no reason')));
  });
}

window.slowDisk = { watch };
