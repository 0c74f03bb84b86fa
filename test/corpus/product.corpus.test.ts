import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Chromium, launchChromium, type TestPage } from '../support/chromium.ts';
import { type RangeServer, startRangeServer } from '../support/range-server.ts';
import { CHANNEL_COUNTS, CORPUS_CONTAINERS, ENCODINGS, RATES, roundedTo24 } from './encodings.ts';
import { expectedOf, firstDifference, type Packed, packRemote } from './packed.ts';
import { decodeWithFfmpeg, ffmpeg, withFolder } from './tools.ts';

const FRAMES = 5000;
const TIMEOUT_MS = 60_000;
const CONTAINERS = Object.keys(CORPUS_CONTAINERS);

let server: RangeServer;
let chromium: Chromium;
let page: TestPage;

beforeAll(async () => {
  server = await startRangeServer({ '/index.html': Buffer.from('<!doctype html><title>decoder</title>') });
  chromium = await launchChromium();
  page = await chromium.open(`${server.url}/index.html`);
});

afterAll(async () => {
  await chromium.close();
  await server.close();
});

/** Noise somewhat beyond full scale, in every encoding and container: one file each. */
async function makeFiles(folder: string, rate: number, channels: number): Promise<void> {
  const noise = Array.from({ length: channels }, (_, index) => `2.1*random(${index})-1.05`).join('|');
  const outputs = ENCODINGS.flatMap(({ codec }) =>
    CONTAINERS.flatMap((name) => [
      '-c:a',
      codec,
      ...(CORPUS_CONTAINERS[name] ?? []),
      path.join(folder, `${codec}.${name}`),
    ]),
  );
  await ffmpeg('-f', 'lavfi', '-i', `aevalsrc=exprs=${noise}:s=${rate}:d=${FRAMES / rate}`, ...outputs);
  for (const { codec } of ENCODINGS) {
    const file = path.join(folder, `${codec}.BW64`);
    const bytes = readFileSync(file);
    bytes.write('BW64', 'latin1');
    writeFileSync(file, bytes);
  }
}

/** What each encoding's samples are to become, in full scale of 32 bits. */
async function decodeFiles(folder: string): Promise<Map<string, Buffer>> {
  const files = ENCODINGS.map(({ codec }) => path.join(folder, `${codec}.RIFF`));
  const outputs = ENCODINGS.flatMap(({ rounded }, index) => {
    return ['-map', String(index), '-f', rounded?.format ?? 's32le', `${files[index] ?? ''}.decoded`];
  });
  await ffmpeg(...files.flatMap((file) => ['-i', file]), ...outputs);
  return new Map(
    ENCODINGS.map(({ codec, rounded }, index) => {
      const decoded = readFileSync(`${files[index] ?? ''}.decoded`);
      return [codec, rounded ? roundedTo24(decoded, rounded) : decoded];
    }),
  );
}

/**
 * Decodes an MP4 in Chromium; gives how many samples differ. Of up to 16 bits, it divides those above 0 by 2 ** 15 - 1
 * and those below by 2 ** 15, as it does with those of a WAV of 16 bits.
 */
async function differencesInChromium({ format, mp4 }: Packed, expected: Buffer): Promise<number> {
  const { channels, sampleRate: rate, bitsPerSample } = format;
  server.mount('/packed.mp4', mp4);
  server.mount('/expected', expected);
  return page.evaluate(
    async (asked) => {
      const bytes = await (await fetch('/packed.mp4')).arrayBuffer();
      const samples = new Int32Array(await (await fetch('/expected')).arrayBuffer());
      const context = new OfflineAudioContext(asked.channels, 1, asked.rate);
      const decoded = await context.decodeAudioData(bytes);
      const unscaled = (value: number): number =>
        asked.isNarrow ? Math.round(value * (value > 0 ? 2 ** 15 - 1 : 2 ** 15)) * 2 ** 16 : value * 2 ** 31;
      let differences = Math.abs(decoded.length * asked.channels - samples.length);
      for (let channel = 0; channel < asked.channels; channel++) {
        const heard = decoded.getChannelData(channel);
        for (let frame = 0; frame < heard.length; frame++) {
          if (unscaled(heard[frame] ?? NaN) !== samples[frame * asked.channels + channel]) differences += 1;
        }
      }
      return differences;
    },
    { channels, rate, isNarrow: bitsPerSample <= 16 },
  );
}

describe.each(RATES)('at %i Hz', (rate) => {
  test.each(CHANNEL_COUNTS)(
    '%i channels come out as they are in the file, in every encoding and container',
    (channels) =>
      withFolder(async (folder) => {
        await makeFiles(folder, rate, channels);
        const wholes = await decodeFiles(folder);
        const names = [...wholes.keys()].flatMap((codec) => CONTAINERS.map((name) => ({ codec, name })));
        const cases = [];
        for (const { codec, name } of names) {
          const packed = await packRemote(readFileSync(path.join(folder, `${codec}.${name}`)), rate + channels);
          const expected = expectedOf(wholes.get(codec) ?? Buffer.alloc(0), packed);
          expect(packed.format).toMatchObject({ channels, sampleRate: rate, frames: FRAMES });
          const file = path.join(folder, `${codec}.${name}.mp4`);
          writeFileSync(file, packed.mp4);
          cases.push({ what: `${codec} in ${name}`, file, expected, packed, name });
        }
        const decoded = await decodeWithFfmpeg(cases.map(({ file }) => file));
        for (const [index, { what, expected, packed, name }] of cases.entries()) {
          const difference = firstDifference(readFileSync(decoded[index] ?? ''), expected);
          expect({ what, by: 'FFmpeg', difference }).toEqual({ what, by: 'FFmpeg', difference: undefined });
          if (name !== 'RIFF') continue; // the same audio: its segments are the same
          const differences = await differencesInChromium(packed, expected);
          expect({ what, by: 'Chromium', differences }).toEqual({ what, by: 'Chromium', differences: 0 });
        }
      }),
    TIMEOUT_MS,
  );
});
