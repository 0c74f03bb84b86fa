/** A page with a Phaser game that has the plugin, for tests of what happens inside it. */
import type { ScriptablePage } from './engine.ts';
import type { RangeServer } from './range-server.ts';
import { mountScriptedPage } from './scripted-page.ts';

/** Puts the harness page on a server, at `/`; at `/index.html` it has `scripts` that run before its own. */
export function mountHarness(server: RangeServer, scripts: readonly string[] = []): void {
  const harness = process.env['TEST_HARNESS'];
  if (harness === undefined) throw new Error('Only the `browser` tests have the harness page.');
  server.mount('/', harness);
  mountScriptedPage(server, harness, scripts);
}

/** Opens the harness and boots a game in it; `audio` as in Phaser's own configuration. */
export async function openGame<Page extends ScriptablePage>(
  engine: { open(url: string): Promise<Page> },
  server: RangeServer,
  audio: Phaser.Types.Core.AudioConfig = {},
): Promise<Page> {
  const page = await engine.open(`${server.url}/index.html`);
  await page.evaluate((config) => window.harness.bootGame({ audio: config }), audio);
  return page;
}

/** Adds a sound as `window.sound`, and keeps the names of its events in `window.events`. */
export async function addSound(page: ScriptablePage, url: string, config: object = {}): Promise<void> {
  await page.evaluate(
    (asked) => {
      const { library, Phaser } = window.harness;
      const plugin = window.game.plugins.get('StreamingAudio') as InstanceType<typeof library.StreamingAudioPlugin>;
      window.sound = plugin.add(asked.url, asked.config);
      window.events = [];
      const names = [...Object.values(library.StreamingSoundEvents), ...Object.values(Phaser.Sound.Events)];
      for (const name of new Set(names)) {
        if (name !== 'progress') window.sound.on(name, () => window.events.push(name));
      }
    },
    { url, config },
  );
}

/** Begins to record what reaches the speakers; gives the tap. */
export function recordGame(page: ScriptablePage): Promise<number> {
  return page.evaluate(() => {
    if (!('context' in window.game.sound)) throw new Error('Phaser has no Web Audio here.');
    return window.recorder.attach(window.game.sound.context.destination);
  });
}

/** In the page: gives Phaser another AudioContext, which runs. Returns where the sound was. */
export async function setOtherContext(): Promise<number> {
  const { sound } = window.game;
  if (!('context' in sound)) throw new Error('Phaser has no Web Audio here.');
  const place = window.sound.seek;
  const context = new AudioContext();
  await context.resume();
  sound.setAudioContext(context);
  return place;
}
