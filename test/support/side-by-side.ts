/** For tests that mostly wait: those of one browser run one after the other, several browsers side by side. */

/** Work that is run in one lane happens one after the other, in the order in which it was asked for. */
export class Lane {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {}); // what fails is its asker's affair
    return done;
  }
}

/** The first of each list, then the second of each: Jest begins concurrent tests in the order of its table. */
export function inTurns<T>(lists: readonly (readonly T[])[]): T[] {
  const longest = Math.max(...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, i) => lists.flatMap((list) => list.slice(i, i + 1))).flat();
}
