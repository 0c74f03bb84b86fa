/** The table: what is done to Phaser's own sound and to ours, which must then be the same. */
import type { ParityRow } from './parity.ts';

const AS_CONFIGURED = `it reads what it is configured to; Phaser's reads its nodes, which the first play sets`;

export const ROWS: readonly ParityRow[] = [
  {
    name: 'belongs to its manager, under its key',
    members: ['manager', 'key'],
    run: (sound) => [sound.manager, sound.key],
  },
  {
    name: 'tells what it is before it plays',
    members: ['isPlaying', 'isPaused', 'totalRate', 'duration', 'totalDuration', 'markers', 'currentMarker', 'seek'],
    run: (sound) => [sound.isPlaying, sound.isPaused, sound.totalRate, sound.duration, sound.totalDuration, sound.seek],
  },
  {
    name: 'has the levels of its configuration before it plays',
    members: ['volume', 'mute', 'pan'],
    config: { volume: 0.5, mute: true, pan: -1 },
    run: (sound) => [sound.volume, sound.mute, sound.pan],
    differs: AS_CONFIGURED,
  },
  {
    name: 'has the rate, detune and loop of its configuration before it plays',
    members: ['rate', 'detune', 'loop'],
    config: { rate: 2, detune: 100, loop: true },
    run: (sound) => [sound.rate, sound.detune, sound.loop, sound.totalRate],
  },
  { name: 'plays', members: ['play'], run: (sound) => sound.play() },
  {
    name: 'plays with a configuration',
    members: ['play', 'applyConfig'],
    run: (sound) =>
      sound.play({ volume: 0.25, mute: true, rate: 0.5, detune: -100, loop: true, pan: 0.5, seek: 0.5, delay: 0 }),
  },
  {
    name: 'keeps the configuration of one play for the next, but not its place',
    members: ['play', 'resetConfig'],
    run: async (sound, { frames }) => {
      const played = [sound.play({ volume: 0.25, seek: 0.5 }), sound.stop(), sound.play()];
      await frames(2);
      return [...played, sound.volume];
    },
  },
  { name: 'plays anew while it plays', members: ['play'], run: (sound) => [sound.play(), sound.play({ seek: 0.3 })] },
  {
    name: 'plays anew while it is paused',
    members: ['play', 'pause'],
    run: async (sound, { heard }) => {
      sound.play();
      await heard();
      return [sound.pause(), sound.play(), sound.isPaused];
    },
  },
  { name: 'does not play what is no name', members: ['play'], run: (sound) => sound.play(1 as never) },
  { name: 'warns of a marker that is missing', members: ['play'], run: (sound) => sound.play('nowhere') },
  {
    name: 'does nothing that needs a playing sound before it plays',
    members: ['pause', 'resume', 'stop', 'seek', 'setSeek'],
    run: (sound) => [sound.pause(), sound.resume(), sound.stop(), sound.setSeek(0.5), sound.seek],
  },
  {
    name: 'pauses and resumes, once each',
    members: ['pause', 'resume', 'isPaused', 'isPlaying'],
    run: async (sound, { heard }) => {
      sound.play();
      await heard();
      const paused = [sound.pause(), sound.pause(), sound.isPaused, sound.isPlaying];
      return [...paused, sound.resume(), sound.resume(), sound.isPaused, sound.isPlaying];
    },
  },
  {
    name: 'resumes with the levels that were set while it was paused',
    members: ['resume', 'setVolume', 'setRate'],
    run: async (sound, { heard }) => {
      sound.play();
      await heard();
      sound.pause();
      return [sound.setVolume(0.3), sound.setRate(2), sound.resume()];
    },
  },
  {
    name: 'stops, once, from playing and from a pause',
    members: ['stop'],
    run: async (sound, { heard }) => {
      sound.play();
      await heard();
      const stopped = [sound.stop(), sound.stop(), sound.seek];
      sound.play();
      await heard();
      return [...stopped, sound.pause(), sound.stop(), sound.seek];
    },
  },
  {
    name: 'waits for its delay, and can neither be paused nor moved meanwhile',
    members: ['play', 'pause', 'seek', 'startTime'],
    run: async (sound, { frames }) => {
      const played = sound.play({ delay: 0.4, seek: 0.5 });
      await frames(3);
      return [played, sound.pause(), sound.resume(), sound.setSeek(0.1), sound.seek, sound.isPlaying];
    },
  },
  {
    name: 'can be stopped while it waits for its delay',
    members: ['play', 'stop'],
    run: async (sound, { until }) => {
      const stopped = [sound.play({ delay: 0.1 }), sound.stop()];
      await until(() => sound.seek > 0);
      return stopped;
    },
  },
  {
    name: 'plays after its delay',
    members: ['play'],
    run: async (sound, { heard }) => {
      sound.play({ delay: 0.1 });
      await heard(0.2);
      return sound.isPlaying;
    },
  },
  {
    name: 'is complete once',
    members: ['update', 'hasEnded'],
    run: async (sound, { count, frames, until }) => {
      sound.play({ seek: 0.8 });
      await until(() => count('complete') > 0);
      await frames(5);
      return [sound.seek, sound.play()];
    },
  },
  {
    name: 'says each time that it has looped',
    members: ['update', 'hasLooped'],
    run: async (sound, { count, until }) => {
      sound.addMarker({ name: 'lap', start: 0.2, duration: 0.25, config: { loop: true } });
      sound.play('lap');
      await until(() => count('looped') > 1);
      return [sound.isPlaying, sound.stop()];
    },
  },
  {
    name: 'completes where it is told to loop no more',
    members: ['loop', 'setLoop'],
    run: async (sound, { count, until }) => {
      const loops = [sound.play({ loop: true, seek: 0.8 }), sound.setLoop(false), sound.loop];
      await until(() => count('complete') > 0);
      return loops;
    },
  },
  {
    name: 'moves while it plays, within its length',
    members: ['seek', 'setSeek'],
    run: async (sound, { heard }) => {
      sound.play();
      await heard();
      const moved = [sound.setSeek(-1), sound.setSeek(0.5)];
      sound.pause();
      return moved;
    },
  },
  {
    name: 'moves while it is paused, within its length',
    members: ['seek', 'setSeek'],
    run: async (sound, { heard }) => {
      sound.play();
      await heard();
      sound.pause();
      const places = [-1, 0.25, 99, 0.5].map((seconds) => sound.setSeek(seconds).seek);
      return [...places, sound.isPaused];
    },
  },
  {
    name: 'adds markers, and no second one of the same name',
    members: ['addMarker', 'markers'],
    run: (sound) => [
      sound.addMarker({ name: 'a', start: 0.25, duration: 0.5, config: { volume: 0.5 } }),
      sound.addMarker({ name: 'a', start: 0.5 }),
      sound.addMarker({ name: 'rest', start: 0.75 }),
      sound.addMarker({ name: '' }),
      sound.addMarker(undefined as never),
      sound.markers,
    ],
  },
  {
    name: 'updates markers that it has',
    members: ['updateMarker'],
    run: (sound) => [
      sound.addMarker({ name: 'a', start: 0.25, duration: 0.5 }),
      sound.updateMarker({ name: 'a', duration: 0.25, config: { loop: true } }),
      sound.updateMarker({ name: 'b' }),
      sound.updateMarker(undefined as never),
      sound.markers['a'],
    ],
  },
  {
    name: 'removes markers that it has',
    members: ['removeMarker'],
    run: (sound) => [
      sound.addMarker({ name: 'a', start: 0.25, duration: 0.5 }),
      sound.removeMarker('a'),
      sound.removeMarker('a'),
      sound.play('a'),
      sound.addMarker({ name: 'a' }),
    ],
  },
  {
    name: 'plays a marker with the configuration of the marker',
    members: ['play', 'currentMarker', 'duration'],
    config: { volume: 0.75 },
    run: (sound) => {
      sound.addMarker({ name: 'a', start: 0.25, duration: 0.5, config: { volume: 0.5, rate: 2, detune: 50, pan: 1 } });
      return [sound.play('a', { mute: true }), sound.currentMarker.name, sound.duration, sound.totalDuration];
    },
  },
  {
    name: 'completes at the end of a marker, and knows the whole track again',
    members: ['play', 'currentMarker', 'duration'],
    run: async (sound, { count, until }) => {
      sound.addMarker({ name: 'a', start: 0.5, duration: 0.2 });
      sound.play('a', { seek: 0.1 });
      await until(() => count('complete') > 0);
      const marked = sound.duration;
      return [marked, sound.play(), sound.duration, sound.currentMarker];
    },
  },
  {
    name: 'moves within a marker',
    members: ['seek'],
    run: async (sound, { heard }) => {
      sound.addMarker({ name: 'a', start: 0.25, duration: 0.5 });
      sound.play('a');
      await heard();
      sound.pause();
      return [0.25, 0.75, -1].map((seconds) => sound.setSeek(seconds).seek);
    },
  },
  {
    name: 'sets its volume before, during and after playing',
    members: ['volume', 'setVolume'],
    run: async (sound, { frames }) => {
      const set = [sound.setVolume(0.5), sound.play()];
      await frames(2);
      sound.volume = 0.25;
      await frames(2);
      return [...set, sound.volume];
    },
  },
  {
    name: 'is muted and heard again',
    members: ['mute', 'setMute'],
    run: async (sound, { frames }) => {
      sound.play();
      sound.mute = true;
      await frames(2);
      const muted = [sound.mute, sound.volume];
      sound.setMute(false);
      await frames(2);
      return [...muted, sound.mute, sound.setMute(true)];
    },
  },
  {
    name: 'sets its rate and detune, and with them its total rate',
    members: ['rate', 'setRate', 'detune', 'setDetune', 'totalRate', 'calculateRate'],
    run: (sound, { manager }) => {
      const before = [sound.setRate(2), sound.setDetune(1200), sound.totalRate];
      sound.play();
      sound.rate = 0.5;
      sound.detune = -100;
      const during = [sound.rate, sound.detune, sound.totalRate];
      manager.setRate(2).setDetune(100);
      const together = [sound.totalRate, sound.calculateRate()];
      manager.setRate(1).setDetune(0);
      return [...before, ...during, ...together];
    },
  },
  {
    name: 'sets its loop before, during and after playing',
    members: ['loop', 'setLoop'],
    run: (sound) => {
      const set = [sound.setLoop(true), sound.play(), sound.setLoop(false), sound.loop];
      sound.loop = true;
      return [...set, sound.stop(), sound.loop];
    },
  },
  {
    name: 'is panned',
    members: ['pan', 'setPan'],
    run: async (sound, { frames }) => {
      sound.play({ pan: -0.5 });
      await frames(2);
      const before = sound.pan;
      const set = sound.setPan(1);
      await frames(2);
      return [before, set, sound.pan];
    },
  },
  {
    name: 'applies its configuration when asked to',
    members: ['applyConfig', 'resetConfig'],
    config: { volume: 0.5 },
    run: (sound) => [sound.applyConfig(), sound.resetConfig()],
  },
  { name: 'does nothing in a frame in which nothing ends', members: ['update'], run: (sound) => sound.update() },
  {
    name: 'stops and says so when it is destroyed while it plays',
    members: ['destroy', 'pendingRemove'],
    run: (sound) => {
      sound.play();
      return [sound.destroy(), sound.destroy(), sound.pendingRemove, sound.manager, sound.markers];
    },
  },
  {
    name: 'says that it is destroyed before it has played',
    members: ['destroy'],
    run: (sound) => [sound.destroy(), sound.stop(), sound.seek, sound.currentMarker],
  },
  {
    name: 'can be destroyed by a listener of its end',
    members: ['destroy', 'update'],
    run: async (sound, { until }) => {
      sound.once('complete', () => sound.destroy());
      sound.play({ seek: 0.8 });
      await until(() => sound.pendingRemove);
      return sound.isPlaying;
    },
  },
  { name: 'cannot be played once it is destroyed', members: ['play'], run: (sound) => (sound.destroy(), sound.play()) },
  {
    name: 'cannot be paused once it is destroyed',
    members: ['pause'],
    run: (sound) => (sound.destroy(), sound.pause()),
    differs: `it answers false; Phaser's throws, since it asks its manager for the time first`,
  },
  {
    name: 'gives its place in space as it was configured',
    members: ['x', 'y'],
    run: async (sound, { frames }) => {
      sound.play({ source: { x: 3, y: 4, z: 5, refDistance: 2 } });
      await frames(2);
      return [typeof sound.x, typeof sound.y];
    },
    differs: `it gives numbers, as Phaser's types say; Phaser's gives AudioParams`,
  },
  {
    name: 'emits what a play emits where it stands in space',
    members: ['applyConfig'],
    run: async (sound, { frames }) => {
      const played = sound.play({ source: { x: 3, y: 4 } });
      sound.x = 5;
      await frames(2);
      return played;
    },
  },
];

