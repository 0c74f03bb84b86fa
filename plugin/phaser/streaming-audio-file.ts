/** `this.load.streamingAudio`: a loader file that reads the beginning of a track, and no more. */

import * as Phaser from 'phaser';
import type { PreloadOptions } from '../playback/streaming-audio.ts';
import { pluginEntries } from './internals.ts';
import { isSilent } from './output.ts';

/** Key of the file type, and of the cache of what it loaded. */
export const STREAMING_AUDIO = 'streamingAudio';

/** The method by which a file knows the plugin: the same for every copy of this module that a page has. */
export const PRELOAD = Symbol.for('phaser-streaming-audio/preload');

/** What `load.streamingAudio` takes instead of a key and a URL; also the form in a pack file. */
export interface StreamingAudioFileConfig {
  readonly key: string;
  /**
   * Relative to the loader's `path`, unless absolute. Of several the first that can be played counts.
   *
   * @default the key with `.wav` behind it
   */
  readonly url?: string | readonly string[] | undefined;
  /** Of the list of the track's sprites: goes into the game's JSON cache under the same key, as `load.json` puts it. */
  readonly jsonURL?: string | undefined;
  /** How often all are tried again. @default the loader's `maxRetries` */
  readonly maxRetries?: number | undefined;
}

/** What `load.streamingAudio` takes. */
export type StreamingAudioFileArguments = [
  key: string | StreamingAudioFileConfig | readonly StreamingAudioFileConfig[],
  url?: string | readonly string[],
];

/** What the cache holds for a key. */
export interface StreamingAudioEntry {
  readonly url: string;
}

/** What the file needs of the game's plugin. It is found through the game, since file types belong to the page. */
export interface TrackPreloader {
  /** Reads the beginning of a track into the cache. */
  [PRELOAD](url: string, options: PreloadOptions): Promise<void>;
}

/** Loads the header and the first seconds of one track. */
export class StreamingAudioFile extends Phaser.Loader.File {
  /** Why the last address failed; of any class. */
  error: unknown;

  readonly #lifetime = new AbortController();
  readonly #urls: readonly string[];

  constructor(loader: Phaser.Loader.LoaderPlugin, { key, url = `${key}.wav`, maxRetries }: StreamingAudioFileConfig) {
    super(loader, {
      type: STREAMING_AUDIO,
      cache: loader.cacheManager.custom[STREAMING_AUDIO] ?? false,
      key,
      ...(maxRetries === undefined ? {} : { maxRetries }),
    });
    this.#urls = [url].flat().map((one) => (ABSOLUTE.test(one) ? one : loader.path + one));
    [this.url = ''] = this.#urls;
  }

  override load(): void {
    const { events } = this.loader.scene.sys;
    this.state = Phaser.Loader.FILE_LOADING;
    events.once(Phaser.Scenes.Events.SHUTDOWN, this.#abort);
    events.once(Phaser.Scenes.Events.DESTROY, this.#abort);
    this.#preloadFirst()
      .then((isLoaded) => this.#onOutcome(isLoaded))
      .catch(reportError);
  }

  override onProcess(): void {
    this.state = Phaser.Loader.FILE_PROCESSING;
    this.onProcessComplete();
  }

  /** Of the addresses the first that can be played. */
  async #preloadFirst(): Promise<boolean> {
    for (const url of this.#urls) {
      this.url = url;
      this.src = Phaser.Loader.GetURL(this, this.loader.baseURL);
      try {
        await this.#preload(this.loader.scene.game);
        return true;
      } catch (error) {
        this.error = error;
      }
      if (this.#lifetime.signal.aborted) break; // the loader may be gone
    }
    return false;
  }

  /** Where nothing can be heard, there is nothing to load. */
  async #preload(game: Phaser.Game): Promise<void> {
    if (isSilent(game.sound)) return;
    const preloader = pluginEntries(game)
      .map(({ plugin }) => plugin)
      .find(isPreloader);
    if (!preloader) throw new Error('the StreamingAudioPlugin is not started in this game');
    const { signal } = this.#lifetime;
    await preloader[PRELOAD](this.src, { signal, onProgress: (loaded, total) => this.#onBytes(loaded, total) });
  }

  #onBytes(loaded: number, total: number): void {
    if (!this.#lifetime.signal.aborted)
      this.onProgress(new ProgressEvent('progress', { lengthComputable: true, loaded, total }));
  }

  #onOutcome(isLoaded: boolean): void {
    if (this.#lifetime.signal.aborted) return;
    this.#unlisten();
    if (isLoaded) {
      this.data = { url: this.src } satisfies StreamingAudioEntry;
      this.state = Phaser.Loader.FILE_LOADED;
    } else if (this.retryAttempts > 0) {
      this.retryAttempts -= 1;
      return this.load();
    }
    this.loader.nextFile(this, isLoaded);
  }

  #unlisten(): void {
    const { events } = this.loader.scene.sys;
    events.off(Phaser.Scenes.Events.SHUTDOWN, this.#abort);
    events.off(Phaser.Scenes.Events.DESTROY, this.#abort);
  }

  readonly #abort = (): void => {
    this.#lifetime.abort();
  };
}

/** What Phaser does not put the loader's `path` in front of. */
const ABSOLUTE = /^(?:blob:|data:|capacitor:\/\/|https?:\/\/|\/\/)/;

/** Queues what `load.streamingAudio` was given. */
export function addFiles(loader: Phaser.Loader.LoaderPlugin, ...[key, url]: StreamingAudioFileArguments): void {
  const configs = typeof key === 'string' ? [{ key, url }] : [key].flat();
  for (const config of configs) {
    loader.addFile(new StreamingAudioFile(loader, config));
    if (config.jsonURL !== undefined) loader.json(config.key, config.jsonURL);
  }
}

function isPreloader(plugin: object): plugin is TrackPreloader {
  return PRELOAD in plugin;
}
