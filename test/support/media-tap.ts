/** What a page's media were given, and what that decodes to. */
import type { Chromium, TestPage } from './chromium.ts';
import { pageScript } from './page-script.ts';

/** Puts `window.mediaTap` into every page opened from now on, before its own scripts run. */
export async function installMediaTap(chromium: Chromium): Promise<void> {
  await chromium.context.addInitScript({ content: pageScript('media-tap.ts') });
}

/** Gives every AudioContext of the pages opened from now on this rate, so that nothing is resampled. */
export async function setContextRate(chromium: Chromium, sampleRate: number): Promise<void> {
  await chromium.context.addInitScript({ content: contextRateScript(sampleRate) });
}

/** The same as a script, for pages of any engine. */
export function contextRateScript(sampleRate: number): string {
  const withRate = (rate: number): void => {
    const Native = window.AudioContext;
    window.AudioContext = class extends Native {
      constructor(options?: AudioContextOptions) {
        super({ sampleRate: rate, ...options });
      }
    };
  };
  return `(${withRate.toString()})(${sampleRate});`;
}

/** A script after which nothing that an element plays reaches an AudioContext, as on Apple's systems. */
export function silentRoutesScript(): string {
  const withoutRoutes = (): void => {
    const Native = window.AudioContext;
    window.AudioContext = class extends Native {
      override createMediaElementSource(element: HTMLMediaElement): MediaElementAudioSourceNode {
        const [source, silence] = [super.createMediaElementSource(element), this.createGain()];
        silence.gain.value = 0;
        source.connect(silence);
        return silence as unknown as MediaElementAudioSourceNode;
      }
    };
  };
  return `(${withoutRoutes.toString()})();`;
}

/** Decodes all segments appended so far, in a row, by the browser's own decoder: 16-bit stereo, interleaved. */
export async function decodeSegments(page: TestPage, sampleRate: number): Promise<Int16Array> {
  // Runs in the page: it sees nothing of this file.
  const decode = async (rate: number): Promise<string> => {
    const bytes = await new Blob(window.mediaTap.segments).arrayBuffer();
    const decoded = await new OfflineAudioContext(2, 1, rate).decodeAudioData(bytes);
    const [left, right] = [decoded.getChannelData(0), decoded.getChannelData(1)];
    const samples = new Int16Array(2 * decoded.length);
    // Chromium makes 32767 of the largest sample a 1, and −32768 of the smallest a −1.
    const toInteger = (x: number): number => Math.round(x * (x < 0 ? 32_768 : 32_767));
    for (let i = 0; i < decoded.length; i++) {
      samples[2 * i] = toInteger(left[i] ?? 0);
      samples[2 * i + 1] = toInteger(right[i] ?? 0);
    }
    let binary = '';
    const octets = new Uint8Array(samples.buffer);
    for (let i = 0; i < octets.length; i += 2 ** 14) binary += String.fromCharCode(...octets.subarray(i, i + 2 ** 14));
    return btoa(binary);
  };
  const bytes = Buffer.from(await page.evaluate(decode, sampleRate, { timeoutMs: 30_000 }), 'base64');
  return new Int16Array(Uint8Array.from(bytes).buffer);
}
