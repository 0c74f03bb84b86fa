import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Chromium, launchChromium, type TestPage } from '../support/chromium.ts';
import { mountHarness, openGame } from '../support/game.ts';
import { type RangeServer, startRangeServer } from '../support/range-server.ts';
import { makeWav } from '../support/wav.ts';
import { declaredMembers } from './declared-members.ts';
import { MANAGER_ROWS } from './manager-rows.ts';
import { installRows, type Outcome, outcomeOf, type ParityRow } from './parity.ts';
import { LACKING, ROWS, SILENT_DIFFERENCES } from './parity-rows.ts';

const SEEK_TOLERANCE = 0.4; // seconds: an element starts some frames later than a buffer that is decoded

let chromium: Chromium;
let server: RangeServer;
let page: TestPage;

beforeAll(async () => {
  chromium = await launchChromium();
  server = await startRangeServer({ '/tone.wav': makeWav({ seconds: 1, kind: 'sine', amplitude: 0.1 }) });
  mountHarness(server);
});

afterAll(async () => {
  await chromium.close();
  await server.close();
});

test.each(['BaseSound', 'WebAudioSound'])('every member that Phaser declares of %s has a row', (className) => {
  const covered = new Set([...ROWS.flatMap(({ members }) => members), ...Object.keys(LACKING)]);
  expect(declaredMembers(className).filter((member) => !covered.has(member))).toEqual([]);
});

describe("a StreamingSound beside Phaser's WebAudioSound", () => {
  beforeAll(async () => {
    page = await openGame(chromium, server);
    await installRows(page, ROWS);
  });

  test.each(ROWS.map((row) => [row.name, row] as const))('%s', async (_, row) => {
    await expectParity(row);
  });

  test.each(Object.keys(LACKING))('does without %s', async (member) => {
    const has = await page.evaluate((name) => {
      const { library, Phaser } = window.harness;
      const plugin = window.game.plugins.get('StreamingAudio') as InstanceType<typeof library.StreamingAudioPlugin>;
      const sounds = [window.game.sound.add('tone'), plugin.add('tone')];
      return sounds.map((sound) => [name in sound, sound instanceof Phaser.Sound.BaseSound]);
    }, member);
    expect(has).toEqual([
      [true, true],
      [false, true],
    ]);
  });
});

describe("a StreamingSound beside Phaser's NoAudioSound", () => {
  beforeAll(async () => {
    server.clearLog();
    page = await openGame(chromium, server, { noAudio: true });
    await installRows(page, ROWS);
  });

  test('has a row for every member that Phaser declares', () => {
    const covered = new Set(ROWS.flatMap(({ members }) => members));
    const properties = ['config', 'currentConfig']; // of every sound; Phaser's types hide those of the others
    expect(declaredMembers('NoAudioSound').filter((member) => !covered.has(member))).toEqual(properties);
  });

  test.each(ROWS.map((row) => [row.name, row] as const))('%s', async (name, row) => {
    const { differs: _, ...same } = row;
    const differs = SILENT_DIFFERENCES[name];
    await expectParity(differs === undefined ? same : { ...row, differs });
  });

  test('asks no server for anything', () => {
    expect(server.log.filter(({ path }) => path === '/tone.wav')).toEqual([]);
  });
});

describe.each([
  ['WebAudioSoundManager', {}],
  ['HTML5AudioSoundManager', { disableWebAudio: true }],
])("a StreamingSound at the verbs of Phaser's %s", (_, audio) => {
  beforeAll(async () => {
    page = await openGame(chromium, server, audio);
    await installRows(page, MANAGER_ROWS);
  });

  test.each(MANAGER_ROWS.map((row) => [row.name, row] as const))('%s', async (_name, row) => {
    const theirs = await outcomeOf(page, 'theirs', row);
    const ours = await outcomeOf(page, 'ours', row);
    expect(ours.returned).toEqual(theirs.returned);
    expect(page.errors).toEqual([]);
  });
});

async function expectParity(row: ParityRow): Promise<void> {
  const theirs = await outcomeOf(page, 'theirs', row);
  const ours = await outcomeOf(page, 'ours', row);
  if (row.differs === undefined) {
    expect(withoutPlace(ours)).toEqual(withoutPlace(theirs));
    expect(Math.abs(ours.seek - theirs.seek)).toBeLessThan(SEEK_TOLERANCE);
  } else {
    expect(withoutPlace(ours)).not.toEqual(withoutPlace(theirs));
  }
  expect(page.errors).toEqual([]);
}

function withoutPlace({ returned, events, console: lines, state }: Outcome): object {
  return { returned, events, lines, state };
}
