/** Runs in the harness page: when is what was asked for heard? The same tap for every way. */
import type { Way } from '../ways.ts';
import type { Player, Stage } from './players.ts';

/** How long a sound took. */
export interface Heard {
  /** From the call until its first sample reached the audio graph. */
  readonly heardMs: number;
  /** When that was, as `Date.now()`. */
  readonly heardAt: number;
  /** From the call until the element's clock had moved; absent where there is no element. */
  readonly clockMs?: number;
}

export interface Bench {
  /** Call it first. */
  prepare(way: Way): Promise<void>;
  /** Begins to play, and waits for the first sample. */
  play(url: string, loop?: boolean): Promise<Heard>;
  /** Moves to a marked second, and waits for the mark. */
  seek(seconds: number): Promise<Heard>;
  readonly context: AudioContext;
  readonly player: Player;
}

declare global {
  interface Window {
    bench: Bench;
  }
}

type Sought = 'sound' | 'mark';

// A worklet has no `performance`, so both sides read the one clock that they share, to the millisecond.
const WORKLET = `registerProcessor('bench-tap', class extends AudioWorkletProcessor {
  #sought;
  constructor() {
    super();
    this.port.onmessage = ({ data }) => { this.#sought = data; this.port.postMessage('armed'); };
  }
  process([input]) {
    if (this.#sought === undefined || input.length === 0) return true;
    const isSought = this.#sought === 'sound' ? (x) => x !== 0 : (x) => x > 0.45;
    if (input[0].some(isSought)) {
      this.port.postMessage(Date.now());
      this.#sought = undefined;
    }
    return true;
  }
});`;

const STEP_MS = 10; // of sound at a time
const CLOCK_POLL_MS = 1; // browsers make 4 ms of it
const CLOCK_STEP_SECONDS = 0.001;
const CLOCK_LATE_MS = 100; // how much later than the sound it may move

let stage: Stage | undefined;
let tap: AudioWorkletNode | undefined;
let player: Player | undefined;

function made<T>(thing: T | undefined): T {
  if (thing === undefined) throw new Error('Call prepare, then play.');
  return thing;
}

async function prepare(way: Way): Promise<void> {
  stage = await window.setStage(way);
  const url = URL.createObjectURL(new Blob([WORKLET], { type: 'text/javascript' }));
  await stage.context.audioWorklet.addModule(url);
  tap = new AudioWorkletNode(stage.context, 'bench-tap');
  tap.connect(stage.context.destination); // it says nothing there, but only so is it sure to run
  stage.output?.connect(tap);
  await arm(undefined);
}

/** Tells the tap what to listen for, and waits until it does. */
async function arm(sought: Sought | undefined): Promise<void> {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worklet has none
  await nextMessage('armed', () => made(tap).port.postMessage(sought));
}

/** What the tap says next, to what `ask` does. */
function nextMessage(wanted: 'armed' | 'time', ask: () => void): Promise<number> {
  const { port } = made(tap);
  return new Promise((resolve) => {
    const onMessage = ({ data }: MessageEvent<'armed' | number>): void => {
      if ((data === 'armed') !== (wanted === 'armed')) return;
      port.removeEventListener('message', onMessage);
      resolve(Number(data));
    };
    port.addEventListener('message', onMessage);
    port.start();
    ask();
  });
}

/** Does what `act` does, and waits until the tap hears what is sought. */
async function timeTo(sought: Sought, target: number, act: () => void): Promise<Heard> {
  await arm(sought);
  // The tap answers in step with the context, and no game calls so: every part of a step is as likely.
  await new Promise((resolve) => setTimeout(resolve, STEP_MS * Math.random()));
  let calledAt = 0;
  let movedAt: number | undefined;
  let isOver = false;
  let onMoved: (movedAt: number) => void = () => {};
  const moved = new Promise<number>((resolve) => {
    onMoved = resolve;
  });
  const watchClock = (): void => {
    const element = player?.element;
    if (element && !element.seeking && element.currentTime > target + CLOCK_STEP_SECONDS)
      onMoved((movedAt ??= Date.now()));
    if (movedAt === undefined && !isOver) setTimeout(watchClock, CLOCK_POLL_MS);
  };
  const heard = nextMessage('time', () => {
    calledAt = Date.now();
    act();
    setTimeout(watchClock, CLOCK_POLL_MS);
  });
  const heardAt = await (player?.isAlone ? moved : heard);
  await new Promise((resolve) => setTimeout(resolve, CLOCK_LATE_MS));
  isOver = true;
  const clock = movedAt === undefined ? {} : { clockMs: movedAt - calledAt };
  return { heardMs: heardAt - calledAt, heardAt, ...clock };
}

function play(url: string, loop = false): Promise<Heard> {
  const { context } = made(stage);
  return timeTo('sound', 0, () => {
    void keep(made(stage).play(url, loop), context);
  });
}

/** Keeps what plays, and leads an element's sound into the context and the tap, at once where that is possible. */
async function keep(started: Player | Promise<Player>, context: AudioContext): Promise<void> {
  player = started instanceof Promise ? await started : started;
  if (player.element === undefined || player.isAlone) return;
  const source = context.createMediaElementSource(player.element);
  source.connect(made(tap));
  source.connect(context.destination);
}

window.bench = {
  prepare,
  play,
  seek: (seconds) => timeTo('mark', seconds, () => made(player).seek(seconds)),
  get context() {
    return made(stage).context;
  },
  get player() {
    return made(player);
  },
};
