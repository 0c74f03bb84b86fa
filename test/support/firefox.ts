/**
 * A real Firefox for tests, driven over Marionette, with a PulseAudio sink that nobody hears: without a sound device
 * its AudioContexts stay suspended. (Playwright's Firefox takes each of its evaluations for a gesture of the user.)
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Engine, EngineOptions } from './engine.ts';
import { findProgram, LocalProcess } from './local-process.ts';
import { connectMarionette, type Marionette } from './marionette.ts';
import { within } from './time-limit.ts';
import { beginSession, WebDriverPage } from './webdriver-page.ts';

const INSTALL = 'apt-get install -y --no-install-recommends firefox-esr pulseaudio';
const SESSION_TIMEOUT_MS = 60_000; // a busy machine included
const SINK_RATE = 44_100; // that of the tests' files, so that nothing is resampled

type Preferences = Readonly<Record<string, number | boolean | string>>;

const PREFERENCES: Preferences = {
  'marionette.port': 0, // any that is free
  'browser.shell.checkDefaultBrowser': false,
  'datareporting.policy.dataSubmissionEnabled': false,
};
const UNLOCKED: Preferences = { 'media.autoplay.default': 0, 'media.autoplay.blocking_policy': 0 };

/** Starts Firefox. @throws with what to install where something is missing */
export async function launchFirefox(options: EngineOptions = {}): Promise<Firefox> {
  const program = findProgram(['firefox-esr', 'firefox'], INSTALL);
  const folder = mkdtempSync(path.join(tmpdir(), 'test-firefox-'));
  const firefox = new Firefox(folder);
  try {
    await firefox.start(program, options);
    return firefox;
  } catch (error) {
    await firefox.close();
    throw error;
  }
}

export class Firefox implements Engine {
  readonly name = 'firefox';
  version = '';
  readonly #processes: LocalProcess[] = [];
  #link: Marionette | undefined;

  /** @param folder of its own, which goes with it */
  constructor(private readonly folder: string) {}

  async start(
    program: string,
    { autoplay, profile = path.join(this.folder, 'profile') }: EngineOptions,
  ): Promise<void> {
    const soundServer = await this.#startSoundServer();
    const portFile = path.join(profile, 'MarionetteActivePort');
    rmSync(portFile, { force: true }); // of a launch before
    mkdirSync(profile, { recursive: true });
    const preferences = { ...PREFERENCES, ...(autoplay === 'locked' ? {} : UNLOCKED) };
    const lines = Object.entries(preferences).map(([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});`);
    writeFileSync(path.join(profile, 'user.js'), lines.join('\n'));
    const args = ['-marionette', '-headless', '-no-remote', '-profile', profile];
    const browser = new LocalProcess(program, args, { PULSE_SERVER: soundServer });
    this.#processes.unshift(browser);

    const readPort = (): number => (existsSync(portFile) ? Number(readFileSync(portFile, 'utf8')) : 0);
    const port = await browser.until(readPort);
    this.#link = await connectMarionette(port);
    this.version = await within(SESSION_TIMEOUT_MS, 'a session of Firefox', beginSession(this.#link, {}));
  }

  async open(url?: string): Promise<WebDriverPage> {
    if (this.#link === undefined) throw new Error('Firefox is not started.');
    const page = new WebDriverPage(this.#link);
    if (url !== undefined) await page.goto(url);
    return page;
  }

  async close(): Promise<void> {
    this.#link?.close();
    for (const running of this.#processes.splice(0)) await running.end();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }

  /** Gives the address of a PulseAudio that plays into nothing. */
  async #startSoundServer(): Promise<string> {
    const program = findProgram(['pulseaudio'], INSTALL);
    const socket = path.join(this.folder, 'pulse.socket'); // `pulse` is a folder of its own
    const sink = `module-null-sink sink_name=null rate=${SINK_RATE}`;
    const protocol = `module-native-protocol-unix socket=${socket} auth-anonymous=1`;
    const flags = ['-n', '--daemonize=no', '--use-pid-file=no', '--exit-idle-time=-1', '--disable-shm=1'];
    const env = { HOME: this.folder, XDG_RUNTIME_DIR: this.folder };
    const soundServer = new LocalProcess(program, [...flags, '-L', sink, '-L', protocol], env);
    this.#processes.push(soundServer);
    await soundServer.until(() => existsSync(socket));
    return `unix:${socket}`;
  }
}
