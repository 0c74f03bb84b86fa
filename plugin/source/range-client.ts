/** Asks a server for byte ranges of one file and streams what it answers. The only file that calls `fetch`. */

import { type ByteRange, HttpError, isStreamingAudioError, NetworkError } from '../errors.ts';
import { abortable } from './abortable.ts';
import { agree, formatRange, parseContentLength, readValidators, type Validators } from './content-range.ts';
import { Exchange } from './exchange.ts';
import { type RangeAnswer, readAnswer } from './range-answer.ts';
import type { RemoteFile } from './remote-file.ts';
import type { ResolvedRequest } from './request-options.ts';
import { delay, isTransient, parseRetryAfter, planRetry } from './retry.ts';

/** What a track has cost so far. */
export interface SourceStats {
  /** HTTP requests made, failed ones and HEAD included. */
  readonly requests: number;
  /** Bytes of bodies that came over the network. */
  readonly bytesReceived: number;
  /** Bytes that came out of the store instead. */
  readonly bytesFromCache: number;
}

/** `SourceStats` for those who count. */
export type Tally = { -readonly [Name in keyof SourceStats]: SourceStats[Name] };

/** A piece of the file, as it arrived. */
export interface Chunk {
  readonly position: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** How far a download has come. */
interface Progress {
  readonly start: number;
  position: number;
  end: number;
  /** What the last answer asked for in its `Retry-After`. */
  retryAfterMs: number | undefined;
}

export class RangeClient {
  /** What is known of the file so far. */
  readonly file: RemoteFile;
  readonly #request: ResolvedRequest;
  readonly #fetch: typeof globalThis.fetch;
  readonly #tally: Tally;
  /** The client's own lifetime, beside that of each download. */
  readonly #signal: AbortSignal;
  /** Called after the tally, or what is known of the file, has changed. */
  readonly #onChange: () => void;
  #sizeProbe: Promise<void> | undefined;

  constructor(request: ResolvedRequest, file: RemoteFile, tally: Tally, signal: AbortSignal, onChange: () => void) {
    this.file = file;
    this.#request = request;
    this.#fetch = request.fetch ?? globalThis.fetch.bind(globalThis);
    this.#tally = tally;
    this.#signal = signal;
    this.#onChange = onChange;
  }

