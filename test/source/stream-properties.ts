/**
 * What holds for any sequence of operations: every byte is the file's, or there is an error that says why not. The unit
 * tests try a few sequences of each, `*.properties.test.ts` thousands.
 */
import { expect } from '@jest/globals';
import * as fc from 'fast-check';

import { openSeekableStream, type SeekableStream, type SeekableStreamOptions } from '../../plugin/core.ts';
import { AudioCache } from '../../plugin/source/audio-cache.ts';
import { BlockStore } from '../../plugin/source/block-store.ts';
import { MemoryTable } from '../../plugin/source/memory-table.ts';
import type { Policy, PolicyOf, RangeServer } from '../support/range-server.ts';
import { pseudoRandomBytes } from '../support/served-content.ts';
import { apply, type Operation, operationOn, type Result, StreamModel } from './stream-model.ts';

export const PATH = '/track.wav';
const SIZE = 700_001; // more than an opening asks for
export const BYTES = pseudoRandomBytes(SIZE);

const HIDDEN: Policy = { headers: { 'content-range': null } };

/** Good servers, each in its own way. */
export const SERVERS: [string, PolicyOf][] = [
  ['with Range', {}],
  ['that shortens ranges', { mostBytes: 100_000 }],
  ['that lengthens ranges', { moveEnd: 50_000 }],
  ['without lengths', { noLength: true }],
  ['that tells no total', { total: '*' }],
  ['that hides Content-Range', HIDDEN],
  [
    'that hides Content-Range, shortens ranges and refuses HEAD',
    ({ method }) => (method === 'HEAD' ? { status: 405 } : { ...HIDDEN, mostBytes: 300_000 }),
  ],
  ['without Range', { ranges: false }],
  ['without Range and lengths', { ranges: false, noLength: true }],
  ['without validators', { etag: null, lastModified: null }],
];

/** How a lie may be called. */
const FAILURES = new Set<Result>(['http', 'network', 'timeout', 'invalid-range-response', 'resource-changed']);

const anOperation = operationOn(SIZE);
const someOperations = fc.array(anOperation, { maxLength: 12 });
const aBlockSize = fc.constantFrom(1024, 4096, 65_536, 262_144);

/** What goes wrong with one answer and right with the next. */
const passingFault: fc.Arbitrary<Policy> = fc.oneof(
  fc.record({ status: fc.constantFrom(408, 429, 500, 502, 503, 504) }),
  fc.record({ cut: fc.nat(SIZE) }),
  fc.record({ cut: fc.nat(2000) }),
  fc.record({ cut: fc.nat(SIZE), noLength: fc.constant(true) }),
  fc.record({ truncate: fc.nat(SIZE), noLength: fc.constant(true) }),
  fc.record({ truncate: fc.nat(SIZE), untilClose: fc.constant(true) }),
  fc.record({ mostBytes: fc.integer({ min: 1, max: SIZE }) }),
  fc.record({ moveEnd: fc.integer({ min: -SIZE, max: SIZE }) }),
  fc.record({ total: fc.constant('*' as const) }),
  fc.record({ ranges: fc.constant(false), cut: fc.option(fc.nat(SIZE), { nil: SIZE }) }),
  fc.constant<Policy>({}),
);

/** What must be refused, or is an error by itself. */
const lie: fc.Arbitrary<Policy> = fc.oneof(
  fc.record({ status: fc.constantFrom(204, 302, 401, 403, 404, 416) }),
  fc.record({ moveStart: fc.integer({ min: -SIZE, max: SIZE }) }),
  fc.record({ total: fc.nat(2 * SIZE) }),
  fc.record({ html: fc.constant('<p>Log in.</p>'), noLength: fc.boolean() }),
  fc.constantFrom<Policy>(
    { multipart: true },
    { headers: { 'content-encoding': 'gzip' } },
    { headers: { 'content-range': 'bytes 0-9/10' } },
    { headers: { 'content-range': 'bytes' } },
  ),
);

