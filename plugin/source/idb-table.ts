/**
 * Tracks and blocks in IndexedDB, through idb-keyval. The only file that touches `indexedDB`.
 *
 * One database a cache, with one object store. A track lies under its cache key, a string; a block, a bare `ArrayBuffer`
 * of its exact size, under `[cacheKey, version, blockBytes, index]`. Arrays sort after strings, so each kind is one key
 * range, and so are the blocks of one track.
 */

import { get, getMany, promisifyRequest, type UseStore } from 'idb-keyval';

import { TimeoutError } from '../errors.ts';
import type { Rows, StoredTrack, Table, TransactionMode } from './block-store.ts';

const STORE_NAME = 'blocks';
const TIMEOUT_MS = 5000; // halved by each failure in a row; Safari over quota may never answer, a block takes 2 ms
const MAX_FAILURES = 3; // in a row; after them the database is left alone

/** A track as it lies in the store: maps take longer to clone than arrays. */
interface TrackRow extends Omit<StoredTrack, 'checksums'> {
  /** Index and checksum of each block in turn. */
  readonly checksums: Uint32Array;
}

/** True where there is IndexedDB, whether it opens or not. */
export function hasDatabases(): boolean {
  return globalThis.indexedDB !== undefined;
}

/** Opens the database `name`. Resolves to `undefined` where there is no IndexedDB, or none that opens. */
export async function openIdbTable(name: string): Promise<Table | undefined> {
  const table = new IdbTable(name);
  try {
    await table.transact('readonly', async () => {});
    return table;
  } catch {
    return undefined;
  }
}

/** A connection that is opened when it is first needed, and again after the browser has taken it away. */
class IdbTable implements Table {
  readonly #name: string;
  #connection: Promise<IDBDatabase> | undefined;
  #failures = 0;

  constructor(name: string) {
    this.#name = name;
  }

  async transact<Value>(mode: TransactionMode, work: (rows: Rows) => Promise<Value>): Promise<Value> {
    if (this.#failures >= MAX_FAILURES) throw new Error(`The database ${this.#name} is out of use.`);
    const connection = (this.#connection ??= this.#open());
    const timeoutMs = TIMEOUT_MS / 2 ** this.#failures;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const timeout = new Promise<never>((_resolve, reject) => {
      const expire = (): void => reject(new TimeoutError(this.#name, timeoutMs, 'the database'));
      timer = setTimeout(expire, timeoutMs);
    });
    try {
      const value = await Promise.race([this.#run(connection, mode, work), timeout]);
      this.#failures = 0;
      return value;
    } catch (error) {
      const isFull = error instanceof DOMException && error.name === 'QuotaExceededError';
      // A connection that is lost is one failure, however many transactions end with it.
      if (!isFull && connection === this.#connection) {
        this.#failures += 1;
        this.#disconnect();
      }
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  async quotaBytes(): Promise<number | undefined> {
    const estimate = await navigator.storage?.estimate().catch(() => undefined);
    return estimate?.quota;
  }

  close(): void {
    this.#failures = MAX_FAILURES;
    this.#disconnect();
  }

  async #run<Value>(
    connection: Promise<IDBDatabase>,
    mode: TransactionMode,
    work: (rows: Rows) => Promise<Value>,
  ): Promise<Value> {
    const database = await connection;
    // A block lost in a power cut is fetched again: not worth the wait for the disk.
    const transaction = database.transaction(STORE_NAME, mode, { durability: 'relaxed' });
    const done = promisifyRequest(transaction);
    done.catch(() => {}); // heard of below, or of no matter any more
    try {
      const value = await work(new IdbRows(transaction.objectStore(STORE_NAME)));
      if (mode === 'readwrite') await done;
      return value;
    } catch (error) {
      if (transaction.error === null) transaction.abort();
      throw transaction.error ?? error;
    }
  }

  #disconnect(): void {
    this.#connection?.then(
      (database) => database.close(),
      () => {},
    );
    this.#connection = undefined;
  }

  /** Without a `version`, the database as it is. */
  async #open(version?: number): Promise<IDBDatabase> {
    const request = indexedDB.open(this.#name, version);
    request.addEventListener('upgradeneeded', () => request.result.createObjectStore(STORE_NAME));
    const database = await promisifyRequest(request);
    if (!database.objectStoreNames.contains(STORE_NAME)) {
      database.close(); // somebody else has made it: its next version has the store
      return this.#open(database.version + 1);
    }
    database.addEventListener('close', () => this.#disconnect());
    database.addEventListener('versionchange', () => this.#disconnect());
    return database;
  }
}

class IdbRows implements Rows {
  readonly #store: IDBObjectStore;
  /** Lets idb-keyval work within this transaction. */
  readonly #use: UseStore = async (_mode, callback) => callback(this.#store);

  constructor(store: IDBObjectStore) {
    this.#store = store;
  }

  async track(cacheKey: string): Promise<StoredTrack | undefined> {
    return fromRow(await get<TrackRow>(cacheKey, this.#use));
  }

  async tracks(): Promise<StoredTrack[]> {
    const rows = await promisifyRequest<TrackRow[]>(this.#store.getAll(IDBKeyRange.upperBound([], true)));
    return rows.map(fromRow).filter((track) => track !== undefined);
  }

  blocks(keys: Parameters<Rows['blocks']>[0]): Promise<(ArrayBuffer | undefined)[]> {
    return getMany<ArrayBuffer | undefined>(keys as unknown as IDBValidKey[], this.#use);
  }

  putTrack(track: StoredTrack): void {
    const row: TrackRow = { ...track, checksums: Uint32Array.from([...track.checksums].flat()) };
    this.#store.put(row, track.record.key);
  }

  putBlock(key: Parameters<Rows['putBlock']>[0], block: ArrayBuffer): void {
    this.#store.put(block, [...key]);
  }

  deleteTrack(cacheKey: string): void {
    this.#store.delete(cacheKey);
  }

  deleteBlock(key: Parameters<Rows['deleteBlock']>[0]): void {
    this.#store.delete([...key]);
  }

  deleteBlocks(cacheKey: string): void {
    this.#store.delete(IDBKeyRange.bound([cacheKey], [cacheKey, []]));
  }

  clear(): void {
    this.#store.clear();
  }
}

/** `undefined` where there is no row, or one that is not of this layout. */
function fromRow(row: TrackRow | undefined): StoredTrack | undefined {
  if (!(row?.checksums instanceof Uint32Array)) return undefined;
  const checksums = new Map<number, number>();
  for (let at = 0; at < row.checksums.length; at += 2) {
    checksums.set(row.checksums[at] as number, row.checksums[at + 1] as number);
  }
  return { ...row, checksums };
}
