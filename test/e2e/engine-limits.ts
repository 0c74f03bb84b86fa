/** How far from exact an engine's own playback into Web Audio is: what no page can mend, and a case must allow for. */
import type { EngineName } from '../support/engine.ts';

/** Frames that may be heard twice, or not at all, where playback begins or goes on. */
export interface Seam {
  readonly repeats: number;
  readonly misses: number;
}

export interface EngineLimits {
  /** Where playback begins: at `play`, and after a seek. */
  readonly start: Seam;
  /** Where it goes on: after a pause, and after the context was suspended. */
  readonly resume: Seam;
  /** Silences besides those of pauses. */
  readonly silences: number;
  /** Frames before the end that are not heard. */
  readonly unheardEnd: number;
  /** Frames by which the right channel may be ahead of the left. */
  readonly channelSkew: number;
  /** Whether a context may be tapped before it runs. */
  readonly tapsSuspended: boolean;
  /** By how many seconds the element is ahead of what is heard. */
  readonly leadSeconds: number;
  /** Whether channels beyond the second are mixed into what reaches the graph. */
  readonly mixesDown: boolean;
  /** Whether elements of a page that is gone back to still have what they were given. */
  readonly keepsMedia: boolean;
  /** How long a fault lasts there, beyond the sound that was at hand: one engine shows what time limits come to. */
  readonly outageMs: number;
}

const EXACT: Seam = { repeats: 0, misses: 0 };

/** The control, a native WAV element in the same graph, shows that each is the engine's own. */
export const LIMITS: Readonly<Record<EngineName, EngineLimits>> = {
  chromium: {
    start: EXACT,
    resume: EXACT,
    silences: 0,
    unheardEnd: 0,
    channelSkew: 0,
    tapsSuspended: true,
    leadSeconds: 0,
    mixesDown: false,
    keepsMedia: true,
    outageMs: 10_000,
  },
  // It goes on at a packet's start (our FLAC frames: 1024) and drops what is on its way into the graph (about 900).
  firefox: {
    start: EXACT,
    resume: { repeats: 2048, misses: 2048 },
    silences: 0,
    unheardEnd: 0,
    channelSkew: 0,
    tapsSuspended: true,
    leadSeconds: 0,
    mixesDown: false,
    keepsMedia: false,
    outageMs: 3000,
  },
  // The first packet of each start is heard twice (a WAV's: 1764), a quantum of 128 where the machine is slow, and the
  // last quantum only if it is full. Each channel has a queue of its own, and between element and graph GStreamer queues
  // a second of sound. One start in 25 of a context with an AudioWorklet in it never ends: its main thread waits.
  webkit: {
    start: { repeats: 2048, misses: 0 },
    resume: { repeats: 2048, misses: 0 },
    silences: 1,
    unheardEnd: 127,
    channelSkew: 128,
    tapsSuspended: false,
    leadSeconds: 1.1,
    mixesDown: true,
    keepsMedia: false,
    outageMs: 3000,
  },
};

/** In words, for `docs/engines.md`. */
export const WHY = {
  firefoxResumes:
    'Firefox goes on at the start of a packet, and drops what is on its way into the graph: up to 46 ms are heard twice or missed where playback goes on (a native WAV: 5 ms after a pause, 19 ms after a suspension).',
  webkitStarts:
    'WebKitGTK plays the first packet twice wherever playback begins or goes on: nothing is missed, up to 46 ms are heard twice (a native WAV: 40 ms).',
  webkitChannels: 'Its channels may come to be a quantum of 128 frames apart: only the left one is compared.',
  webkitTaps:
    'Now and then WebKitGTK hangs as a context starts that has an AudioWorklet, as the recorder is: it listens only once the music plays, to the left channel, and tells that it is that music.',
  webkitEnd: 'WebKitGTK drops the last quantum where it is not full: up to 127 frames (a native WAV too).',
  webkitLead:
    'Its element is a second ahead of what is heard (a native WAV too): it ends and pauses before the sound does, and its place may fall back in a pause.',
  chromiumWindows: 'Shown in Chromium behind another tab, and for longer: `test/phaser/hidden-tab.browser.test.ts`.',
  firefoxReturns: 'Firefox keeps no page that has a MediaSource: gone back to, it loads anew.',
  webkitMixes: 'WebKitGTK mixes eight channels into two: their samples are counted, not compared.',
  webkitReturns:
    'WebKitGTK closes the MediaSource of a page that is gone back to: the sound ends with one `playback` error, and `play()` opens it anew.',
  firefoxOnline: 'Firefox that was taken offline through its driver let requests through now and then.',
  webkitOnline: 'WebKitGTK asks the system whether there is a network: no driver can tell it otherwise.',
} as const;
