/** What the plugin adds to Phaser's own types. */

import type { StreamingAudioFileArguments } from './streaming-audio-file.ts';
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
         * A key and a URL, which is relative to the loader's `path`, unless absolute; or a configuration, or several.
         * Of several URLs the first that can be played counts.
         */
        streamingAudio(...args: StreamingAudioFileArguments): this;
      }
    }
  }
}
