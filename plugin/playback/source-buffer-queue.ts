/** One SourceBuffer, one operation at a time. */

/**
 * Serialises a SourceBuffer, which refuses any operation while another runs (Media Source Extensions, section 5.3).
 * Each method resolves when its operation is done; a failed one rejects and leaves the queue usable.
 */
export class SourceBufferQueue {
  #tail: Promise<void> = Promise.resolve();

  constructor(readonly buffer: SourceBuffer) {}

  /** Appends one initialization or media segment. Rejects with `QuotaExceededError` where the buffer is full. */
  append(segment: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.run(() => this.buffer.appendBuffer(segment));
  }

  /** Removes the media between two media times, in seconds. */
  remove(start: number, end: number): Promise<void> {
    return this.run(() => this.buffer.remove(start, end));
  }

  /** Runs `operation` when everything before it is done, and waits for the update it may start. */
  run(operation: () => void): Promise<void> {
    const done = this.#runAfter(this.#tail, operation);
    this.#tail = done.catch(() => undefined);
    return done;
  }

  async #runAfter(earlier: Promise<void>, operation: () => void): Promise<void> {
    await earlier;
    operation();
    if (this.buffer.updating) await updateEnd(this.buffer);
  }
}

/** Resolves on 'updateend'; rejects where an 'error' event came before it. */
function updateEnd(buffer: SourceBuffer): Promise<void> {
  return new Promise((resolve, reject) => {
    let failed = false;
    const onError = (): void => {
      failed = true;
    };
    buffer.addEventListener('error', onError, { once: true });
    buffer.addEventListener(
      'updateend',
      () => {
        buffer.removeEventListener('error', onError);
        if (failed) reject(new Error('the media segment could not be parsed or decoded'));
        else resolve();
      },
      { once: true },
    );
  });
}
