/** A cached track in the panel: how much of it is held, and the buttons that keep it for offline and remove it. */

import type { AudioCache, AudioCacheEntry } from '../plugin/index.ts';
import { checkConnection } from './connection.ts';
import { element, part } from './page.ts';
import { showShare } from './share.ts';

export class CachedTrack {
  readonly item: HTMLElement;

  readonly #url: string;
  readonly #cache: AudioCache;
  readonly #onChange: () => Promise<void>;
  #isKept = false;
  #download: { readonly stop: AbortController; readonly done: Promise<void> } | undefined;

  /** @param onChange called when one of the buttons has changed what the cache holds or keeps */
  constructor(url: string, cache: AudioCache, onChange: () => Promise<void>) {
    this.#url = url;
    this.#cache = cache;
    this.#onChange = onChange;
    this.item = itemFor(url);
    part(this.item, '.keep').addEventListener('click', () => void this.#toggle());
    part(this.item, '.remove').addEventListener('click', () => void this.#remove());
  }

  get isDownloading(): boolean {
    return this.#download !== undefined;
  }

  show({ cachedBytes, size, complete, pinned }: AudioCacheEntry): void {
    this.#isKept = pinned && complete;
    this.#showKept();
    if (!this.isDownloading) showShare(this.item, cachedBytes, size); // the download itself knows of more
  }

  /** Keeps the track, or lets go of it; a download under way ends, and what it has brought stays. */
  async #toggle(): Promise<void> {
    if (this.#download) {
      this.#download.stop.abort();
    } else if (this.#isKept) {
      await this.#cache.unpin(this.#url);
      await this.#onChange();
    } else {
      await this.#keep();
    }
  }

  async #keep(): Promise<void> {
    void navigator.storage?.persist(); // some browsers ask the user, who has just said what for
    const stop = new AbortController();
    this.#download = { stop, done: this.#fetchMissing(stop.signal) };
    this.#showKept();
    await this.#download.done;
    this.#download = undefined;
    await this.#onChange();
  }

  /** Never rejects: what goes wrong is told below the track. */
  async #fetchMissing(signal: AbortSignal): Promise<void> {
    this.#showProblem('');
    try {
      await this.#cache.download(this.#url, {
        signal,
        onProgress: ({ loadedBytes, totalBytes = 0 }) => showShare(this.item, loadedBytes, totalBytes),
      });
    } catch (error) {
      if (signal.aborted) return;
      this.#showProblem(error instanceof Error ? error.message : String(error));
      checkConnection();
    }
  }

  async #remove(): Promise<void> {
    this.#download?.stop.abort();
    await this.#download?.done; // else it might store more of it
    await this.#cache.remove(this.#url);
    await this.#onChange();
  }

  #showKept(): void {
    const button = part(this.item, '.keep');
    button.ariaPressed = this.isDownloading ? 'mixed' : String(this.#isKept);
    button.title = this.isDownloading ? 'Press to stop' : '';
  }

  #showProblem(message: string): void {
    part(this.item, '.problem').textContent = message;
    part(this.item, '.problem').hidden = message === '';
  }
}

function itemFor(url: string): HTMLElement {
  const { content } = element('track') as HTMLTemplateElement;
  const item = part(content, 'li').cloneNode(true) as HTMLElement;
  const name = new URL(url).pathname.split('/').at(-1) || url;
  part(item, '.name').textContent = name;
  part(item, '.name').title = url;
  part(item, 'progress').ariaLabel = `Share of ${name} that is cached`;
  part(item, '.keep').ariaLabel = `Keep offline: ${name}`;
  part(item, '.remove').ariaLabel = `Remove: ${name}`;
  return item;
}
