/** Streams that a server misleads, at their opening or in mid-session: what they end in, and what that costs. */
import {
  isStreamingAudioError,
  openSeekableStream,
  type SeekableStream,
  type SeekableStreamOptions,
  type StreamingAudioErrorCode,
} from '../../plugin/core.ts';
import { type PolicyOf, type RangeServer, startRangeServer } from '../support/range-server.ts';
import { pseudoRandomBytes } from '../support/served-content.ts';

export const PATH = '/track.wav';
/** What a good server says of the file. */
export const VERSION = { etag: '"v1"', lastModified: 'Tue, 03 Nov 2026 10:00:00 GMT' };
/** Three of its blocks and a byte: the request that opens it asks for all of it. */
export const SHORT = pseudoRandomBytes(3 * 1024 + 1);
const SHORT_BLOCK = 1024;
/** Far longer than what its opening asks for. */
export const LONG = pseudoRandomBytes(3_000_000);
const LONG_BLOCK = 4096;
/** Three of its blocks, in the middle: reading them is one request for just these bytes. */
export const TARGET = { start: 488 * LONG_BLOCK, end: 491 * LONG_BLOCK };

const QUICK: SeekableStreamOptions = { retry: { tries: 3, baseDelayMs: 1 }, readAheadBytes: 0 };

export type Ending = 'right bytes' | 'wrong bytes' | StreamingAudioErrorCode;

/** What a read came to, and how many requests that took, HEADs and redirects included. */
export interface Outcome {
  readonly ending: Ending;
  readonly requests: number;
}

const cleanups: (() => unknown)[] = [];

/** Closes what was opened; for `afterEach`. */
export async function cleanUp(): Promise<void> {
  for (const close of cleanups.splice(0).toReversed()) await close();
}

export async function serve(bytes: Uint8Array, policy: PolicyOf = {}): Promise<RangeServer> {
  const server = await startRangeServer({}, policy);
  cleanups.push(() => server.close());
  server.mount(PATH, bytes, VERSION);
  return server;
}

export function urlOf(server: RangeServer, query = ''): string {
  return `${server.url}${PATH}${query}`;
}

/** Opens `SHORT`, or what else is served, in blocks of 1 KiB. */
export async function open(server: RangeServer, options: SeekableStreamOptions = {}): Promise<SeekableStream> {
  return openAt(urlOf(server), { blockBytes: SHORT_BLOCK, ...options });
}

export async function openAt(url: string, options: SeekableStreamOptions = {}): Promise<SeekableStream> {
  const stream = await openSeekableStream(url, { ...QUICK, ...options });
  cleanups.push(() => stream.close());
  return stream;
}

/** `LONG`, opened at a good server and read from for the first time; the log is empty. */
export async function openSession(options: SeekableStreamOptions = {}, query = '') {
  const server = await serve(LONG);
  const stream = await openAt(urlOf(server, query), { blockBytes: LONG_BLOCK, ...options });
  await stream.read(10);
  server.clearLog();
  return { server, stream };
}

/** Opens `SHORT` and reads all of it; the server lies from the first request on. */
export async function readAtOpening(policy: PolicyOf, options: SeekableStreamOptions = {}): Promise<Outcome> {
  const server = await serve(SHORT, policy);
  const reading = open(server, options).then((stream) => stream.read());
  return { ending: await endingOf(reading, SHORT), requests: server.log.length };
}

/** Reads `TARGET` in mid-session, from a server that begins to lie; then once more, from one that is good again. */
export async function readInSession(
  policy: PolicyOf,
  options: SeekableStreamOptions = {},
): Promise<Outcome & { readonly later: Ending }> {
  const { server, stream } = await openSession(options);
  server.policy = policy;
  const ending = await endingOf(readTarget(stream), bytesOf(TARGET));
  const requests = server.log.length;
  server.policy = {};
  return { ending, requests, later: await endingOf(readTarget(stream), bytesOf(TARGET)) };
}

export async function readTarget(stream: SeekableStream): Promise<Uint8Array> {
  await stream.seek(TARGET.start);
  return stream.read(TARGET.end - TARGET.start);
}

export function bytesOf({ start, end }: { readonly start: number; readonly end: number }): Uint8Array {
  return LONG.subarray(start, end);
}

/** What `reading` comes to. Rejects with what is no error of the plugin. */
export async function endingOf(reading: Promise<Uint8Array>, expected: Uint8Array): Promise<Ending> {
  try {
    return Buffer.from(await reading).equals(expected) ? 'right bytes' : 'wrong bytes';
  } catch (error) {
    if (isStreamingAudioError(error)) return error.code;
    throw error;
  }
}
