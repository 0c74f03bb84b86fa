/** How long a place that was sought waits before it is read: of a playhead that is being dragged only the last one is. */

/** Two seeks that follow each other sooner are one drag, and it is over when none has followed for so long. */
const DRAG_MS = 150;

/** Times of seeks, in milliseconds of any clock. Pure. */
export class SeekPace {
  #soughtAt = -Infinity;
  #isDragging = false;

  /** Records a seek. */
  seek(now: number): void {
    this.#isDragging = now - this.#soughtAt < DRAG_MS;
    this.#soughtAt = now;
  }

  /** Milliseconds for which nothing is to be read yet; a seek that comes alone waits for none. */
  waitMs(now: number): number {
    return this.#isDragging ? Math.max(0, this.#soughtAt + DRAG_MS - now) : 0;
  }
}
