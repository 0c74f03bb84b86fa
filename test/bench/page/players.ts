/** Runs in the harness page: plays one URL in one of the ways that are compared. Its caller is `tap.ts`. */
import type { Way } from '../ways.ts';

/** A sound that has been told to play. */
export interface Player {
  /** Where the way plays through one. */
  readonly element?: HTMLMediaElement;
  /** Its sound goes to the speakers by itself: only its clock tells when it is heard. */
  readonly isAlone?: boolean;
  seek(seconds: number): void;
  /** Seconds of the track that a later start would find in a cache of its own. */
  cachedSeconds(): number;
}

/** A way made ready, as it is in a running game: its context runs, nothing is requested. */
export interface Stage {
  readonly context: AudioContext;
  /** What all sound of the way passes; undefined where it comes out of an element. */
  readonly output?: AudioNode;
  play(url: string, loop: boolean): Player | Promise<Player>;
}

declare global {
  interface Window {
    setStage(way: Way): Promise<Stage>;
  }
}

interface HowlInternals {
  readonly _sounds: readonly { readonly _id: number; readonly _node: HTMLAudioElement }[];
}
interface HowlerNodes {
  readonly masterGain: GainNode;
}
interface PhaserNodes {
  readonly masterVolumeNode: GainNode;
}

const notCached = (): number => 0;

const stages: Readonly<Record<Way, () => Stage | Promise<Stage>>> = {
  ours: () => stageOurs(false),
  'ours-alone': () => stageOurs(true),
  'ours-unready': () => ({ context: new AudioContext(), play: (url, loop) => playOurs(url, { loop }) }),
  'native-alone': () => ({
    context: new AudioContext(),
    play: (url, loop) => ({ ...playNative(url, loop), isAlone: true }),
  }),
  native: () => ({ context: new AudioContext(), play: playNative }),
  'howler-html5': () => ({ context: new AudioContext(), play: playHowlerHtml5 }),
  'howler-web-audio': () => {
    const { Howler } = window.harness.Howler;
    Howler.volume(1); // makes its context
    return { context: Howler.ctx, output: (Howler as unknown as HowlerNodes).masterGain, play: playHowlerWebAudio };
  },
  phaser: async () => {
    const manager = await bootGame();
    return {
      context: manager.context,
      output: (manager as unknown as PhaserNodes).masterVolumeNode,
      play: playPhaser,
    };
  },
};

/** As the plugin leaves a page when its game has booted; the game stands still then, since no other way has one. */
async function stageOurs(isAlone: boolean): Promise<Stage> {
  const { context } = await bootGame();
  window.game.loop.stop();
  const { cache } = window.game.scene.getScene('scene').streamingAudio;
  await cache.ready();
  return { context, play: (url, loop) => ({ ...playOurs(url, { loop, cache }), isAlone }) };
}

async function bootGame(): Promise<Phaser.Sound.WebAudioSoundManager> {
  await window.harness.bootGame();
  const manager = window.game.sound;
  if (!('context' in manager)) throw new Error('Phaser has no Web Audio here.');
  return manager;
}

function playOurs(url: string, options: Parameters<Window['harness']['library']['openStreamingHowl']>[1]): Player {
  const sound = new window.harness.library.StreamingHowl(url, options);
  sound.on('error', (error) => console.error(error));
  sound.play();
  return {
    element: sound.element,
    seek: (seconds) => sound.seek(seconds),
    cachedSeconds: () => sound.cached.find(([start]) => start === 0)?.[1] ?? 0,
  };
}

function playNative(url: string, loop: boolean): Player {
  const element = new Audio(url);
  element.loop = loop;
  void element.play();
  return {
    element,
    seek: (seconds) => {
      element.currentTime = seconds;
    },
    cachedSeconds: notCached,
  };
}

function playHowlerHtml5(url: string, loop: boolean): Player {
  const howl = new window.harness.Howler.Howl({ src: [url], html5: true, loop });
  const id = howl.play();
  const [sound] = (howl as unknown as HowlInternals)._sounds; // eslint-disable-line no-underscore-dangle
  if (sound === undefined) throw new Error('The Howl has no sound.');
  return { element: sound._node, seek: (seconds) => void howl.seek(seconds, id), cachedSeconds: notCached };
}

function playHowlerWebAudio(url: string, loop: boolean): Player {
  const howl = new window.harness.Howler.Howl({ src: [url], loop });
  const id = howl.play();
  return { seek: (seconds) => void howl.seek(seconds, id), cachedSeconds: notCached };
}

async function playPhaser(url: string, loop: boolean): Promise<Player> {
  const scene = window.game.scene.getScene('scene');
  scene.load.audio('track', url);
  scene.load.start();
  await new Promise((resolve) => scene.load.once('complete', resolve));
  const sound = scene.sound.add('track', { loop });
  sound.play();
  return { seek: (seconds) => void sound.setSeek(seconds), cachedSeconds: notCached };
}

window.setStage = async (way) => {
  const stage = await stages[way]();
  await stage.context.resume();
  return stage;
};
