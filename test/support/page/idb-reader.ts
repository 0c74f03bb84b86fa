/** Runs in the page, whenever it is asked: reads what IndexedDB holds. The test's side is `../idb.ts`. */

/** Binary data somewhere in a record. */
export interface StoredBytes {
  /** `ArrayBuffer`, `Uint8Array`, `Blob`, … */
  readonly kind: string;
  readonly byteLength: number;
  /** What is stored for it: more than `byteLength` where a view pins a larger buffer. */
  readonly storedByteLength: number;
  /** In hex, as `sha256Of` gives it. */
  readonly sha256: string;
}

export interface StoredRecord {
  readonly database: string;
  readonly store: string;
  readonly key: unknown;
  /** Set where the value itself is binary. */
  readonly bytes?: StoredBytes;
  /** The value as JSON; `StoredBytes` stand for binary data inside it. */
  readonly value: unknown;
}

/** What one look at a block cache's database has found. */
export interface CacheLook {
  /** As `Date.now()`. */
  readonly at: number;
  /** The bytes of all blocks. */
  readonly bytes: number;
  /** The tracks that have a block. */
  readonly tracks: readonly string[];
  /** Blocks that no record names, that a record names in vain, or that lie there twice. */
  readonly flaws: readonly string[];
}

declare global {
  interface Window {
    idbReader: {
      readAll(): Promise<StoredRecord[]>;
      /** Looks at a cache's database, once and then again and again. */
      watch(name: string, everyMs: number): void;
      /** Ends that, and gives what was seen. */
      stopWatching(): Promise<CacheLook[]>;
    };
  }
}

async function readAll(): Promise<StoredRecord[]> {
  const records: StoredRecord[] = [];
  for (const { name = '' } of await indexedDB.databases()) {
    const database = await settled<IDBDatabase>(indexedDB.open(name));
    for (const store of database.objectStoreNames) {
      const keys = await settled<IDBValidKey[]>(database.transaction(store).objectStore(store).getAllKeys());
      for (const key of keys) {
        const stored = await settled<unknown>(database.transaction(store).objectStore(store).get(key));
        const bytes = await describeBytes(stored);
        records.push({
          database: name,
          store,
          key,
          ...(bytes ? { bytes } : {}),
          value: bytes ?? (await describe(stored)),
        });
      }
    }
    database.close();
  }
  return records;
}

function settled<T>(request: IDBRequest): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error ?? new Error('IndexedDB gave no reason')));
    request.addEventListener('blocked', () => reject(new Error('IndexedDB is blocked by another connection')));
  });
}

async function describe(value: unknown): Promise<unknown> {
  if (typeof value !== 'object' || value === null) return value;
  const bytes = await describeBytes(value);
  if (bytes !== undefined) return bytes;
  if (Array.isArray(value)) return Promise.all(value.map(describe));
  const entries = Object.entries(value).map(async ([name, inner]) => [name, await describe(inner)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

async function describeBytes(value: unknown): Promise<StoredBytes | undefined> {
  const isView = ArrayBuffer.isView(value);
  if (!isView && !(value instanceof ArrayBuffer) && !(value instanceof Blob)) return undefined;
  const bytes = new Uint8Array(await new Response(value as BodyInit).arrayBuffer());
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const storedByteLength = isView ? value.buffer.byteLength : bytes.length;
  return { kind: value.constructor.name, byteLength: bytes.length, storedByteLength, sha256 };
}

/** One transaction's view of a cache: track records lie under strings, blocks under `[track, version, blockBytes, index]`. */
async function look(database: IDBDatabase): Promise<CacheLook> {
  const at = Date.now();
  const rows = database.transaction('blocks').objectStore('blocks');
  const [keys, values] = await Promise.all([
    settled<IDBValidKey[]>(rows.getAllKeys()),
    settled<unknown[]>(rows.getAll()),
  ]);
  const promised = new Set<string>();
  const tracks = new Set<string>();
  const flaws: string[] = [];
  let bytes = 0;
  for (const [i, key] of keys.entries()) {
    if (typeof key !== 'string') continue;
    const { checksums } = values[i] as { checksums: Uint32Array };
    for (let entry = 0; entry < checksums.length; entry += 2) promised.add(`${key} ${checksums[entry]}`);
  }
  for (const [i, key] of keys.entries()) {
    if (!Array.isArray(key)) continue;
    const [track, , , index] = key as [string, string, number, number];
    const name = `${track} ${index}`;
    tracks.add(track);
    bytes += (values[i] as ArrayBuffer).byteLength;
    if (!promised.delete(name)) flaws.push(`${name} is named by no record, or lies there twice`);
  }
  for (const name of promised) flaws.push(`${name} is named by a record, and is not there`);
  return { at, bytes, tracks: [...tracks], flaws };
}

let watching: { stop: () => void; looks: Promise<CacheLook[]> } | undefined;

function watch(name: string, everyMs: number): void {
  let isOver = false;
  watching = { stop: () => (isOver = true), looks: lookAgainAndAgain(name, everyMs, () => isOver) };
}

async function lookAgainAndAgain(name: string, everyMs: number, isOver: () => boolean): Promise<CacheLook[]> {
  const looks: CacheLook[] = [];
  let database: IDBDatabase | undefined;
  do {
    database ??= await openExisting(name);
    const found = database === undefined ? { at: Date.now(), bytes: 0, tracks: [], flaws: [] } : await look(database);
    looks.push(found);
    await new Promise((resolve) => setTimeout(resolve, found.at + everyMs - Date.now()));
  } while (!isOver());
  database?.close();
  return looks;
}

/** `undefined` for a database that is not there, as after a kill before its first transaction; it is not made either. */
async function openExisting(name: string): Promise<IDBDatabase | undefined> {
  const request = indexedDB.open(name);
  request.addEventListener('upgradeneeded', () => request.transaction?.abort());
  return settled<IDBDatabase>(request).catch((error: DOMException) => {
    if (error.name === 'AbortError') return undefined;
    throw error;
  });
}

async function stopWatching(): Promise<CacheLook[]> {
  watching?.stop();
  return (await watching?.looks) ?? [];
}

window.idbReader = { readAll, watch, stopWatching };
