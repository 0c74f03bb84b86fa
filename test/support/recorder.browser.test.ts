import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { alignRecording } from './align-recording.ts';
import { launchChromium, type Chromium, type TestPage } from './chromium.ts';
import { startRangeServer, type RangeServer } from './range-server.ts';
import { installRecorder, readRecording } from './recorder.ts';
import { makeWav, samplesOf } from './wav.ts';

const RATE = 44_100;
const noise = makeWav({ seconds: 1, sampleRate: RATE, amplitude: 1 });
const FLIPPED_FRAME = 30_000;

let chromium: Chromium;
let server: RangeServer;
let page: TestPage;

beforeAll(async () => {
  server = await startRangeServer({
    '/blank.html': Buffer.from('<!doctype html><link rel="icon" href="data:,"><title>blank</title>'),
    '/noise.wav': noise,
    '/flipped.wav': withOneBitFlipped(noise),
    '/short.wav': makeWav({ seconds: 1, sampleRate: RATE }),
  });
  chromium = await launchChromium();
  await installRecorder(chromium);
});

afterAll(async () => {
  await chromium.close();
  await server.close();
});

beforeEach(async () => {
  page = await chromium.open(`${server.url}/blank.html`);
});

test.each(['gain', 'destination'] as const)(
  'a decoded WAV is exact to its last sample, tapped at a %s',
  async (node) => {
    const tap = await page.evaluate(playDecoded, { url: '/noise.wav', node });
    expect(alignRecording(await readRecording(page, tap), samplesOf(noise))).toMatchObject({
      soundingFrames: RATE,
      exactFrames: RATE,
      firstFrame: 0,
      firstDifference: undefined,
      differences: 0,
      gaps: [],
    });
  },
);

test('one flipped sample is found where it is', async () => {
  const tap = await page.evaluate(playDecoded, { url: '/flipped.wav', node: 'gain' });
  const alignment = alignRecording(await readRecording(page, tap), samplesOf(noise));
  expect(alignment).toMatchObject({ firstFrame: 0, differences: 1, firstDifference: { wavFrame: FLIPPED_FRAME } });
});

test('the gap of a native loop is found at its seam', async () => {
  const tap = await page.evaluate(playLooping, '/short.wav');
  const { gaps, silentFrames } = alignRecording(await readRecording(page, tap), samplesOf(makeWav({ seconds: 1 })));
  const [gap] = gaps;
  expect(gaps.length).toBeGreaterThan(0);
  expect(Math.abs((gap?.start ?? 0) - silentFrames - RATE)).toBeLessThan(RATE * 0.05);
  expect(gap?.frames).toBeGreaterThan(RATE * 0.002);
});

/** In the page: plays a file from a buffer, and waits until all of it has been heard. */
async function playDecoded({ url, node }: { url: string; node: 'gain' | 'destination' }): Promise<number> {
  const context = new AudioContext({ sampleRate: 44_100 });
  const gain = context.createGain();
  gain.connect(context.destination);
  const tap = await window.recorder.attach(node === 'gain' ? gain : context.destination);
  const source = context.createBufferSource();
  source.buffer = await context.decodeAudioData(await (await fetch(url)).arrayBuffer());
  source.connect(gain);
  const ended = new Promise((resolve) => source.addEventListener('ended', resolve));
  source.start();
  await ended;
  await new Promise((resolve) => setTimeout(resolve, 200));
  return tap;
}

/** In the page: lets a native element loop for two seams. */
async function playLooping(url: string): Promise<number> {
  const context = new AudioContext({ sampleRate: 44_100 });
  const element = new Audio(url);
  element.loop = true;
  const source = context.createMediaElementSource(element);
  source.connect(context.destination);
  const tap = await window.recorder.attach(source);
  await element.play();
  await new Promise((resolve) => setTimeout(resolve, 2800));
  element.pause();
  return tap;
}

function withOneBitFlipped(wav: Buffer): Buffer {
  const copy = Buffer.from(wav);
  const offset = samplesOf(wav).dataStart + FLIPPED_FRAME * 4;
  copy.writeUInt8(copy.readUInt8(offset) ^ 1, offset);
  return copy;
}
