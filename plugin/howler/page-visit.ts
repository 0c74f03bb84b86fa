/** Whether the page is left, and may be gone back to as it is: browsers pause its elements meanwhile, for good. */
export class PageVisit {
  #isLeft = false;
  readonly #over = new AbortController();

  /** @param onChange called when the page has been left, and when it is back */
  constructor(onChange: () => void) {
    const { signal } = this.#over;
    const isLeftAfter = { pagehide: true, pageshow: false };
    for (const [type, isLeft] of Object.entries(isLeftAfter)) {
      const turn = (): void => {
        this.#isLeft = isLeft;
        onChange();
      };
      globalThis.addEventListener(type, turn, { signal });
    }
  }

  get isLeft(): boolean {
    return this.#isLeft;
  }

  dispose(): void {
    this.#over.abort();
  }
}
