/** Tracks behind URLs that expire: the cache knows them by what does not change, and a new one is asked for in time. */

import * as Phaser from 'phaser';
import { type OpeningResponse, StreamingAudioPlugin, StreamingSoundEvents } from 'phaser-streaming-audio';

/** Stands for a request to the server that signs. */
async function sign(path: string): Promise<string> {
  const signed = new URL(path, document.baseURI);
  signed.searchParams.set('expires', String(Math.round(Date.now() / 1000) + 60));
  signed.searchParams.set('signature', crypto.randomUUID());
  return signed.href;
}

/** What of a URL is the same the next time. */
function withoutSignature(url: string): string {
  return url.replace(/\?.*$/, '');
}

class Level extends Phaser.Scene {
  create(): void {
    const hint = this.add.text(32, 32, 'Click for music', { fontSize: '22px', color: '#12343b' });
    const answer = this.add.text(32, 96, '', {
      fontSize: '16px',
      color: '#12343b',
      wordWrap: { width: 576, useAdvancedWrap: true },
    });
    this.input.once(Phaser.Input.Events.POINTER_DOWN, async () => {
      const url = await sign('../../music/prelude.wav');
      const theme = this.streamingAudio.play(url);
      hint.setText('Load the page again: it starts from the cache');
      theme.on(StreamingSoundEvents.RESPONSE, ({ fromCache }: OpeningResponse) => {
        answer.setText([fromCache ? 'From the cache:' : 'From the server:', url]);
      });
    });
  }
}

export const game = new Phaser.Game({
  width: 640,
  height: 360,
  parent: 'game',
  backgroundColor: '#a1fffe',
  plugins: {
    global: [
      {
        key: 'StreamingAudio',
        plugin: StreamingAudioPlugin,
        mapping: 'streamingAudio',
        start: true,
        data: { request: { cacheKey: withoutSignature, refreshUrl: (url: string) => sign(withoutSignature(url)) } },
      },
    ],
  },
  scene: Level,
});
