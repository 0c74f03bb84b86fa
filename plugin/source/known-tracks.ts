/** What was stored when a store was opened: which tracks, and what those used last begin with. */

/** As much as matters here. */
interface Track {
  readonly record: {
    readonly key: string;
    readonly size: number;
    readonly blockBytes: number;
    /** In ms since 1970. */
    readonly lastUsed: number;
  };
}

const STARTS_BYTES = 2 ** 20; // 1 MiB: the first blocks of four tracks

/** As one page knows it: another tab may have changed anything since. */
export class KnownTracks<Start extends Track> {
  /** Those of the opening, and those that this page has stored since. */
  #keys: Set<string> | undefined;
  /** Each until it is taken, or changed. */
  readonly #starts = new Map<string, Start>();
  #hasChanged = false;

  /** False where nothing is stored of a track, as far as is known. */
  mayHold(key: string): boolean {
    return this.#keys?.has(key) ?? true;
  }

  /** What a track begins with, once. */
  takeStart(key: string): Start | undefined {
    const start = this.#starts.get(key);
    this.#starts.delete(key);
    return start;
  }

  /** Something is being stored of a track. */
  add(key: string): void {
    this.#keys?.add(key);
    this.change(key);
  }

  /** What is stored of a track is being changed; without a key, of any. */
  change(key?: string): void {
    this.#hasChanged = true;
    if (key === undefined) this.#starts.clear();
    else this.#starts.delete(key);
  }

  /** Notes all that are stored; returns those of which `keep` is to have the starts. */
  note<Stored extends Track>(tracks: readonly Stored[]): Stored[] {
    this.#keys = new Set(tracks.map(({ record }) => record.key));
    return usedLast(tracks);
  }

  /** Keeps what was read, unless that may be from before a change. */
  keep(starts: readonly Start[]): void {
    if (this.#hasChanged) return;
    for (const start of starts) this.#starts.set(start.record.key, start);
  }
}

/** As many as `STARTS_BYTES` hold the first blocks of. */
function usedLast<Stored extends Track>(tracks: readonly Stored[]): Stored[] {
  let bytes = 0;
  return tracks
    .toSorted((a, b) => b.record.lastUsed - a.record.lastUsed)
    .filter(({ record }) => (bytes += Math.min(record.blockBytes, record.size)) <= STARTS_BYTES);
}