/** Each GET gets the next of `faults`; behind them the server is good. */
function faultsInTurn(faults: readonly Policy[]): PolicyOf {
  const left = [...faults];
  return ({ method }) => (method === 'GET' ? (left.shift() ?? {}) : {});
}

function openAt({ url }: RangeServer, options: SeekableStreamOptions): Promise<SeekableStream> {
  return openSeekableStream(url + PATH, { retry: { tries: 20, baseDelayMs: 0 }, ...options });
}

/** Gives what one in memory would. */
export function behavesOn(server: RangeServer) {
  return fc.asyncProperty(someOperations, aBlockSize, async (list, size) => {
    server.clearLog();
    const stream = await openAt(server, { blockBytes: size });
    const model = new StreamModel(BYTES);
    for (const next of list) expect(await apply(stream, next)).toEqual(model.apply(next));
    stream.close();
  });
}

/** Gives what one in memory would, as long as what goes wrong passes; the opening may go wrong too. */
export function survivesOn(server: RangeServer) {
  const step = fc.record({ faults: fc.array(passingFault, { maxLength: 4 }), next: anOperation });
  return fc.asyncProperty(fc.array(step, { maxLength: 12 }), aBlockSize, async (steps, size) => {
    server.clearLog();
    server.policy = faultsInTurn(steps[0]?.faults ?? []);
    const stream = await openAt(server, { blockBytes: size });
    const model = new StreamModel(BYTES);
    for (const { faults, next } of steps) {
      server.policy = faultsInTurn(faults);
      expect(await apply(stream, next)).toEqual(model.apply(next));
    }
    stream.close();
    server.policy = {};
  });
}

/** Gives no byte that one in memory would not: where the server lies, it fails and stays where it is. */
export function isNotFooledOn(server: RangeServer) {
  const step = fc.record({ lies: fc.array(fc.oneof(lie, passingFault), { maxLength: 3 }), next: anOperation });
  return fc.asyncProperty(fc.array(step, { maxLength: 12 }), aBlockSize, async (steps, size) => {
    server.clearLog();
    const stream = await openAt(server, { blockBytes: size, retry: { tries: 2, baseDelayMs: 0 } });
    const model = new StreamModel(BYTES);
    for (const { lies, next } of steps) {
      server.policy = faultsInTurn(lies);
      const before = stream.tell();
      const result = await apply(stream, next);
      if (FAILURES.has(result)) expect(stream.tell()).toBe(before);
      else expect(result).toEqual(model.apply(next));
    }
    stream.close();
    server.policy = {};
  });
}

/** What tells one version from the next: their length is another only where nothing else tells. */
const VERSION_KINDS = {
  etag: (count: number): Policy => ({ etag: `"${count}"`, lastModified: null }),
  date: (count: number): Policy => ({ etag: null, lastModified: new Date(1e12 + count * 1000).toUTCString() }),
  length: (): Policy => ({ etag: null, lastModified: null }),
};
const VERSIONS = [1, 2, 3, 4].map((seed) => pseudoRandomBytes(SIZE + seed, seed));

/** Gives the bytes of one version, however often the file is replaced; then it is over, and the next opening is new. */
export function neverMixesOn(server: RangeServer) {
  const replace = fc.constant('replace' as const);
  const step = fc.oneof({ arbitrary: anOperation, weight: 4 }, { arbitrary: replace, weight: 1 });
  const steps = fc.array(step, { maxLength: 16 });
  const kind = fc.constantFrom(...Object.values(VERSION_KINDS));
  return fc.asyncProperty(steps, aBlockSize, kind, fc.boolean(), async (list, size, validatorsOf, ranges) => {
    const file = new ReplacedFile(server, size, (count) => ({ ...validatorsOf(count), ranges }));
    let opening = await file.open();
    for (const next of list) {
      if (next === 'replace') file.replace();
      else if ((await follow(opening, next)) === 'over') opening = await file.open();
    }
    opening.stream.close();
    await file.end();
  });
}

interface Opening {
  readonly stream: SeekableStream;
  /** One for each version that the stream may be of. */
  models: readonly StreamModel[];
}

