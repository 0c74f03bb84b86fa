import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { initializationSegment, mediaSegment, SEGMENT_MIME_TYPES } from '../../plugin/media/fmp4.ts';
import { type PcmFormat, pcmFormat, type SampleType } from '../../plugin/media/pcm.ts';
import type { Engine, EngineName, EnginePage } from '../support/engine.ts';
import { ENGINES, launchEngine } from '../support/engines.ts';
import { type RangeServer, startRangeServer } from '../support/range-server.ts';
import { Lane } from '../support/side-by-side.ts';

const RATES = [8000, 11_025, 16_000, 22_050, 24_000, 32_000, 37_800, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000];
const CHANNEL_COUNTS = [1, 2, 3, 4, 5, 6, 7, 8];
const SAMPLE_TYPES: readonly SampleType[] = ['uint8', 'int16', 'int24', 'float32', 'a-law'];
const SECONDS = 1.5;
const HEARD_SECONDS = 0.2;
const BLOCK_FRAMES = 1024;
/** Sounds at a time: Firefox takes 2 s to begin, and Chromium's audio service may refuse the eighth of several. */
const AT_ONCE: Readonly<Record<EngineName, number>> = { chromium: 1, firefox: 8, webkit: 1 };
const START_TIMEOUT_MS = 120_000; // a cold disk and a busy machine included
const PLAY_LIMIT = { timeoutMs: 40_000 };
const CASE_TIMEOUT_MS = 120_000; // its turn included
const CLOCK_SECONDS = 0.001;

/** What an element shows of a sound that was played. */
interface Played {
  readonly currentTime: number;
  readonly duration: number;
  readonly error: string | undefined;
}

interface Asked {
  readonly urls: readonly string[];
  readonly types: readonly string[];
  readonly heardSeconds: number;
}

/** Noise as one file, of an initialization segment and three media segments. */
function packNoise(format: PcmFormat): Buffer {
  const frames = Math.round(SECONDS * format.sampleRate);
  const segments: Uint8Array[] = [initializationSegment(format)];
  const step = Math.ceil(frames / 3);
  for (let frame = 0; frame < frames; frame += step) {
    const count = Math.min(step, frames - frame);
    segments.push(mediaSegment(format, noise(format, count), frame, 1, BLOCK_FRAMES));
  }
  return Buffer.concat(segments);
}

function noise({ bytesPerFrame, sampleType }: PcmFormat, frames: number): Uint8Array {
  const bytes = Uint8Array.from(
    { length: frames * bytesPerFrame },
    (_, at) => (Math.imul(at, 0x9e37_79b1) >>> 24) & 0xff,
  );
  if (sampleType !== 'float32') return bytes;
  const floats = Float32Array.from({ length: bytes.length / 4 }, (_, at) => (bytes[4 * at] ?? 0) / 256 - 0.5);
  return new Uint8Array(floats.buffer);
}

/** Plays what is at each URL through a MediaSource of its own until so many seconds have passed, or an error has come. */
function playInPage({ urls, types, heardSeconds }: Asked): Promise<Played[]> {
  const play = async (url: string): Promise<Played> => {
    const type = types.find((one) => MediaSource.isTypeSupported(one)) ?? '';
    const bytes = await (await fetch(url)).arrayBuffer();
    const element = new Audio();
    const source = new MediaSource();
    element.src = URL.createObjectURL(source);
    await new Promise((resolve) => source.addEventListener('sourceopen', resolve, { once: true }));
    const buffer = source.addSourceBuffer(type);
    buffer.appendBuffer(bytes);
    await new Promise((resolve) => buffer.addEventListener('updateend', resolve, { once: true }));
    if (source.readyState === 'open') source.endOfStream();
    element.play().catch(() => {}); // an error shows on the element
    while (element.currentTime <= heardSeconds && element.error === null) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const { currentTime, duration, error } = element;
    URL.revokeObjectURL(element.src);
    element.pause();
    element.removeAttribute('src');
    element.load();
    return { currentTime, duration, error: error?.message };
  };
  return Promise.all(urls.map(play));
}

/** A page of an engine, which plays one thing after the other. */
class Player {
  readonly #lane = new Lane();
  #engine: Engine | undefined;
  #server: RangeServer | undefined;
  #page: EnginePage | undefined;

  constructor(private readonly name: EngineName) {}

  async launch(): Promise<void> {
    this.#server = await startRangeServer({ '/index.html': Buffer.from('<!doctype html><title>formats</title>') });
    this.#engine = await launchEngine(this.name);
    this.#page = await this.#engine.open(`${this.#server.url}/index.html`);
  }

  async close(): Promise<void> {
    await this.#engine?.close();
    await this.#server?.close();
  }

  expectPlay(formats: readonly PcmFormat[]): Promise<void> {
    return this.#lane.run(async () => {
      const count = AT_ONCE[this.name];
      for (let first = 0; first < formats.length; first += count) {
        await this.#expectPlayAtOnce(formats.slice(first, first + count));
      }
    });
  }

  async #expectPlayAtOnce(formats: readonly PcmFormat[]): Promise<void> {
    const urls = formats.map((format, index) => {
      this.#server?.mount(`/${index}.mp4`, packNoise(format));
      return `/${index}.mp4`;
    });
    const asked = { urls, types: SEGMENT_MIME_TYPES, heardSeconds: HEARD_SECONDS };
    const played = (await this.#page?.evaluate(playInPage, asked, PLAY_LIMIT)) ?? [];
    expect(played).toHaveLength(formats.length);
    for (const [index, { currentTime, duration, error }] of played.entries()) {
      const { channels, sampleRate } = formats[index] as PcmFormat;
      expect({ channels, error }).toEqual({ channels, error: undefined });
      expect(currentTime).toBeGreaterThan(HEARD_SECONDS);
      expect(Math.abs(duration - Math.round(SECONDS * sampleRate) / sampleRate)).toBeLessThan(CLOCK_SECONDS);
    }
  }
}

const players = new Map(ENGINES.map((name) => [name, new Player(name)]));

beforeAll(async () => {
  for (const player of players.values()) await player.launch();
}, START_TIMEOUT_MS);

afterAll(async () => {
  for (const player of players.values()) await player.close();
});

const rows: [EngineName, string, PcmFormat[]][] = [
  ...RATES.flatMap((rate) =>
    rowsOf(
      `${rate} Hz with every number of channels`,
      CHANNEL_COUNTS.map((channels) => pcmFormat(channels, rate, 'int16')),
    ),
  ),
  ...SAMPLE_TYPES.flatMap((type) =>
    rowsOf(
      `samples of type ${type}`,
      [1, 2, 8].map((channels) => pcmFormat(channels, 48_000, type)),
    ),
  ),
];

function rowsOf(what: string, formats: PcmFormat[]): typeof rows {
  return ENGINES.map((name) => [name, what, formats]);
}

// The engines side by side, since they mostly wait.
test.concurrent.each(rows)(
  '%s plays %s',
  async (name, _what, formats) => {
    await players.get(name)?.expectPlay(formats);
  },
  CASE_TIMEOUT_MS,
);