/** What `WebAudioSound` declares and ours has not. */
export const LACKING: Readonly<Record<string, string>> = {
  audioBuffer: 'the track is never decoded as a whole',
  source: 'its source is an element, for as long as it lives',
  loopSource: 'a lap is appended to the same element',
  muteNode: '`mute`; effects go behind `output`',
  volumeNode: '`volume`; effects go behind `output`',
  pannerNode: '`pan`; the panner is made when it is first needed',
  spatialNode: '`x`, `y` and the configured `source`; the panner is made when it is first needed',
  spatialSource: 'the configured `source.follow`',
  playTime: 'the element keeps the time',
  startTime: 'the element keeps the time',
  loopTime: 'the element keeps the time',
  rateUpdates: 'the element keeps the time',
  hasEnded: '`COMPLETE`',
  hasLooped: '`LOOPED`',
  createAndStartLoopBufferSource: 'no buffer sources',
  createBufferSource: 'no buffer sources',
  stopAndRemoveBufferSource: 'no buffer sources',
  stopAndRemoveLoopBufferSource: 'no buffer sources',
  getCurrentTime: '`seek`',
  getLoopTime: 'the element keeps the time',
};

/** The rows in which ours does something else than `NoAudioSound`, and why. */
export const SILENT_DIFFERENCES: Readonly<Record<string, string>> = {
  'gives its place in space as it was configured': `it is 0; Phaser's has none`,
};
