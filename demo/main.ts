/** The demo: a sky, a tick counter, and a track that streams when Up is pressed. */

import * as Phaser from 'phaser';
import { StreamingAudioPlugin } from '../plugin/index.ts';
import { showCache } from './cache-panel.ts';
import { keepPage, watchConnection } from './connection.ts';
import { showStreaming } from './monitor.ts';
import { MusicStreamer } from './music-streamer.ts';

declare global {
  interface Window {
    game: Phaser.Game;
  }
}

const wanted = new URLSearchParams(location.search).get('url') ?? 'music/prelude.wav';
const scene = new MusicStreamer(new URL(wanted, document.baseURI).href);

window.game = new Phaser.Game({
  type: Phaser.CANVAS,
  width: 400,
  height: 400,
  parent: 'game',
  backgroundColor: '#a1fffe', // (161, 255, 254)
  fps: { limit: 60 },
  banner: false,
  plugins: {
    global: [{ key: 'StreamingAudio', plugin: StreamingAudioPlugin, mapping: 'streamingAudio', start: true }],
  },
  scene,
});

showStreaming(() => scene.music);
window.game.events.once(Phaser.Core.Events.READY, () => {
  showCache(scene.streamingAudio.cache, () => scene.music !== undefined && !scene.music.pendingRemove);
});
watchConnection();
keepPage();
