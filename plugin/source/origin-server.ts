/** The server that a track comes from, and how it is asked. The only file that calls `fetch`. */

import { type ByteRange, isStreamingAudioError, NetworkError } from '../errors.ts';
import { abortable } from './abortable.ts';
import { formatRange } from './content-range.ts';
import { Exchange } from './exchange.ts';
import { type ResolvedRequest, resolveUrl } from './request-options.ts';

/** What a URL that has expired is answered with. */
const DENIED: ReadonlySet<number> = new Set([401, 403]);

export class OriginServer {
  readonly #request: ResolvedRequest;
  readonly #fetch: typeof globalThis.fetch;
  /** Called before each request. */
  readonly #onRequest: () => void;
  #url: string;
  #refreshing: Promise<void> | undefined;
  /** True once an answer could be seen: from then on CORS is no reason for another that cannot. */
  #hasAnswered = false;

  constructor(request: ResolvedRequest, onRequest: () => void) {
    this.#request = request;
    this.#fetch = request.fetch ?? globalThis.fetch.bind(globalThis);
    this.#onRequest = onRequest;
    this.#url = request.url;
  }

  /** The URL that is asked, as `refreshUrl` gave it last. */
  get url(): string {
    return this.#url;
  }

  /** Scheme, name and port of the server; schemes of packaged games have no origin of their own. */
  get host(): string {
    const { protocol, host } = new URL(this.#url);
    return `${protocol}//${host}`;
  }

  /** The start of an exchange about `requested`. Its `end` must be called. */
  open(requested: ByteRange, signal: AbortSignal): Exchange {
    return new Exchange(this.#url, requested, signal);
  }

  /**
   * The head of the answer; the body is still to come. Where the server denies access to it, `refreshUrl` is asked for
   * another URL, once; a HEAD may be denied by one that is signed for GET alone.
   *
   * @param isExplained whether it is worth more requests to tell what keeps an answer away
   * @throws `network`, `timeout`, what `refreshUrl` rejects with, or the reason of the exchange's end
   */
  async ask(exchange: Exchange, method: 'GET' | 'HEAD', isExplained: boolean): Promise<Response> {
    const url = this.#url;
    const response = await this.#send(exchange, method, isExplained);
    const { refreshUrl } = this.#request;
    if (refreshUrl === undefined || method === 'HEAD' || !DENIED.has(response.status)) return response;
    response.body?.cancel().catch(() => {}); // it may be broken already
    if (url === this.#url) {
      this.#refreshing ??= this.#refresh(refreshUrl, response.status).finally(() => (this.#refreshing = undefined));
      await abortable(this.#refreshing, exchange.signal);
    }
    return this.#send(exchange, method, isExplained);
  }

  async #refresh(refreshUrl: NonNullable<ResolvedRequest['refreshUrl']>, status: number): Promise<void> {
    this.#url = resolveUrl(await refreshUrl(this.#url, status));
    this.#hasAnswered = false;
  }

  async #send(exchange: Exchange, method: 'GET' | 'HEAD', isExplained: boolean): Promise<Response> {
    try {
      return await this.#fetchOnce(exchange, method);
    } catch (error) {
      if (!isExplained || this.#hasAnswered || !isStreamingAudioError(error, 'network')) throw error;
      if (!(await this.#answersUnseen(exchange))) throw error;
    }
    try {
      return await this.#fetchOnce(exchange, method);
    } catch (error) {
      if (!isStreamingAudioError(error, 'network')) throw error;
      throw new NetworkError(this.#url, true, { cause: error.cause, requested: exchange.requested });
    }
  }

  async #fetchOnce(exchange: Exchange, method: 'GET' | 'HEAD'): Promise<Response> {
    const { credentials, timeouts } = this.#request;
    const headers = new Headers(this.#request.headers);
    headers.set('range', formatRange(exchange.requested));
    const init: RequestInit = { method, headers, credentials, cache: 'no-store', signal: exchange.signal };
    this.#onRequest();
    const response = await exchange.within(timeouts.firstByteMs, 'the first byte', this.#fetch(this.#url, init));
    this.#hasAnswered = true;
    return response;
  }

  /**
   * True where the server answers, or leads elsewhere, a request whose answer this page may not see: `fetch` tells a
   * broken connection and CORS apart no other way.
   */
  async #answersUnseen({ signal }: Exchange): Promise<boolean> {
    const page = globalThis.location?.origin;
    if (page === undefined) return false;
    const isOwn = page === new URL(this.#url).origin; // then only a redirect can lead to where CORS counts
    const mode: RequestInit = isOwn ? { redirect: 'manual' } : { mode: 'no-cors' };
    const probe = new Exchange(this.#url, { start: 0, end: Infinity }, signal);
    const asking = this.#fetch(this.#url, { method: 'HEAD', cache: 'no-store', signal: probe.signal, ...mode });
    this.#onRequest();
    try {
      const { type } = await probe.within(this.#request.timeouts.firstByteMs, 'the first byte', asking);
      return !isOwn || type === 'opaqueredirect';
    } catch {
      return false;
    } finally {
      probe.end();
    }
  }
}
