/** The panel of cached tracks: what is held of each, and how much of the cache's budget that takes. */

import { type AudioCache, isStreamingAudioError } from '../plugin/index.ts';
import { CachedTrack } from './cached-track.ts';
import { element } from './page.ts';
import { showShare } from './share.ts';

const REFRESH_MS = 1000;

/**
 * Shows what the cache holds, for as long as the page lives: anew every second while a sound plays or a track is being
 * downloaded, else when something has changed.
 */
export function showCache(cache: AudioCache, isPlaying: () => boolean): void {
  const panel = new CachePanel(cache);
  const refresh = (): void => void panel.refresh();
  let wasBusy = false;
  setInterval(() => {
    const isBusy = isPlaying() || panel.isDownloading;
    if (isBusy || wasBusy) refresh();
    wasBusy = isBusy;
  }, REFRESH_MS);
  document.addEventListener('visibilitychange', refresh); // another tab may have changed it
  refresh();
}

class CachePanel {
  readonly #cache: AudioCache;
  readonly #tracks = new Map<string, CachedTrack>();

  constructor(cache: AudioCache) {
    this.#cache = cache;
  }

  get isDownloading(): boolean {
    return [...this.#tracks.values()].some((track) => track.isDownloading);
  }

  async refresh(): Promise<void> {
    try {
      await this.#show();
    } catch (error) {
      if (!isStreamingAudioError(error, 'closed')) throw error; // else the game is over
    }
  }

  async #show(): Promise<void> {
    const [entries, usage] = await Promise.all([this.#cache.entries(), this.#cache.usage()]);
    showShare(element('budget'), usage.bytes, usage.maxBytes);
    for (const entry of entries) this.#trackAt(entry.url).show(entry);
    const urls = new Set(entries.map(({ url }) => url));
    for (const url of this.#tracks.keys()) if (!urls.has(url)) this.#drop(url);
    element('no-tracks').hidden = urls.size > 0;
  }

  /** A row stays as long as its track, and with it the focus on its buttons. */
  #trackAt(url: string): CachedTrack {
    const known = this.#tracks.get(url);
    if (known) return known;
    const track = new CachedTrack(url, this.#cache, () => this.refresh());
    this.#tracks.set(url, track);
    element('tracks').append(track.item);
    return track;
  }

  #drop(url: string): void {
    const item = this.#tracks.get(url)?.item;
    if (item?.contains(document.activeElement)) element('cache-title').focus();
    item?.remove();
    this.#tracks.delete(url);
  }
}