/** Does `next` to the stream and to its models, and drops the models that the stream is not like. */
async function follow(opening: Opening, next: Operation): Promise<'over' | 'open'> {
  const result = await apply(opening.stream, next);
  if (result === 'resource-changed') {
    expect(await apply(opening.stream, { kind: 'readAll' })).toBe('resource-changed');
    opening.stream.close();
    return 'over';
  }
  opening.models = opening.models.filter((model) => model.apply(next) === result);
  expect({ result, versions: opening.models.length }).not.toEqual({ result, versions: 0 });
  return 'open';
}

/** A file in four versions, one after the other, and a cache that its streams share. */
class ReplacedFile {
  readonly #server: RangeServer;
  readonly #blockBytes: number;
  readonly #policyOf: (count: number) => Policy;
  readonly #cache = makeCache(4 * 2 ** 20);
  #count = 0;

  constructor(server: RangeServer, size: number, policyOf: (count: number) => Policy) {
    this.#server = server;
    this.#blockBytes = size;
    this.#policyOf = policyOf;
    server.clearLog();
    this.#mount();
  }

  async open(): Promise<Opening> {
    const stream = await openAt(this.#server, { cache: this.#cache, blockBytes: this.#blockBytes });
    return { stream, models: VERSIONS.map((bytes) => new StreamModel(bytes)) };
  }

  replace(): void {
    this.#count = Math.min(this.#count + 1, VERSIONS.length - 1);
    this.#mount();
  }

  /** What a cache that holds nothing opens is the version of now. */
  async end(): Promise<void> {
    await this.#cache.clear();
    const { stream } = await this.open();
    const whole = { kind: 'readAll' } as const;
    expect(await apply(stream, whole)).toBe(new StreamModel(this.#bytes).apply(whole));
    this.#cache.close();
  }

  get #bytes(): Uint8Array {
    return VERSIONS[this.#count] ?? BYTES;
  }

  #mount(): void {
    this.#server.mount(PATH, this.#bytes, this.#policyOf(this.#count));
  }
}

/**
 * Servers, and how much of the file is held in memory at most: on one without Range more than a chunk that arrives and
 * the block that it ends in.
 */
export const SHARES: [string, PolicyOf, number[]][] = [
  ['with Range', {}, [4096, 300_000, SIZE]],
  ['without Range', { ranges: false }, [600_000, SIZE]],
];

/** Behaves as one in memory beside others that share its blocks, come and go, and want other parts of the file. */
export function sharesOn(server: RangeServer, memoryBytes: readonly number[]) {
  const closing = fc.constant('close' as const);
  const step = fc.record({
    who: fc.nat(2),
    next: fc.oneof({ arbitrary: anOperation, weight: 8 }, { arbitrary: closing, weight: 1 }),
  });
  const recentBytes = fc.constantFrom(...memoryBytes);
  const steps = fc.array(step, { maxLength: 16 });
  return fc.asyncProperty(steps, aBlockSize, recentBytes, async (list, size, recent) => {
    server.clearLog();
    const cache = makeCache(recent);
    const open = async () => {
      const stream = await openAt(server, { cache, blockBytes: size });
      return { stream, model: new StreamModel(BYTES), given: [] as Promise<Result>[], expected: [] as Result[] };
    };
    const openings = await Promise.all([open(), open(), open()]);
    for (const { who, next } of list) {
      const { stream, model, given, expected } = openings[who] ?? openings[0];
      if (next === 'close') {
        await Promise.all(given);
        stream.close();
      } else if (!stream.closed) {
        given.push(apply(stream, next));
        expected.push(model.apply(next));
      }
    }
    for (const { given, expected } of openings) expect(await Promise.all(given)).toEqual(expected);
    cache.close();
  });
}

/** Keeps that much in memory and the same in its store, so that blocks are lost while they are wanted. */
function makeCache(bytes: number): AudioCache {
  return new AudioCache({ store: new BlockStore(new MemoryTable()), maxBytes: bytes, recentBytes: bytes });
}
