/** Asks a server for byte ranges of one file and streams what it answers. The only file that calls `fetch`. */

import {
  type ByteRange,
  HttpError,
  InvalidRangeResponseError,
  isStreamingAudioError,
  NetworkError,
  ResourceChangedError,
} from '../errors.ts';
import {
  agree,
  areComparable,
  formatRange,
  mergeValidators,
  parseContentLength,
  readValidators,
  type Validators,
  versionOf,
} from './content-range.ts';
import { Exchange } from './exchange.ts';
import { type RangeAnswer, readAnswer } from './range-answer.ts';
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

/** A file's final URL and validators as the cache has recorded them. */
export interface KnownFile extends Validators {
  readonly url: string;
}

/** How far a download has come. */
interface Progress {
  readonly start: number;
  position: number;
  end: number;
  /** What the last answer asked for in its `Retry-After`. */
  retryAfterMs: number | undefined;
}

const UNKNOWN: Validators = { etag: undefined, lastModified: undefined, size: undefined };

export class RangeClient {
  readonly #request: ResolvedRequest;
  readonly #fetch: typeof globalThis.fetch;
  readonly #tally: Tally;
  /** Called after `validators` or the tally have changed. */
  readonly #onChange: () => void;
  #url: string;
  #validators: Validators;
  /** True once the server has answered a range with that range. */
  #isRanged = false;
  #sizeProbe: Promise<void> | undefined;

  constructor(request: ResolvedRequest, tally: Tally, onChange: () => void, known?: KnownFile) {
    this.#request = request;
    this.#fetch = request.fetch ?? globalThis.fetch.bind(globalThis);
    this.#tally = tally;
    this.#onChange = onChange;
    this.#url = known?.url ?? request.url;
    this.#validators = mergeValidators(known ?? UNKNOWN, UNKNOWN);
  }

  /** After redirects, as far as there has been an answer. */
  get url(): string {
    return this.#url;
  }

  /** All that the answers so far have shown; every further one must agree with it. */
  get validators(): Validators {
    return this.#validators;
  }

  /** Holds every further answer to `validators` as well. */
  expect(validators: Validators): void {
    this.#learn(validators);
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
  async head(signal: AbortSignal): Promise<Validators | undefined> {
    const exchange = new Exchange(this.#request.url, signal);
    try {
      const response = await this.#ask(exchange, { method: 'HEAD' });
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
    const exchange = new Exchange(this.#request.url, signal);
    try {
      const headers = new Headers(this.#request.headers);
      headers.set('range', formatRange(requested));
      const response = await this.#ask(exchange, { headers });
      progress.retryAfterMs = parseRetryAfter(response.headers.get('retry-after'));

      const answer = readAnswer(this.#request.url, response, requested);
      this.#accept(answer, requested);
      this.#url = response.url === '' ? this.#url : response.url;
      if (answer.isWhole) startOver(progress);
      if (this.#validators.size === undefined && !answer.isWhole) this.#sizeProbe ??= this.#probeSize(signal);
      onAnswer(answer);

      yield* this.#receive(response, answer, progress, exchange);
      await this.#findEnd(answer, progress, requested.start);
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

  /** Takes an answer only if it belongs to the file known so far, and learns what it shows. */
  #accept(answer: RangeAnswer, requested: ByteRange): void {
    const { url } = this.#request;
    const known = this.#validators;
    const isSameFile = agree(known, answer.validators);
    // A server that has ranges does not stop having them: this is another one's page, a captive portal's for example.
    if (answer.isWhole && this.#isRanged && !(isSameFile && areComparable(known, answer.validators))) {
      throw new InvalidRangeResponseError(url, requested, 'another file, whole');
    }
    if (!isSameFile) throw new ResourceChangedError(url, versionOf(known), versionOf(answer.validators));
    this.#isRanged ||= answer.status === 206;
    this.#learn(answer.validators);
  }

  async *#receive(
    response: Response,
    answer: RangeAnswer,
    progress: Progress,
    exchange: Exchange,
  ): AsyncGenerator<Chunk, void, undefined> {
    const reader = response.body?.getReader();
    const promised = answer.isWhole ? this.#validators.size : answer.end;
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
  async #findEnd(answer: RangeAnswer, progress: Progress, requestedStart: number): Promise<void> {
    const { start, position } = progress;
    if (answer.isWhole) this.#learn({ ...UNKNOWN, size: position });
    await this.#sizeProbe;
    const isEmpty = position === requestedStart;
    // Behind bytes that did come, nothing is the end; after a jump the end only lies somewhere before.
    if (isEmpty && position > start) this.#learn({ ...UNKNOWN, size: position });
    progress.end = Math.min(progress.end, this.#validators.size ?? Infinity);
    if (isEmpty && position < progress.end) {
      throw new HttpError(this.#request.url, answer.status, answer.statusText);
    }
  }

  /** `Content-Range` is hidden: the complete length, which a HEAD shows, comes beside the body. */
  async #probeSize(signal: AbortSignal): Promise<void> {
    const received = await this.head(signal);
    if (received !== undefined && agree(this.#validators, received)) this.#learn(received);
    if (signal.aborted) this.#sizeProbe = undefined;
  }

  #learn(validators: Validators): void {
    this.#validators = mergeValidators(this.#validators, validators);
    this.#onChange();
  }
}

/** A whole file begins at 0: all of it is new where nothing has arrived yet, else what has arrived is passed over. */
function startOver(progress: Progress): void {
  if (progress.position === progress.start) progress.position = 0;
  progress.end = Infinity;
}
