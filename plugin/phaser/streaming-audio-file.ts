/** `this.load.streamingAudio`: a loader file that reads the beginning of a track, and no more. */

import * as Phaser from 'phaser';
import { pluginsOf } from './internals.ts';
import { isSilent } from './output.ts';

/** Key of the file type, and of the cache of what it loaded. */
export const STREAMING_AUDIO = 'streamingAudio';

/** The method by which a file knows the plugin. */
export const PRELOAD = Symbol('preload');

/** What `load.streamingAudio` takes instead of a key and a URL; also the form in a pack file. */
export interface StreamingAudioFileConfig {
  readonly key: string;
  /** Relative to the loader's `path`, unless absolute. @default the key with `.wav` behind it */
  readonly url?: string | undefined;
}

/** What the cache holds for a key. */
export interface StreamingAudioEntry {
  readonly url: string;
}

/** What the file needs of the game's plugin. It is found through the game, since file types belong to the page. */
export interface TrackPreloader {
  /** Reads the beginning of a track into the cache. */
  [PRELOAD](url: string, signal: AbortSignal): Promise<void>;
}

/** Loads the header and the first seconds of one track. */
export class StreamingAudioFile extends Phaser.Loader.File {
  readonly #lifetime = new AbortController();

  constructor(loader: Phaser.Loader.LoaderPlugin, { key, url }: StreamingAudioFileConfig) {
    super(loader, {
      type: STREAMING_AUDIO,
      cache: loader.cacheManager.custom[STREAMING_AUDIO] ?? false,
      key,
      extension: 'wav',
      ...(url === undefined ? {} : { url }),
    });
  }

  override load(): void {
    const { scene } = this.loader;
    this.state = Phaser.Loader.FILE_LOADING;
    this.src = Phaser.Loader.GetURL(this, this.loader.baseURL);
    scene.sys.events.once(Phaser.Scenes.Events.SHUTDOWN, this.#abort);
    scene.sys.events.once(Phaser.Scenes.Events.DESTROY, this.#abort);
    this.#preload(scene.game)
      .then(
        () => this.#onSuccess(),
        () => this.#onFailure(),
      )
      .catch(reportError);
  }

  override onProcess(): void {
    this.state = Phaser.Loader.FILE_PROCESSING;
    this.onProcessComplete();
  }

  /** Where nothing can be heard, there is nothing to load. */
  async #preload(game: Phaser.Game): Promise<void> {
    if (isSilent(game.sound)) return;
    const preloader = pluginsOf(game).find(isPreloader);
    if (!preloader) throw new Error('the StreamingAudioPlugin is not started in this game');
    await preloader[PRELOAD](this.src, this.#lifetime.signal);
  }

  #onSuccess(): void {
    if (this.#lifetime.signal.aborted) return;
    this.#unlisten();
    this.data = { url: this.src } satisfies StreamingAudioEntry;
    this.percentComplete = 1;
    this.state = Phaser.Loader.FILE_LOADED;
    this.loader.emit(Phaser.Loader.Events.FILE_PROGRESS, this, 1);
    this.loader.nextFile(this, true);
  }

  #onFailure(): void {
    if (this.#lifetime.signal.aborted) return;
    this.#unlisten();
    if (this.retryAttempts > 0) {
      this.retryAttempts -= 1;
      this.load();
    } else {
      this.loader.nextFile(this, false);
    }
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

/** Queues what `load.streamingAudio` was given. */
export function addFiles(
  loader: Phaser.Loader.LoaderPlugin,
  key: string | StreamingAudioFileConfig | readonly StreamingAudioFileConfig[],
  url?: string,
): void {
  const configs = typeof key === 'string' ? [{ key, url }] : [key].flat();
  for (const config of configs) loader.addFile(new StreamingAudioFile(loader, config));
}

function isPreloader(plugin: object): plugin is TrackPreloader {
  return PRELOAD in plugin;
}
