/** What the plugin adds to Phaser's own types. */

import type { StreamingAudioFileConfig } from './streaming-audio-file.ts';
import type { StreamingAudioPlugin } from './streaming-audio-plugin.ts';

declare global {
  namespace Phaser {
    interface Scene {
      /** The plugin, where it is mapped to this name in the game's configuration. */
      streamingAudio: StreamingAudioPlugin;
    }

    namespace Loader {
      interface LoaderPlugin {
        /**
         * Loads the header and the first seconds of a WAV; `this.streamingAudio.add(key)` then starts at once.
         *
         * @param key of the track, or a configuration, or several
         * @param url relative to the loader's `path`, unless absolute
         */
        streamingAudio(
          key: string | StreamingAudioFileConfig | readonly StreamingAudioFileConfig[],
          url?: string,
        ): this;
      }
    }
  }
}
