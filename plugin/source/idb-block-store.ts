/**
 * Blocks and track records in IndexedDB, through idb-keyval. The only file that touches `indexedDB`.
 *
 * One database a cache, with one object store. A record lies under its cache key, a string; a block, a bare
 * `ArrayBuffer` of its exact size, under `[cacheKey, version, blockBytes, index]`. Arrays sort after strings, so each
 * kind is one key range, and so are the blocks of one track.
 */

import { getMany, promisifyRequest, type UseStore } from 'idb-keyval';

import { TimeoutError } from '../errors.ts';
import {
  blockLength,
  type BlockStore,
  isSameLayout,
  type StoredTrack,
  type TrackRecord,
  type WriteOutcome,
} from './block-store.ts';
import { versionOf } from './content-range.ts';

type BlockKey = [cacheKey: string, version: string, blockBytes: number, index: number];

const STORE_NAME = 'blocks';
const TIMEOUT_MS = 5000; // Safari over quota may never answer; a block takes 2 ms
const MAX_FAILURES = 3; // in a row; after them the database is left alone

/** True where there is IndexedDB, whether it opens or not. */
export function hasDatabases(): boolean {
  return globalThis.indexedDB !== undefined;
}

/** Opens the database `name`. Resolves to `undefined` where there is no IndexedDB, or none that opens. */
export async function openIdbBlockStore(name: string): Promise<BlockStore | undefined> {
  const database = new Database(name);
  try {
    await database.use('readonly', () => undefined);
    return new IdbBlockStore(database);
  } catch {
    return undefined;
  }
}

class IdbBlockStore implements BlockStore {
  readonly #database: Database;
  #failures = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  find(key: string): Promise<StoredTrack | undefined> {
    return this.#attempt(undefined, (use) =>
      use('readonly', async (store) => {
        const [record, keys] = await Promise.all([
          promisifyRequest<TrackRecord | undefined>(store.get(key)),
          promisifyRequest(store.getAllKeys(blocksOf(key))),
        ]);
        return record && gather(record, keys as BlockKey[]);
      }),
    );
  }

  list(): Promise<StoredTrack[]> {
    return this.#attempt([], (use) =>
      use('readonly', async (store) => {
        const [records, keys] = await Promise.all([
          promisifyRequest<TrackRecord[]>(store.getAll(IDBKeyRange.upperBound([], true))),
          promisifyRequest(store.getAllKeys(IDBKeyRange.lowerBound([]))),
        ]);
        return records.map((record) => gather(record, keys as BlockKey[]));
      }),
    );
  }

  async read(record: TrackRecord, indices: readonly number[]): Promise<(ArrayBuffer | undefined)[]> {
    const keys = indices.map((index) => blockKey(record, index));
    const blocks = await this.#attempt([], (use) => getMany<ArrayBuffer>(keys, use));
    return indices.map((index, at) => {
      const block = blocks[at];
      return block?.byteLength === blockLength(record, index) ? block : undefined;
    });
  }

  write(record: TrackRecord, blocks: ReadonlyMap<number, ArrayBuffer>): Promise<WriteOutcome> {
    return this.#attempt('failed', async (use) => {
      try {
        await use('readwrite', async (store) => {
          const former = await promisifyRequest<TrackRecord | undefined>(store.get(record.key));
          if (former !== undefined && !isSameLayout(former, record)) store.delete(blocksOf(record.key));
          store.put(record, record.key);
          for (const [index, block] of blocks) store.put(block, blockKey(record, index));
          await promisifyRequest(store.transaction);
        });
        return 'written';
      } catch (error) {
        if (error instanceof DOMException && error.name === 'QuotaExceededError') return 'full';
        throw error;
      }
    });
  }

  remove(key: string, indices?: readonly number[]): Promise<void> {
    return this.#attempt(undefined, (use) =>
      use('readwrite', async (store) => {
        const record = await promisifyRequest<TrackRecord | undefined>(store.get(key));
        if (indices === undefined) {
          store.delete(key);
          store.delete(blocksOf(key));
        } else if (record !== undefined) {
          for (const index of indices) store.delete(blockKey(record, index));
        }
        await promisifyRequest(store.transaction);
      }),
    );
  }

  clear(): Promise<void> {
    return this.#attempt(undefined, (use) =>
      use('readwrite', async (store) => {
        store.clear();
        await promisifyRequest(store.transaction);
      }),
    );
  }

  async quotaBytes(): Promise<number | undefined> {
    const estimate = await navigator.storage?.estimate().catch(() => undefined);
    return estimate?.quota;
  }

  close(): void {
    this.#failures = MAX_FAILURES;
    this.#database.close();
  }

  /** What `work` resolves to, or `fallback` where the database fails, hangs or has failed too often. */
  async #attempt<Value>(fallback: Value, work: (use: UseStore) => Promise<Value>): Promise<Value> {
    if (this.#failures >= MAX_FAILURES) return fallback;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const timeout = new Promise<never>((_resolve, reject) => {
      const expire = (): void => reject(new TimeoutError(this.#database.name, TIMEOUT_MS, 'the database'));
      timer = setTimeout(expire, TIMEOUT_MS);
    });
    try {
      const value = await Promise.race([work(this.#database.use), timeout]);
      this.#failures = 0;
      return value;
    } catch {
      this.#failures += 1;
      this.#database.close();
      return fallback;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** A connection that is opened when it is first needed, and again after the browser has taken it away. */
class Database {
  readonly name: string;
  #connection: Promise<IDBDatabase> | undefined;

  constructor(name: string) {
    this.name = name;
  }

  /** Lends the object store of one transaction. */
  readonly use: UseStore = async (mode, callback) => {
    const database = await (this.#connection ??= this.#open());
    // A block lost in a power cut is fetched again: not worth the wait for the disk.
    return callback(database.transaction(STORE_NAME, mode, { durability: 'relaxed' }).objectStore(STORE_NAME));
  };

  close(): void {
    this.#connection?.then(
      (database) => database.close(),
      () => {},
    );
    this.#connection = undefined;
  }

  async #open(): Promise<IDBDatabase> {
    const request = indexedDB.open(this.name);
    request.addEventListener('upgradeneeded', () => request.result.createObjectStore(STORE_NAME));
    const database = await promisifyRequest(request);
    database.addEventListener('close', () => this.close());
    database.addEventListener('versionchange', () => this.close());
    return database;
  }
}

function blockKey(record: TrackRecord, index: number): BlockKey {
  return [record.key, versionOf(record), record.blockBytes, index];
}

/** Every block of a track, whatever its version. */
function blocksOf(key: string): IDBKeyRange {
  return IDBKeyRange.bound([key], [key, []]);
}

function gather(record: TrackRecord, keys: readonly BlockKey[]): StoredTrack {
  const version = versionOf(record);
  const own = keys.filter(
    ([key, itsVersion, blockBytes]) => key === record.key && itsVersion === version && blockBytes === record.blockBytes,
  );
  return { record, indices: own.map(([, , , index]) => index) };
}
