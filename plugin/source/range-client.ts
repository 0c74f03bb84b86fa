/** Byte ranges of one file, streamed: asked on for where they end early, asked again where they fail, and compared. */

import {
  type ByteRange,
  HttpError,
  InvalidRangeResponseError,
  NetworkError,
  RangeNotSupportedError,
  ResourceChangedError,
} from '../errors.ts';
import { abortable } from './abortable.ts';
import { parseContentLength, parseContentRange, readValidators, type Validators, versionOf } from './content-range.ts';
import type { Exchange } from './exchange.ts';
import { OriginServer } from './origin-server.ts';
import { isPage, type RangeAnswer, readAnswer } from './range-answer.ts';
import type { RemoteFile } from './remote-file.ts';
import type { ResolvedRequest } from './request-options.ts';
import type { RequestSlots } from './request-slots.ts';
import { delay, isOffline, isTransient, parseRetryAfter, planRetry, untilOnline } from './retry.ts';
import type { Tally } from './tally.ts';

/** A piece of the file, as it arrived. */
export interface Chunk {
  readonly position: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What a client works with. */
export interface RangeClientOptions {
  readonly request: ResolvedRequest;
  readonly file: RemoteFile;
  readonly tally: Tally;
  readonly slots: RequestSlots;
  /** The client's own lifetime, beside that of each download. */
  readonly signal: AbortSignal;
  /** The bytes in memory that lie right before a position, at most `length`. */
  readonly bytesBefore: (position: number, length: number) => Uint8Array;
  /** Called after the tally, or what is known of the file, has changed. */
  readonly onChange: () => void;
}

/** How one download goes about it. */
export interface DownloadOptions {
  readonly signal: AbortSignal;
  /** True as long as somebody waits for the bytes; false for what is read ahead. */
  readonly isUrgent: () => boolean;
  /** Called with every answer that has passed its checks, before its body. */
  readonly onAnswer: (answer: RangeAnswer) => void;
}

/** How far a download has come. */
interface Progress {
  readonly start: number;
  position: number;
  end: number;
  /** What the last answer asked for in its `Retry-After`. */
  retryAfterMs: number | undefined;
}

const PIECE_BYTES = 64 * 2 ** 10; // 64 KiB: left to itself, Chromium hands over 2 MiB at once after a pause
const OVERLAP_BYTES = 16; // of random samples, 1 in 2¹²⁸ would agree by chance
const FIRST_BYTE = { start: 0, end: 1 };

export class RangeClient {
  readonly #options: RangeClientOptions;
  readonly #server: OriginServer;
  #sizeProbe: Promise<void> | undefined;

