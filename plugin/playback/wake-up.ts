/** A wait that others end. */

/** Wakes one waiter, at once or the next time that it would wait. */
export class WakeUp {
  #isDue = false;
  #resolve: () => void = () => undefined;

  /** Something happened. */
  ring(): void {
    this.#isDue = true;
    this.#resolve();
  }

  /** Waits until something has happened since the last wait, or so many milliseconds have passed. */
  async wait(mostMs?: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    if (!this.#isDue) {
      await new Promise<void>((resolve) => {
        this.#resolve = resolve;
        if (mostMs !== undefined) timer = setTimeout(resolve, mostMs);
      });
    }
    clearTimeout(timer);
    this.#isDue = false;
  }
}
