/** How long after a page is back its AudioContext may stop again for a moment, which costs samples, in ms. */
const UNSTEADY_MS = 500;

/** Whether the page is left, and may be gone back to as it is: browsers pause its elements meanwhile, for good. */
export class PageVisit {
  #isLeft = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #over = new AbortController();

  /** @param onChange called when the page has been left, and when it is back and steady */
  constructor(private readonly onChange: () => void) {
    const { signal } = this.#over;
    globalThis.addEventListener('pagehide', () => this.#turn(true), { signal });
    const comeBack = (): void => {
      if (this.#isLeft) this.#timer = setTimeout(() => this.#turn(false), UNSTEADY_MS);
    };
    globalThis.addEventListener('pageshow', comeBack, { signal });
  }

  get isLeft(): boolean {
    return this.#isLeft;
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#over.abort();
  }

  #turn(isLeft: boolean): void {
    clearTimeout(this.#timer);
    this.#isLeft = isLeft;
    this.onChange();
  }
}