  constructor(options: RangeClientOptions) {
    this.#options = options;
    this.#server = new OriginServer(options.request, () => {
      options.tally.requests += 1;
      options.onChange();
    });
  }

  /** What is known of the file so far. */
  get file(): RemoteFile {
    return this.#options.file;
  }

  /**
   * The bytes of `range` as they arrive, in order and without gaps. Asks on where the server cuts a range short, and
   * again where it fails for the moment; once the file is known, a device that is offline is waited for. Where the
   * server sends whole files only, the bytes are all of the file's, from 0.
   *
   * @throws `http`, `network`, `timeout`, `invalid-range-response`, `range-not-supported`, `resource-changed`, or the
   *   signal's reason
   */
  async *download({ start, end }: ByteRange, options: DownloadOptions): AsyncGenerator<Chunk, void, undefined> {
    const progress: Progress = { start, position: start, end, retryAfterMs: undefined };
    for (let failures = 0; progress.position < progress.end;) {
      const { position } = progress;
      try {
        yield* this.#attempt(progress, options);
        failures = 0;
      } catch (error) {
        if (!isTransient(error)) throw error;
        failures = progress.position > position ? 1 : failures + 1;
        if (this.file.isKnown && isOffline()) {
          failures = 0;
          await untilOnline(options.signal);
        } else {
          const waitMs = planRetry(failures, this.#options.request.retry, progress.retryAfterMs);
          if (waitMs === undefined) throw error;
          await delay(waitMs, options.signal);
        }
      }
    }
  }

  /** Looks again at whose turn it is to ask: somebody's `isUrgent` has changed. */
  reviewTurns(): void {
    this.#options.slots.review();
  }

  /**
   * False where the remote file is another one by now: by HEAD, and by one byte where that is refused, or contradicts
   * what is known. Never rejects.
   */
  async isCurrent(): Promise<boolean> {
    const received = await this.#lookBy('HEAD');
    if (received !== undefined && this.file.agrees(received)) return true;
    const next = await this.#lookBy('GET');
    if (next === undefined) return true;
    if (received !== undefined) this.file.distrust(received, next);
    return this.file.agrees(next);
  }

  /** Never rejects. */
  async #lookBy(method: 'HEAD' | 'GET'): Promise<Validators | undefined> {
    // With a range, clients ask for the bytes as they are: a compressed file has another length and ETag.
    const range = method === 'HEAD' ? { start: 0, end: Infinity } : FIRST_BYTE;
    const exchange = this.#server.open(range, this.#options.signal);
    try {
      const { ok, status, headers } = await this.#server.ask(exchange, method, false);
      if (!ok) return undefined;
      const isPart = method === 'GET' && status === 206;
      const { size } = parseContentRange(headers.get('content-range') ?? '') ?? {};
      const validators = readValidators(headers, size ?? (isPart ? undefined : parseContentLength(headers)));
      // A page in place of the file comes from another server: a captive portal, for example.
      return isPage(headers) && !this.file.agrees(validators) ? undefined : validators;
    } catch {
      return undefined;
    } finally {
      exchange.end();
    }
  }

  async *#attempt(progress: Progress, options: DownloadOptions): AsyncGenerator<Chunk, void, undefined> {
    const overlap = this.file.isHidden ? this.#overlapAt(progress.position) : new Uint8Array();
    const requested = { start: progress.position - overlap.length, end: progress.end };
    progress.retryAfterMs = undefined;
    const freeSlot = await this.#options.slots.take(this.#server.host, options);
    const exchange = this.#server.open(requested, options.signal);
    try {
      const response = await this.#server.ask(exchange, 'GET', true);
      progress.retryAfterMs = parseRetryAfter(response.headers.get('retry-after'));
      const wasHidden = this.file.isHidden;
      const answer = await this.#accept(response, requested);
      if (answer.isHidden && !wasHidden && this.#overlapAt(requested.start).length > 0) return; // again, with overlap
      if (answer.isWhole) {
        startOver(progress);
        freeSlot(); // it may last as long as the music
      } else if (this.file.size === undefined) this.#sizeProbe ??= this.#probeSize(answer);
      this.#options.onChange();
      options.onAnswer(answer);

      const { position } = progress;
      const known = answer.isWhole ? this.#overlapAt(position) : overlap;
      yield* this.#receive(response, answer, progress, known, exchange);
      await abortable(this.#sizeProbe ?? Promise.resolve(), options.signal);
      this.#findEnd(answer, progress, requested, position);
    } finally {
      freeSlot();
      exchange.end();
    }
  }

  /** The answer, if it belongs to the file. */
  async #accept(response: Response, requested: ByteRange): Promise<RangeAnswer> {
    const { url, requireRange } = this.#options.request;
    const answer = readAnswer(url, response, requested);
    if (answer.isWhole && requireRange) throw new RangeNotSupportedError(url);
    if (!answer.isWhole && !this.file.agrees(answer.validators)) {
      const next = (await this.#lookBy('HEAD')) ?? (await this.#lookBy('GET'));
      if (next !== undefined) this.file.distrust(answer.validators, next);
    }
    this.file.accept(answer, requested);
    this.file.redirect(response.url);
    return answer;
  }

  async *#receive(
    response: Response,
    answer: RangeAnswer,
    progress: Progress,
    overlap: Uint8Array,
    exchange: Exchange,
  ): AsyncGenerator<Chunk, void, undefined> {
    const { request, tally, onChange } = this.#options;
    const reader = response.body && openBody(response.body);
    const promised = answer.isWhole ? this.file.size : answer.end;
    const end = Math.min(promised ?? Infinity, progress.end);
    let received = answer.start;
    while (received < end) {
      if (reader === null) break;
      const askedAt = performance.now();
      const reading = reader.read(new Uint8Array(PIECE_BYTES));
      const { done, value } = await exchange.within(request.timeouts.stallMs, 'more of the body', reading);
      if (done) break;
      const { position } = progress;
      if (received < position) this.#compare(value, received - (position - overlap.length), overlap);
      const bytes = value.subarray(Math.max(0, position - received), end - received);
      received += value.length;
      tally.receive(value.length, askedAt, performance.now());
      progress.position += bytes.length;
      onChange();
      if (bytes.length > 0) yield { position, bytes };
    }
    if (received < end && promised !== undefined) {
      const cause = new Error(`The body ended at byte ${received}.`);
      throw new NetworkError(request.url, false, { cause, requested: exchange.requested });
    }
    if (received < progress.position) this.#reportOtherBytes(); // it ends before what is at hand
  }

  /** Bytes that are at hand and have come again must be the same: where `Content-Range` is hidden nothing else tells. */
  #compare(bytes: Uint8Array, offset: number, overlap: Uint8Array): void {
    if (overlap.some((byte, index) => (bytes[index - offset] ?? byte) !== byte)) this.#reportOtherBytes();
  }

  #reportOtherBytes(): never {
    throw new ResourceChangedError(this.#options.request.url, versionOf(this.file.validators), 'other bytes');
  }

  /** After a body that was to go on from `from`: what it shows of the file's end. */
  #findEnd(answer: RangeAnswer, progress: Progress, requested: ByteRange, from: number): void {
    const { start, position } = progress;
    const { file, request, onChange } = this.#options;
    const isEmpty = position === from;
    // A 206 brings a byte at least (RFC 9110, section 14.4), unless it was asked for bytes before the end, to compare.
    if (isEmpty && answer.status === 206 && requested.start === from) {
      throw new InvalidRangeResponseError(request.url, requested, 'no bytes');
    }
    if (file.size === undefined) {
      // Behind bytes that did come, nothing is the end; after a jump the end may lie anywhere before.
      const isEnd = answer.isWhole || (isEmpty && (position > start || requested.start < position));
      if (isEnd) file.learnSize(position);
      else if (isEmpty) file.learnNothingAt(position);
      onChange();
    }
    progress.end = Math.min(progress.end, file.latestEnd);
    if (isEmpty && position < progress.end) {
      throw new HttpError(request.url, answer.status, answer.statusText, requested);
    }
  }

  #overlapAt(position: number): Uint8Array {
    return this.#options.bytesBefore(position, OVERLAP_BYTES);
  }

  /**
   * `Content-Range` is hidden: the complete length, which a HEAD shows, comes beside the body. Some servers answer HEAD
   * with the length of what they send then, which is nothing: no file ends before bytes that came.
   */
  async #probeSize({ start, end = start + 1 }: RangeAnswer): Promise<void> {
    const received = await this.#lookBy('HEAD');
    if (received === undefined || !this.file.agrees(received) || (received.size ?? end) < end) return;
    this.file.learn(received);
    this.#options.onChange();
  }
}

/** A whole file begins at 0: all of it is new where nothing has arrived yet, else what has arrived is passed over. */
function startOver(progress: Progress): void {
  if (progress.position === progress.start) progress.position = 0;
  progress.end = Infinity;
}

/** Reads no more at once than it is given room for, where the browser can: others hand over what they have. */
function openBody(body: NonNullable<Response['body']>): ReadableStreamBYOBReader {
  try {
    return body.getReader({ mode: 'byob' });
  } catch {
    return body.getReader() as ReadableStreamDefaultReader & ReadableStreamBYOBReader;
  }
}
