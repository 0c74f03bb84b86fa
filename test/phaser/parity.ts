/** Runs one operation against Phaser's own sound and against ours, and tells what each did. */
import type { TestPage } from '../support/chromium.ts';

/** One of Phaser's sounds, or ours: what both must have. */
export type AnySound = Phaser.Sound.WebAudioSound;

/** What an operation may use besides the sound. All of it runs in the page. */
export interface Surroundings {
  readonly game: Phaser.Game;
  readonly manager: Phaser.Sound.WebAudioSoundManager;
  /** Waits for that many frames of the game. */
  readonly frames: (count: number) => Promise<void>;
  /** Waits until something is true, or a second and a half has passed; less where nothing can be heard. */
  readonly until: (isTrue: () => boolean) => Promise<void>;
  /** Waits until sound is being played, beyond that second. */
  readonly heard: (seconds?: number) => Promise<void>;
  /** Whether the sound's place changes within a third of a second. */
  readonly moves: () => Promise<boolean>;
  /** How often the sound has emitted an event. */
  readonly count: (event: string) => number;
}

/** A row of the table: what is done, and what of Phaser's declarations that covers. */
export interface ParityRow {
  readonly name: string;
  readonly members: readonly string[];
  readonly config?: Phaser.Types.Sound.SoundConfig;
  /** Stands alone: it sees nothing but its arguments. */
  readonly run: (sound: AnySound, around: Surroundings) => unknown;
  /** Why ours does something else, where it does. */
  readonly differs?: string;
}

/** What came of it, in words that can be compared. */
export interface Outcome {
  readonly returned: unknown;
  readonly events: readonly unknown[];
  readonly console: readonly string[];
  readonly state: Readonly<Record<string, unknown>>;
  /** Apart, since no two sounds start within the same millisecond. */
  readonly seek: number;
}

/** Brings the rows into the page. */
export async function installRows(page: TestPage, rows: readonly ParityRow[]): Promise<void> {
  const entries = rows.map(({ name, run }) => `${JSON.stringify(name)}: ${run.toString()}`);
  await page.inject(`window.parityRows = {${entries.join(',\n')}}`);
  await page.evaluate(async () => {
    const { load } = window.game.scene.getScene('scene');
    load.audio('tone', '/tone.wav').streamingAudio('tone', '/tone.wav');
    await new Promise((resolve) => {
      load.once('complete', resolve);
      load.start();
    });
  });
}

/** What a row does to one of the two, which is then destroyed. */
export function outcomeOf(page: TestPage, kind: 'theirs' | 'ours', { name, config }: ParityRow): Promise<Outcome> {
  return page.evaluate(runRow, { kind, name, config });
}

declare global {
  interface Window {
    parityRows: Record<string, ParityRow['run']>;
  }
}

/** Runs in the page. */
async function runRow({ kind, name, config }: { kind: string; name: string; config: object | undefined }) {
  const { library } = window.harness;
  const { game } = window;
  const manager = game.sound as Phaser.Sound.WebAudioSoundManager;
  const plugin = game.plugins.get('StreamingAudio') as InstanceType<typeof library.StreamingAudioPlugin>;
  const own = new Set<string>(Object.values(library.StreamingSoundEvents));
  const events: unknown[][] = [];
  const lines: string[] = [];
  const sound = (kind === 'ours'
    ? plugin.add('tone', { ...config })
    : manager.add('tone', { ...config })) as unknown as AnySound & { ready?: Promise<void> };
  await sound.ready;

  const describe = (value: unknown): unknown => {
    if (value === sound) return 'the sound';
    if (value === manager) return 'the manager';
    if (value === undefined || value === null) return null;
    if (typeof value === 'number') return Math.round(value * 1e4) / 1e4;
    if (Array.isArray(value)) return value.map(describe);
    if (typeof value !== 'object') return value;
    if (Object.getPrototypeOf(value) !== Object.prototype) return value.constructor.name;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, describe(part)]));
  };
  const attempt = (work: () => unknown): unknown => {
    try {
      return describe(work());
    } catch (error) {
      return `throws ${(error as Error).name}`;
    }
  };

  const emit = sound.emit.bind(sound);
  sound.emit = (event: string, ...payload: unknown[]): boolean => {
    if (!own.has(event)) events.push([event, ...payload.map(describe)]);
    return emit(event, ...payload);
  };
  const limitMs = manager instanceof window.harness.Phaser.Sound.NoAudioSoundManager ? 30 : 1500;
  const until = async (isTrue: () => boolean): Promise<void> => {
    for (const end = performance.now() + limitMs; !isTrue() && performance.now() < end;) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const around: Surroundings = {
    game,
    manager,
    until,
    frames: async (count) => {
      for (let i = 0; i < count; i++) await new Promise((resolve) => game.events.once('postrender', resolve));
    },
    heard: (seconds = 0.05) => until(() => sound.seek > seconds),
    moves: async () => {
      await new Promise((resolve) => setTimeout(resolve, 100)); // what was told to stand still may take a moment
      const place = sound.seek;
      await new Promise((resolve) => setTimeout(resolve, 233));
      return Math.abs(sound.seek - place) > 0.05;
    },
    count: (event) => events.filter(([emitted]) => emitted === event).length,
  };
  const { warn, error: complain } = console;
  console.warn = console.error = (line: unknown) => lines.push(String(line));
  let returned: unknown;
  try {
    returned = describe(await window.parityRows[name]?.(sound, around));
  } catch (error) {
    returned = `throws ${(error as Error).name}`;
  }
  await around.frames(2);
  Object.assign(console, { warn, error: complain });

  const names = ['isPlaying', 'isPaused', 'pendingRemove', 'duration', 'totalDuration', 'totalRate', 'volume', 'mute'];
  const more = ['rate', 'detune', 'loop', 'pan', 'markers', 'currentMarker'];
  const state = Object.fromEntries([...names, ...more].map((key) => [key, attempt(() => Reflect.get(sound, key))]));
  const outcome = { returned, events: [...events], console: lines, state, seek: sound.seek };
  manager.remove(sound);
  return outcome;
}
