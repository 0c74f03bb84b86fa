/** How soon is a way heard: its first sound, its seeks, and its first sound on the next visit? */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LinkShape } from './link.ts';
import type { Heard } from './page/tap.ts';
import { withSession, type Session, type World } from './session.ts';
import { BYTES_PER_SECOND, makeTrack, type Span } from './track.ts';
import { isOurs, isStartOnly, isWholeFile, type Way } from './ways.ts';

/** Of one run; a figure is undefined where the way has no such thing. */
export interface StartFigures {
  readonly firstSoundMs: number;
  /** The same by the element's clock. */
  readonly firstSoundClockMs: number | undefined;
  /** From the call until the first request left the browser. */
  readonly firstAskedMs: number | undefined;
  readonly requests: number;
  readonly bytes: number;
  readonly seekUncachedMs: number | undefined;
  /** From the call until the request for the new place left the browser. */
  readonly seekAskedMs: number | undefined;
  readonly seekBufferedMs: number | undefined;
  readonly cachedMs: number;
}

/** The lines that the ways are compared on. */
export const LINKS: readonly LinkShape[] = [
  { name: '100 ms, 1.5 MB/s', latencyMs: 100, bytesPerSecond: 1.5e6 },
  { name: '20 ms, 10 MB/s', latencyMs: 20, bytesPerSecond: 10e6 },
  { name: '300 ms, 0.4 MB/s', latencyMs: 300, bytesPerSecond: 0.4e6 },
];

export const LONG_SECONDS = 600;
export const SHORT_SECONDS = 10; // for the ways that download all of it first
const UNCACHED_SECONDS = [240, 270, 300, 330, 360, 390, 420]; // far apart, and each elsewhere in its block
const BUFFERED_LATER_SECONDS = 6;
const SHORT_SEEK_SECOND = 6;
const NEAR_BYTES = 2 ** 19; // ways begin to read at a block's or a page's start
const HEARD_SECONDS = 1.2; // after a seek, so that its mark is over before the next is sought
const BUFFERED_TIMEOUT_MS = 20_000;
const START_SECONDS = 2; // what is read before the first seek, so that a way may cache its start

/** One round trip, and as much audio as Chromium needs to start: no streaming way can be sooner. */
export function limitMs({ latencyMs, bytesPerSecond }: LinkShape): number {
  return latencyMs + (0.2 * BYTES_PER_SECOND * 1000) / bytesPerSecond;
}

export function mountStartTracks({ server }: World): void {
  const seconds = UNCACHED_SECONDS.flatMap((second) => [second, second + BUFFERED_LATER_SECONDS]);
  const marks = seconds.map((start) => ({ start, end: start + 1 }));
  server.mount('/long.wav', makeTrack({ name: 'long', seconds: LONG_SECONDS, marks }));
  const mark = { start: SHORT_SEEK_SECOND, end: SHORT_SEEK_SECOND + 1 };
  server.mount('/short.wav', makeTrack({ name: 'short', seconds: SHORT_SECONDS, marks: [mark] }));
}

/** What is measured: in each round, seeks go elsewhere. */
export interface StartCase {
  readonly link: LinkShape;
  readonly way: Way;
  readonly round: number;
}

export function measureStart(world: World, { link, way, round }: StartCase): Promise<StartFigures> {
  return withSession(world, { way }, async (session) => {
    const cold = await measureFirstSound(session, link);
    const second = UNCACHED_SECONDS[round % UNCACHED_SECONDS.length] ?? NaN;
    const seeks = await measureSeeks(session, second);
    return { ...cold, ...seeks, cachedMs: await measureCached(session, link) };
  });
}

function measureSeeks(session: Session, second: number) {
  if (isStartOnly(session.way)) return waitUntilCached(session);
  return isWholeFile(session.way) ? seekInShort(session) : seekInLong(session, second);
}

function trackOf(way: Way): string {
  return isWholeFile(way) ? '/short.wav' : '/long.wav';
}

async function measureFirstSound(session: Session, shape: LinkShape) {
  const { server, link } = session.world;
  server.clearLog();
  link.clear();
  link.shape = shape;
  const heard = await session.play(trackOf(session.way));
  const { heardMs, heardAt, clockMs } = heard;
  return {
    firstSoundMs: heardMs,
    firstSoundClockMs: clockMs,
    firstAskedMs: askedMs(session, heard, 0),
    requests: server.log.filter(({ startedAt }) => startedAt <= heardAt).length,
    bytes: link.bytesUntil(heardAt),
  };
}

/** How long it took to ask for what lies at `second`. */
function askedMs({ world }: Session, heard: Heard, second: number): number | undefined {
  const { server, link } = world;
  const calledAt = heard.heardAt - heard.heardMs;
  const place = second * BYTES_PER_SECOND;
  const entry = server.log.find(({ startedAt, range }) => {
    return startedAt >= calledAt && Math.abs((range?.start ?? 0) - place) < NEAR_BYTES;
  });
  return entry && entry.startedAt - link.shape.latencyMs - calledAt;
}

async function seekInLong(session: Session, second: number) {
  await waitUntilBuffered(session, { playhead: 0, start: 0, end: START_SECONDS });
  await waitUntilCached(session);
  const uncached = await session.seek(second);
  const start = second + BUFFERED_LATER_SECONDS;
  await waitUntilBuffered(session, { playhead: second + HEARD_SECONDS, start, end: start + 1 });
  const buffered = await session.seek(start);
  return {
    seekUncachedMs: uncached.heardMs,
    seekAskedMs: askedMs(session, uncached, second),
    seekBufferedMs: buffered.heardMs,
  };
}

/** Waits until the playhead has come so far, and the element holds a span. */
async function waitUntilBuffered({ page }: Session, wanted: Span & { readonly playhead: number }): Promise<void> {
  const isReady = ({ playhead, start, end }: typeof wanted): boolean => {
    const { element } = window.bench.player;
    if (element === undefined || element.currentTime < playhead) return false;
    const { buffered } = element;
    const holds = (i: number): boolean => buffered.start(i) <= start && end <= buffered.end(i);
    return Array.from({ length: buffered.length }, (_, i) => holds(i)).includes(true);
  };
  await page.until(isReady, wanted, { timeoutMs: BUFFERED_TIMEOUT_MS });
}

async function seekInShort(session: Session) {
  await sleep(500); // of playing
  const { heardMs } = await session.seek(SHORT_SEEK_SECOND);
  return { seekUncachedMs: undefined, seekAskedMs: undefined, seekBufferedMs: heardMs };
}

/** So that the next visit of ours finds the start. */
async function waitUntilCached({ page, way }: Session) {
  if (isOurs(way)) await page.until((seconds) => window.bench.player.cachedSeconds() >= seconds, START_SECONDS);
  return { seekUncachedMs: undefined, seekAskedMs: undefined, seekBufferedMs: undefined };
}

/** On a second visit to the page; native `<audio>` gets all bytes as a Blob URL instead, which costs no request. */
async function measureCached(session: Session, shape: LinkShape): Promise<number> {
  const { page, world, way } = session;
  await session.load();
  const url =
    way === 'native' || way === 'native-alone' ? await page.evaluate(makeBlobUrl, trackOf(way)) : trackOf(way);
  world.link.shape = shape;
  const { heardMs } = await session.play(url);
  return heardMs;
}

/** In the page. */
async function makeBlobUrl(url: string): Promise<string> {
  const response = await fetch(url, { cache: 'no-store' });
  return URL.createObjectURL(await response.blob());
}
