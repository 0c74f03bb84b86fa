/** The global plugin: one cache and one set of options for a whole game. */

import * as Phaser from 'phaser';
import { ClosedError, InvalidArgumentError } from '../errors.ts';
import { warmUp } from '../playback/packed-buffer.ts';
import {
  AudioCache,
  type AudioCacheOptions,
  type PreloadOptions,
  preloadTrack,
  startAudioCache,
  type StreamingOptions,
} from '../playback/streaming-audio.ts';
import { type AudioSprite, type AudioSpriteSound, addSprites } from './audio-sprite.ts';
import { type PluginEntry, pluginEntries, soundsOf } from './internals.ts';
import { isSilent } from './output.ts';
import {
  addFiles,
  PRELOAD,
  STREAMING_AUDIO,
  type StreamingAudioEntry,
  type StreamingAudioFileArguments,
} from './streaming-audio-file.ts';
import { StreamingSound } from './streaming-sound.ts';
import { phaserConfig, type StreamingSoundConfig } from './streaming-sound-config.ts';
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

  /** Called by Phaser: before any scene exists, or when the plugin is installed. */
  override init(data?: StreamingAudioPluginData | null): void {
    const { cache, ...options } = data ?? {};
    this.#ownsCache = !(cache instanceof AudioCache);
    this.#cache = cache instanceof AudioCache ? cache : startAudioCache(cache);
    this.#options = { ...options, cache: this.#cache };
    this.game.cache.addCustom(STREAMING_AUDIO);
    this.pluginManager.registerFileType(STREAMING_AUDIO, streamingAudio);
    this.#joinScenes();
    warmUp(); // a game that boots can spare 3 ms, its first sound cannot
    // Phaser keeps the keys of all games of a page together: the next game would find this one taken.
    const { key } = this.#entry;
    if (key !== undefined) Phaser.Plugins.PluginCache.removeCustom(key);
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
    const sound = this.#make(keyOrUrl, config);
    soundsOf(this.game.sound)?.push(sound);
    return sound;
  }

  /**
   * Adds a sound, plays it, and destroys it when it is complete or has failed. With the NoAudio manager neither comes, so
   * the sound is not added.
   */
  play(keyOrUrl: string, config: StreamingSoundConfig = {}): StreamingSound {
    const sound = isSilent(this.game.sound) ? this.#make(keyOrUrl, config) : this.add(keyOrUrl, config);
    destroyAtEnd(sound);
    sound.play();
    return sound;
  }

  /**
   * Adds a sound with a marker for each sprite of its track, as `this.sound.addAudioSprite` does.
   *
   * @param key of the track, and of its list in the game's JSON cache; `load.streamingAudio` with `jsonURL` loads both
   * @throws InvalidArgumentError (`invalid-argument`) there is no such list
   */
  addAudioSprite(key: string, config: StreamingSoundConfig = {}): AudioSpriteSound {
    const list: unknown = isSilent(this.game.sound) ? { spritemap: {} } : this.game.cache.json.get(key);
    if (!isAudioSprite(list)) throw new InvalidArgumentError('key', 'that of a loaded JSON with a spritemap', key);
    return addSprites(this.add(key, config), list, config);
  }

  /**
   * Plays one sprite of a track, as `this.sound.playAudioSprite` does: the sound is destroyed when it is complete, or has
   * failed.
   *
   * @returns whether it plays: false for a sprite that is not there, and with the NoAudio manager
   * @throws as `addAudioSprite`
   */
  playAudioSprite(key: string, spriteName: string, config: StreamingSoundConfig = {}): boolean {
    if (isSilent(this.game.sound)) return false;
    const sound = this.addAudioSprite(key, config);
    destroyAtEnd(sound);
    const plays = sound.play(spriteName, phaserConfig(config));
    if (!plays) sound.destroy();
    return plays;
  }

  /** Called by the loader's files. Reads the beginning of a track into the cache. */
  [PRELOAD](url: string, options: PreloadOptions): Promise<void> {
    return preloadTrack(url, this.cache, { ...this.#options, ...options });
  }

  /** Called by Phaser when the game is destroyed, after its sounds. */
  override destroy(): void {
    if (this.#ownsCache) this.#cache?.close();
    this.#cache = undefined;
    super.destroy();
  }

  #make(keyOrUrl: string, config: StreamingSoundConfig): StreamingSound {
    const entry = this.game.cache.custom[STREAMING_AUDIO]?.get(keyOrUrl) as StreamingAudioEntry | undefined;
    return new StreamingSound(this.game.sound, keyOrUrl, entry?.url ?? keyOrUrl, { ...this.#options, ...config });
  }

  /** Phaser gives a plugin and its file types only to scenes that come after it. */
  #joinScenes(): void {
    const { mapping } = this.#entry;
    for (const scene of this.game.scene.scenes) {
      if (mapping) Object.assign(scene, { [mapping]: this });
      this.pluginManager.registerFileType(STREAMING_AUDIO, streamingAudio, scene);
    }
  }

  /** What Phaser's plugin manager notes of this plugin. */
  get #entry(): Partial<PluginEntry> {
    return pluginEntries(this.game).find(({ plugin }) => plugin === this) ?? {};
  }
}

/** Not at once: the sound may have more listeners. */
function destroyAtEnd(sound: StreamingSound): void {
  const destroyLater = (): void => queueMicrotask(() => sound.destroy());
  sound.once(Phaser.Sound.Events.COMPLETE, destroyLater);
  sound.once(StreamingSoundEvents.ERROR, destroyLater);
}

function isAudioSprite(list: unknown): list is AudioSprite {
  return typeof list === 'object' && list !== null && 'spritemap' in list;
}

/** The loaders' method: Phaser hangs it on each of them. */
function streamingAudio(
  this: Phaser.Loader.LoaderPlugin,
  ...args: StreamingAudioFileArguments
): Phaser.Loader.LoaderPlugin {
  addFiles(this, ...args);
  return this;
}
