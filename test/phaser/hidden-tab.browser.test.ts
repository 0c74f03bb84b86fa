import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { StreamingHowl } from '../../plugin/howler.ts';
import { type Chromium, launchChromium } from '../support/chromium.ts';
import { addSound, mountHarness, openGame, recordGame } from '../support/game.ts';
import { type HideableTab, HideableTabs } from '../support/hideable-tab.ts';
import { contextRateScript } from '../support/media-tap.ts';
import { pageScript } from '../support/page-script.ts';
import { type RangeServer, startRangeServer } from '../support/range-server.ts';
import { readRecording } from '../support/recorder.ts';
import { jumpsOf, stretchesOf } from '../support/stretches.ts';
import { makeWav, samplesOf } from '../support/wav.ts';

const RATE = 44_100;
const HIDDEN_SECONDS = 20;
const AHEAD = { aheadSeconds: 4 }; // so that the element is fed several times while nobody looks
const long = makeWav({ seconds: 40, sampleRate: RATE, seed: 7 });

declare global {
  interface Window {
    alone: StreamingHowl;
  }
}

let chromium: Chromium;
let server: RangeServer;
let tabs: HideableTabs;

beforeAll(async () => {
  server = await startRangeServer({ '/long.wav': long });
  mountHarness(server, [pageScript('recorder.ts'), contextRateScript(RATE)]);
  chromium = await launchChromium({ throttlesHidden: true });
  tabs = await HideableTabs.in(chromium);
});

afterAll(async () => {
  await chromium.close();
  await server.close();
});

/** Plays through Phaser, which is told not to pause for it; gives the tap. */
async function playGame(tab: HideableTab): Promise<number> {
  await addSound(tab, '/long.wav', { buffer: AHEAD });
  const tap = await recordGame(tab);
  await tab.evaluate(() => {
    window.game.sound.pauseOnBlur = false;
    window.sound.play();
  });
  return tap;
}

/** Plays through Howler alone, into a graph of the page's own; gives the tap. */
function playAlone(tab: HideableTab): Promise<number> {
  return tab.evaluate(async (buffer) => {
    window.alone = await window.harness.library.openStreamingHowl('/long.wav', { buffer });
    window.events = [];
    for (const name of ['waiting', 'error'] as const) window.alone.on(name, () => window.events.push(name));
    const context = new AudioContext();
    context.createMediaElementSource(window.alone.element).connect(context.destination);
    const tap = await window.recorder.attach(context.destination);
    window.alone.play();
    return tap;
  }, AHEAD);
}

/** The whole of what was heard is the track from its start, for longer than the tab was hidden. */
async function expectUnbroken(tab: HideableTab, tap: number): Promise<void> {
  expect(await tab.evaluate(() => document.visibilityState)).toBe('hidden');
  const stretches = stretchesOf(await readRecording(tab, tap), samplesOf(long), 'left');
  expect(stretches[0]?.wavFrame).toBe(0);
  expect(jumpsOf(stretches).filter((jump) => jump !== 0)).toEqual([]);
  expect(stretches.reduce((sum, { frames }) => sum + frames, 0)).toBeGreaterThan(HIDDEN_SECONDS * RATE);
  expect(await tab.evaluate(() => window.events.filter((name) => name === 'error'))).toEqual([]);
}

test(`sounds play on in tabs that are hidden for ${HIDDEN_SECONDS} s, through Phaser and through Howler alone`, async () => {
  const game = await openGame(tabs, server);
  const inGame = await playGame(game);
  const player = await tabs.open(`${server.url}/index.html`);
  const alone = await playAlone(player);
  await tabs.open('about:blank');
  await player.until(() => document.visibilityState === 'hidden');
  await player.until((seconds) => window.alone.position > seconds, HIDDEN_SECONDS + 2, { timeoutMs: 40_000 });
  await expectUnbroken(game, inGame);
  await expectUnbroken(player, alone);
}, 90_000);
