/** Pages that read through a block cache, and what the tests of it compare: shared by `cache-*.browser.test.ts`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { AudioCache, AudioCacheOptions } from '../../plugin/core.ts';
import { type Chromium, launchChromium, type TestPage } from '../support/chromium.ts';
import type { ScriptablePage } from '../support/engine.ts';
import { mountHarness } from '../support/game.ts';
import { sha256Of } from '../support/idb.ts';
import { type RangeServer, startRangeServer } from '../support/range-server.ts';

declare global {
  interface Window {
    /** What `openCache` has opened. */
    audioCache: AudioCache;
  }
}

/** A part of a file: bytes `[start, start + length)`. */
export interface Place {
  readonly path: string;
  readonly start: number;
  readonly length: number;
}

export interface CacheWorld {
  readonly server: RangeServer;
  /** The folder of the browser's profile, which outlives a browser. */
  readonly profile: string;
}

export const CACHE_NAME = 'phaser-streaming-audio';

/** The server has the harness page at `/`, and `files` by their paths. */
export async function openCacheWorld(files: Readonly<Record<string, Uint8Array>>): Promise<CacheWorld> {
  const server = await startRangeServer(files);
  mountHarness(server);
  return { server, profile: mkdtempSync(path.join(tmpdir(), 'profile-')) };
}

export async function closeCacheWorld({ server, profile }: CacheWorld): Promise<void> {
  await server.close();
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
}

export function launchIn({ profile }: CacheWorld): Promise<Chromium> {
  return launchChromium({ profile });
}

/** A tab with the harness page. */
export async function openTab(chromium: Chromium, { server }: CacheWorld): Promise<TestPage> {
  const page = await chromium.open(`${server.url}/`);
  await page.until(() => window.harness);
  return page;
}

/** Opens a cache as `window.audioCache`. */
export function openCache(page: TestPage, options: AudioCacheOptions = {}): Promise<void> {
  return page.evaluate(async (asked) => {
    window.audioCache = await window.harness.library.openAudioCache(asked);
  }, options);
}

/** Waits until all that has arrived is stored, or given up. */
export function settleCache(page: TestPage): Promise<void> {
  return page.evaluate(async () => void (await window.audioCache.usage()));
}

/** Reads one place after the other through `window.audioCache`, two tracks open at once; gives the hash of each. */
export function readPlaces(page: TestPage, places: readonly Place[], blockBytes?: number): Promise<string[]> {
  const work = async (asked: { places: readonly Place[]; blockBytes?: number }): Promise<string[]> => {
    const streams = new Map<string, Awaited<ReturnType<typeof window.harness.library.openSeekableStream>>>();
    const open = async (url: string) => {
      const found = streams.get(url);
      if (found !== undefined) return found;
      const [oldest] = streams;
      if (oldest !== undefined && streams.size > 1) {
        oldest[1].close();
        streams.delete(oldest[0]);
      }
      const options = { cache: window.audioCache, blockBytes: asked.blockBytes, retry: { tries: 1 } };
      const stream = await window.harness.library.openSeekableStream(url, options);
      streams.set(url, stream);
      return stream;
    };
    const hashes: string[] = [];
    try {
      for (const { path: url, start, length } of asked.places) {
        const stream = await open(url);
        await stream.seek(start);
        const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', await stream.read(length)));
        hashes.push(Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join(''));
      }
    } finally {
      for (const stream of streams.values()) stream.close();
    }
    return hashes;
  };
  const asked = { places, ...(blockBytes === undefined ? {} : { blockBytes }) };
  return page.evaluate(work, asked, { timeoutMs: READ_TIMEOUT_MS });
}

const READ_TIMEOUT_MS = 60_000; // of hundreds of reads, on a busy machine

/** What `readPlaces` gives where every byte is the file's. */
export function hashesOf(places: readonly Place[], fileOf: (path: string) => Uint8Array): string[] {
  return places.map(({ path: name, start, length }) => sha256Of(fileOf(name).subarray(start, start + length)));
}

/** All of a file. */
export function wholeOf(name: string, bytes: Uint8Array): Place {
  return { path: name, start: 0, length: bytes.length };
}

/** Puts other bytes in place of the block at `index` of the only track, or none. */
export function damageBlock(page: ScriptablePage, index: number, kind: 'garbled' | 'short' | 'gone'): Promise<void> {
  return page.evaluate(
    async (asked) => {
      const done = (target: EventTarget, name: string): Promise<unknown> =>
        new Promise((resolve) => target.addEventListener(name, resolve));
      const opening = indexedDB.open('phaser-streaming-audio');
      await done(opening, 'success');
      const transaction = opening.result.transaction('blocks', 'readwrite');
      const rows = transaction.objectStore('blocks');
      const keys = rows.getAllKeys();
      await done(keys, 'success');
      const key = keys.result.find((one) => Array.isArray(one) && one.at(-1) === asked.index);
      if (key === undefined) throw new Error('There is no such block.');
      const block = rows.get(key);
      await done(block, 'success');
      const bytes = new Uint8Array(block.result as ArrayBuffer);
      bytes[1000] = (bytes[1000] ?? 0) ^ 1;
      if (asked.kind === 'gone') rows.delete(key);
      else rows.put(asked.kind === 'short' ? bytes.slice(0, 5000).buffer : bytes.buffer, key);
      await done(transaction, 'complete');
      opening.result.close();
    },
    { index, kind },
  );
}

/** How long something takes. */
export async function msOf(work: () => Promise<void>): Promise<number> {
  const startedAt = Date.now();
  await work();
  return Date.now() - startedAt;
}