  /**
   * The bytes of `range` as they arrive, in order and without gaps. Asks on where the server cuts a range short, and
   * again where it fails for the moment. Where the server sends whole files only, the bytes are all of the file's, from 0.
   *
   * @param onAnswer called with every answer that has passed its checks, before its body
   * @throws `http`, `network`, `timeout`, `invalid-range-response`, `resource-changed`, or the signal's reason
   */
  async *download(
    { start, end }: ByteRange,
    signal: AbortSignal,
    onAnswer: (answer: RangeAnswer) => void,
  ): AsyncGenerator<Chunk, void, undefined> {
    const progress: Progress = { start, position: start, end, retryAfterMs: undefined };
    for (let failures = 0; progress.position < progress.end;) {
      const { position } = progress;
      try {
        yield* this.#attempt(progress, signal, onAnswer);
      } catch (error) {
        failures = progress.position > position ? 1 : failures + 1;
        const waitMs = isTransient(error) ? planRetry(failures, this.#request.retry, progress.retryAfterMs) : undefined;
        if (waitMs === undefined) throw error;
        await delay(waitMs, signal);
      }
    }
  }

  /** The file's present validators, by HEAD; `undefined` where the server does not say. Never rejects. */
  async head(): Promise<Validators | undefined> {
    const exchange = new Exchange(this.#request.url, this.#signal);
    try {
      // With a range, clients ask for the bytes as they are: a compressed file has another length and ETag.
      const headers = new Headers(this.#request.headers);
      headers.set('range', formatRange({ start: 0, end: Infinity }));
      const response = await this.#ask(exchange, { method: 'HEAD', headers });
      return response.ok ? readValidators(response.headers, parseContentLength(response.headers)) : undefined;
    } catch {
      return undefined;
    } finally {
      exchange.end();
    }
  }

  async *#attempt(
    progress: Progress,
    signal: AbortSignal,
    onAnswer: (answer: RangeAnswer) => void,
  ): AsyncGenerator<Chunk, void, undefined> {
    const requested = { start: progress.position, end: progress.end };
    progress.retryAfterMs = undefined;
    const exchange = new Exchange(this.#request.url, signal);
    try {
      const headers = new Headers(this.#request.headers);
      headers.set('range', formatRange(requested));
      const response = await this.#ask(exchange, { headers });
      progress.retryAfterMs = parseRetryAfter(response.headers.get('retry-after'));

      const answer = readAnswer(this.#request.url, response, requested);
      this.file.accept(answer, requested);
      this.file.redirect(response.url);
      if (answer.isWhole) startOver(progress);
      else if (this.file.size === undefined) this.#sizeProbe ??= this.#probeSize();
      this.#onChange();
      onAnswer(answer);

      yield* this.#receive(response, answer, progress, exchange);
      await abortable(this.#sizeProbe ?? Promise.resolve(), signal);
      this.#findEnd(answer, progress, requested.start);
    } finally {
      exchange.end();
    }
  }

  async #ask(exchange: Exchange, init: RequestInit): Promise<Response> {
    const { url, headers, credentials, timeouts } = this.#request;
    this.#tally.requests += 1;
    this.#onChange();
    const { signal } = exchange;
    const shared: RequestInit = { headers, credentials, cache: 'no-store', redirect: 'follow', signal };
    try {
      return await exchange.within(timeouts.firstByteMs, 'the first byte', this.#fetch(url, { ...shared, ...init }));
    } catch (error) {
      if (!isStreamingAudioError(error, 'network') || !(await this.#isBlockedByCors(exchange))) throw error;
      throw new NetworkError(url, true, { cause: error.cause });
    }
  }

  /** True where the server answers a request whose answer this page may not see: fetch tells the two apart no other way. */
  async #isBlockedByCors(exchange: Exchange): Promise<boolean> {
    const { url, timeouts } = this.#request;
    const page = globalThis.location?.origin;
    if (page === undefined || page === new URL(url).origin) return false;
    const probe = this.#fetch(url, { method: 'HEAD', mode: 'no-cors', cache: 'no-store', signal: exchange.signal });
    this.#tally.requests += 1;
    return exchange.within(timeouts.firstByteMs, 'the first byte', probe).then(
      () => true,
      () => false,
    );
  }

  async *#receive(
    response: Response,
    answer: RangeAnswer,
    progress: Progress,
    exchange: Exchange,
  ): AsyncGenerator<Chunk, void, undefined> {
    const reader = response.body?.getReader();
    const promised = answer.isWhole ? this.file.size : answer.end;
    const end = Math.min(promised ?? Infinity, progress.end);
    let received = answer.start;
    while (received < end) {
      if (reader === undefined) break;
      const reading = exchange.within(this.#request.timeouts.stallMs, 'more of the body', reader.read());
      const { done, value } = await reading;
      if (done) break;
      const { position } = progress;
      const bytes = value.subarray(Math.max(0, position - received), end - received);
      received += value.length;
      this.#tally.bytesReceived += value.length;
      progress.position += bytes.length;
      this.#onChange();
      if (bytes.length > 0) yield { position, bytes };
    }
    if (received < end && promised !== undefined) {
      throw new NetworkError(this.#request.url, false, { cause: new Error(`The body ended at byte ${received}.`) });
    }
  }

  /** After a body: whether the file goes on behind it. */
  #findEnd(answer: RangeAnswer, progress: Progress, requestedStart: number): void {
    const { start, position } = progress;
    const isEmpty = position === requestedStart;
    if (this.file.size === undefined) {
      // Behind bytes that did come, nothing is the end; after a jump the end may lie anywhere before.
      if (answer.isWhole || (isEmpty && position > start)) this.file.learnSize(position);
      else if (isEmpty) this.file.learnNothingAt(position);
      this.#onChange();
    }
    progress.end = Math.min(progress.end, this.file.latestEnd);
    if (isEmpty && position < progress.end) {
      throw new HttpError(this.#request.url, answer.status, answer.statusText);
    }
  }

  /** `Content-Range` is hidden: the complete length, which a HEAD shows, comes beside the body. */
  async #probeSize(): Promise<void> {
    const received = await this.head();
    if (received === undefined || !agree(this.file.validators, received)) return;
    this.file.learn(received);
    this.#onChange();
  }
}

/** A whole file begins at 0: all of it is new where nothing has arrived yet, else what has arrived is passed over. */
function startOver(progress: Progress): void {
  if (progress.position === progress.start) progress.position = 0;
  progress.end = Infinity;
}
