/** One driver over three engines. */
import { launchChromium } from './chromium.ts';
import type { Engine, EngineName, EngineOptions } from './engine.ts';
import { launchFirefox } from './firefox.ts';
import { launchWebKit } from './webkit.ts';

export const ENGINES: readonly EngineName[] = ['chromium', 'firefox', 'webkit'];

const LAUNCH: Readonly<Record<EngineName, (options?: EngineOptions) => Promise<Engine>>> = {
  chromium: launchChromium,
  firefox: launchFirefox,
  webkit: launchWebKit,
};

/** Starts an engine. Close it in `afterAll`. @throws with the command that installs it where it is missing */
export function launchEngine(name: EngineName, options: EngineOptions = {}): Promise<Engine> {
  return LAUNCH[name](options);
}
