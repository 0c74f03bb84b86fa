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

declare global {
  interface Window {
    idbReader: { readAll(): Promise<StoredRecord[]> };
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

window.idbReader = { readAll };
