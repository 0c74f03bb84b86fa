/** One request's lifetime: over when the caller aborts, when the server is silent for too long, or when all is said. */

import { type ByteRange, NetworkError, TimeoutError } from '../errors.ts';
import { onAbort } from './abortable.ts';

export class Exchange {
  /** The bytes it is about. */
  readonly requested: ByteRange;
  readonly #url: string;
  readonly #controller = new AbortController();
  readonly #unlink: () => void;

  constructor(url: string, requested: ByteRange, signal: AbortSignal) {
    this.#url = url;
    this.requested = requested;
    this.#unlink = onAbort(signal, () => this.#controller.abort(signal.reason));
  }

  /** For `fetch`: aborting it closes the connection. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /**
   * Settles as `task` does, if that is within `timeoutMs`.
   *
   * @throws `timeout`, `network` where the task fails, or the caller's abort reason
   */
  async within<Value>(timeoutMs: number, waitedFor: TimeoutError['waitedFor'], task: Promise<Value>): Promise<Value> {
    const { requested } = this;
    const expire = (): void => this.#controller.abort(new TimeoutError(this.#url, timeoutMs, waitedFor, requested));
    const timer = setTimeout(expire, timeoutMs);
    try {
      return await task;
    } catch (error) {
      // Engines differ in what an aborted fetch rejects with; the reason itself is the same everywhere.
      if (this.signal.aborted) throw this.signal.reason;
      throw new NetworkError(this.#url, false, { cause: error, requested });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Closes the connection, where anything is left on it, and lets go of the caller's signal. */
  end(): void {
    this.#unlink();
    this.#controller.abort();
  }
}
