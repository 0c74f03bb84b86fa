/** The global plugin: one cache and one set of options for a whole game. */

import * as Phaser from 'phaser';
import { ClosedError } from '../errors.ts';
import {
  AudioCache,
  type AudioCacheOptions,
  preloadTrack,
  startAudioCache,
  type StreamingOptions,
} from '../playback/streaming-audio.ts';
import { soundsOf } from './internals.ts';
import { addFiles, PRELOAD, STREAMING_AUDIO, type StreamingAudioEntry } from './streaming-audio-file.ts';
import { StreamingSound } from './streaming-sound.ts';
import type { StreamingSoundConfig } from './streaming-sound-config.ts';
import { StreamingSoundEvents } from './streaming-sound-events.ts';

/** The plugin's `data` in the game's configuration: options for all sounds, which each may override. */
export interface StreamingAudioPluginData extends Omit<StreamingOptions, 'cache'> {
  /** The game's cache, or how to open it. @default the cache of the default name and size */
  readonly cache?: AudioCache | AudioCacheOptions | undefined;
}

/**
 * Adds streaming sounds to a Phaser game, and `load.streamingAudio` to its loaders.
 *
 * @example plugins: { global: [{ key: 'StreamingAudio', plugin: StreamingAudioPlugin, mapping: 'streamingAudio' }] }
 */
export class StreamingAudioPlugin extends Phaser.Plugins.BasePlugin {
  #cache: AudioCache | undefined;
  #ownsCache = false;
  #options: StreamingOptions = {};

  /** Called by Phaser, before any scene exists. */
  override init(data?: StreamingAudioPluginData | null): void {
    const { cache, ...options } = data ?? {};
    this.#ownsCache = !(cache instanceof AudioCache);
    this.#cache = cache instanceof AudioCache ? cache : startAudioCache(cache);
    this.#options = { ...options, cache: this.#cache };
    this.game.cache.addCustom(STREAMING_AUDIO);
    this.pluginManager.registerFileType(STREAMING_AUDIO, streamingAudio);
  }

  /** Where the tracks are kept. */
  get cache(): AudioCache {
    if (!this.#cache) throw new ClosedError('The StreamingAudioPlugin');
    return this.#cache;
  }

  /**
   * Adds a sound to the game's sound manager; it starts opening its track at once.
   *
   * @param keyOrUrl a key that `load.streamingAudio` loaded, else a URL, absolute or relative to the page
   */
  add(keyOrUrl: string, config: StreamingSoundConfig = {}): StreamingSound {
    const entry = this.game.cache.custom[STREAMING_AUDIO]?.get(keyOrUrl) as StreamingAudioEntry | undefined;
    const { sound: manager } = this.game;
    const sound = new StreamingSound(manager, keyOrUrl, entry?.url ?? keyOrUrl, { ...this.#options, ...config });
    soundsOf(manager)?.push(sound);
    return sound;
  }

  /** Adds a sound, plays it, and destroys it when it is complete or has failed. */
  play(keyOrUrl: string, config?: StreamingSoundConfig): StreamingSound {
    const sound = this.add(keyOrUrl, config);
    const destroyLater = (): void => queueMicrotask(() => sound.destroy());
    sound.once(Phaser.Sound.Events.COMPLETE, destroyLater);
    sound.once(StreamingSoundEvents.ERROR, destroyLater);
    sound.play();
    return sound;
  }

  /** Called by the loader's files. Reads the beginning of a track into the cache. */
  [PRELOAD](url: string, signal: AbortSignal): Promise<void> {
    return preloadTrack(url, this.cache, { ...this.#options, signal });
  }

  /** Called by Phaser when the game is destroyed, after its sounds. */
  override destroy(): void {
    if (this.#ownsCache) this.#cache?.close();
    this.#cache = undefined;
    super.destroy();
  }
}

/** The loaders' method: Phaser hangs it on each of them. */
function streamingAudio(this: Phaser.Loader.LoaderPlugin, ...args: FileArguments): Phaser.Loader.LoaderPlugin {
  addFiles(this, ...args);
  return this;
}

type FileArguments = Parameters<Phaser.Loader.LoaderPlugin['streamingAudio']>;
