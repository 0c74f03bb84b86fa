/** Runs in the page, before its own scripts: taps nodes of its Web Audio graphs. The test's side is `../recorder.ts`. */

/** The page's side. A call records from the moment its promise resolves, for as long as the context runs. */
export interface PageRecorder {
  /** Taps the sum of all that goes through `node`; for a context's destination, all that is heard of it. */
  attach(node: AudioNode): Promise<number>;
  /** The sample rate and how many frames the tap has heard. */
  measure(tap: number): { sampleRate: number; frames: number };
  /** The frames `[start, end)` of one channel, as base64 of little-endian float32. */
  read(tap: number, channel: number, start: number, end: number): string;
}

declare global {
  interface Window {
    recorder: PageRecorder;
  }
}

type Method = (this: AudioNode, ...rest: unknown[]) => unknown;

interface Tap {
  readonly sampleRate: number;
  readonly chunks: Float32Array[][];
  frames: number;
}

// A message a quantum would be 345 a second, so the tap collects 16 quanta.
const WORKLET = `registerProcessor('recorder-tap', class extends AudioWorkletProcessor {
  #chunk = [new Float32Array(2048), new Float32Array(2048)];
  #filled = 0;
  constructor() { super(); this.port.postMessage('ready'); }
  process([input]) {
    for (const [channel, samples] of this.#chunk.entries()) {
      if (input.length > 0) samples.set(input[channel], this.#filled);
      else samples.fill(0, this.#filled, this.#filled + 128);
    }
    this.#filled += 128;
    if (this.#filled === 2048) {
      this.port.postMessage(this.#chunk);
      this.#filled = 0;
    }
    return true;
  }
});`;

const READY_TIMEOUT_MS = 5000;
const taps: Tap[] = [];
const sums = new WeakMap<BaseAudioContext, GainNode>();
const connect: Method = methodOf('connect');
const disconnect: Method = methodOf('disconnect');

function methodOf(name: 'connect' | 'disconnect'): Method {
  const method: Method = Object.getOwnPropertyDescriptor(AudioNode.prototype, name)?.value;
  return method;
}

/** A destination has no output to tap, so all that is meant for one goes through a gain of 1 before it. */
function sumBefore(destination: AudioDestinationNode): GainNode {
  const { context } = destination;
  let sum = sums.get(context);
  if (sum === undefined) {
    sum = context.createGain();
    connect.call(sum, destination);
    sums.set(context, sum);
  }
  return sum;
}

function redirected(target: unknown): unknown {
  return target instanceof AudioDestinationNode ? sumBefore(target) : target;
}

Object.assign(AudioNode.prototype, {
  connect(this: AudioNode, target: unknown, ...rest: unknown[]) {
    connect.call(this, redirected(target), ...rest);
    return target instanceof AudioNode ? target : undefined;
  },
  disconnect(this: AudioNode, ...[target, ...rest]: unknown[]) {
    if (target === undefined) disconnect.call(this);
    else disconnect.call(this, redirected(target), ...rest);
  },
});

async function addWorklet(context: BaseAudioContext): Promise<void> {
  const url = URL.createObjectURL(new Blob([WORKLET], { type: 'text/javascript' }));
  await context.audioWorklet.addModule(url);
  URL.revokeObjectURL(url);
}

function whenReady(node: AudioWorkletNode, tap: Tap): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('The recorder did not start.')), READY_TIMEOUT_MS);
    node.port.addEventListener('message', ({ data }: MessageEvent<'ready' | Float32Array[]>) => {
      if (data === 'ready') {
        clearTimeout(timer);
        resolve();
        return;
      }
      tap.chunks.push(data);
      tap.frames += data[0]?.length ?? 0;
    });
    node.port.start();
  });
}

async function attach(node: AudioNode): Promise<number> {
  const source = node instanceof AudioDestinationNode ? sumBefore(node) : node;
  const { context } = source;
  await addWorklet(context);
  const tap: Tap = { sampleRate: context.sampleRate, chunks: [], frames: 0 };
  const options: AudioWorkletNodeOptions = { channelCount: 2, channelCountMode: 'explicit' };
  const worklet = new AudioWorkletNode(context, 'recorder-tap', options);
  const ready = whenReady(worklet, tap);
  connect.call(source, worklet);
  connect.call(worklet, context.destination); // it says nothing there, but only so is it sure to run
  await ready;
  return taps.push(tap) - 1;
}

function tapOf(id: number): Tap {
  const tap = taps[id];
  if (tap === undefined) throw new Error(`No recorder has the number ${id}.`);
  return tap;
}

function read(id: number, channel: number, start: number, end: number): string {
  const samples = new Float32Array(end - start);
  let position = 0;
  for (const chunk of tapOf(id).chunks) {
    const heard = chunk[channel] ?? new Float32Array();
    const from = Math.max(start, position);
    const to = Math.min(end, position + heard.length);
    if (from < to) samples.set(heard.subarray(from - position, to - position), from - start);
    position += heard.length;
  }
  return base64(new Uint8Array(samples.buffer));
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let start = 0; start < bytes.length; start += 2 ** 15) {
    text += String.fromCharCode(...bytes.subarray(start, start + 2 ** 15));
  }
  return btoa(text);
}

function measure(id: number): { sampleRate: number; frames: number } {
  const { sampleRate, frames } = tapOf(id);
  return { sampleRate, frames };
}

window.recorder = { attach, measure, read };
