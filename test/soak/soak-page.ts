/** What runs in the page of the soak: how much was heard, and whether what says it plays does. */

export interface SoakWatch {
  /** Seconds of tracks that were heard. */
  heard: number;
  /** The longest time for which a sound said `playing` and did not move, in ms. */
  stuckMs: number;
  /** The most seconds of a track that were on an element. */
  buffered: number;
  /** The codes of the errors told. */
  errors: string[];
}

declare global {
  interface Window {
    soak: SoakWatch;
  }
}

/** Looks at `window.sound` ten times a second. Runs in the page: it sees nothing of this file. */
export function watchSounds(): void {
  const LOOK_MS = 100;
  const MOST_RATE = 16;
  const soak: SoakWatch = { heard: 0, stuckMs: 0, buffered: 0, errors: [] };
  window.soak = soak;
  let last = { sound: window.sound, position: 0, movedAt: performance.now() };
  setInterval(() => {
    const { sound } = window;
    const now = performance.now();
    const position = sound.seek;
    const moved = sound === last.sound ? position - last.position : 0;
    if (moved > 0 && moved < (MOST_RATE * 10 * LOOK_MS) / 1000) soak.heard += moved;
    const isStill = sound === last.sound && moved === 0 && sound.state === 'playing';
    const movedAt = isStill ? last.movedAt : now;
    soak.stuckMs = Math.max(soak.stuckMs, now - movedAt);
    soak.buffered = Math.max(
      soak.buffered,
      sound.buffered.reduce((sum, [start, end]) => sum + end - start, 0),
    );
    last = { sound, position, movedAt };
  }, LOOK_MS);
}

/** Adds a sound as `window.sound` and plays it, in place of the one before. Runs in the page. */
export function playAnother({ url, config }: { url: string; config: object }): void {
  const { library } = window.harness;
  const plugin = window.game.plugins.get('StreamingAudio') as InstanceType<typeof library.StreamingAudioPlugin>;
  window.sound?.destroy();
  const sound = plugin.add(url, config);
  sound.on('error', ({ code = 'untyped' }: { code?: string }) => window.soak.errors.push(code));
  sound.play();
  window.sound = sound;
}

/** What is to be known of a sound that does not go on. Runs in the page. */
export function describeSound(): object {
  const { key, state, seek, duration, rate, loop, buffered, cached, stats, isPlaying, isPaused } = window.sound;
  const { errors } = window.soak;
  return { key, state, seek, duration, rate, loop, buffered, cached, stats, isPlaying, isPaused, errors };
}
