/** A real WebKitGTK for tests: its MiniBrowser, driven over WebKitWebDriver, on a display that nobody sees. */
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import net from 'node:net';
import type { Readable } from 'node:stream';
import type { Engine, EngineOptions } from './engine.ts';
import { findProgram, LocalProcess } from './local-process.ts';
import { within } from './time-limit.ts';
import { beginSession, type WebDriverCommand, type WebDriverLink, WebDriverPage } from './webdriver-page.ts';

const INSTALL =
  'apt-get install -y --no-install-recommends webkit2gtk-driver xvfb libgl1-mesa-dri gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-libav';
const START_TIMEOUT_MS = 60_000; // a cold disk and a busy machine included
const STATUS_TIMEOUT_MS = 1000;

const PATHS: Readonly<Record<WebDriverCommand, string>> = {
  newSession: '/session',
  setTimeouts: '/timeouts',
  navigate: '/url',
  goBack: '/back',
  hideWindow: '/window/minimize',
  executeAsync: '/execute/async',
  performActions: '/actions',
};

/** Starts MiniBrowser. @throws with what to install where something is missing */
export async function launchWebKit(options: EngineOptions = {}): Promise<WebKit> {
  const webkit = new WebKit();
  try {
    await webkit.start(options);
    return webkit;
  } catch (error) {
    await webkit.close();
    throw error;
  }
}

export class WebKit implements Engine {
  readonly name = 'webkit';
  version = '';
  readonly #processes: LocalProcess[] = [];
  #link: HttpLink | undefined;

  async start({ autoplay }: EngineOptions): Promise<void> {
    const program = findProgram(['WebKitWebDriver'], INSTALL);
    const binary = findMiniBrowser();
    const display = await this.#startDisplay();
    const port = await freePort();
    const env = { DISPLAY: display, LIBGL_ALWAYS_SOFTWARE: '1' };
    const driver = new LocalProcess(program, ['--host=127.0.0.1', `--port=${port}`], env);
    this.#processes.unshift(driver);

    const link = new HttpLink(`http://127.0.0.1:${port}`);
    await driver.until(() => link.isReady());
    const unlocked = autoplay === 'locked' ? [] : ['--autoplay-policy=allow'];
    const browserOptions = { binary, args: ['--automation', ...unlocked] };
    const capabilities = { capabilities: { alwaysMatch: { 'webkitgtk:browserOptions': browserOptions } } };
    this.version = await within(START_TIMEOUT_MS, 'a session of WebKit', beginSession(link, capabilities));
    this.#link = link;
    await this.#checkDecoders();
  }

  async open(url?: string): Promise<WebDriverPage> {
    if (this.#link === undefined) throw new Error('WebKit is not started.');
    const page = new WebDriverPage(this.#link);
    if (url !== undefined) await page.goto(url);
    return page;
  }

  async close(): Promise<void> {
    await this.#link?.endSession().catch(() => {}); // without a session it has no window to close
    this.#link = undefined;
    for (const running of this.#processes.splice(0)) await running.end();
  }

  async #startDisplay(): Promise<string> {
    const program = findProgram(['Xvfb'], INSTALL);
    const args = ['-displayfd', '3', '-screen', '0', '1280x800x24', '-nolisten', 'tcp'];
    const server = new LocalProcess(program, args, {}, ['ignore', 'ignore', 'ignore', 'pipe']);
    this.#processes.push(server);
    const numbers = server.child.stdio[3] as Readable;
    const [number] = await within(START_TIMEOUT_MS, 'starting Xvfb', once(numbers, 'data'));
    return `:${String(number).trim()}`;
  }

  /** Without GStreamer's plugins WebKitGTK starts, but decodes nothing. */
  async #checkDecoders(): Promise<void> {
    const page = await this.open();
    const type = 'audio/mp4; codecs="flac"';
    const hasDecoders = await page.evaluate((asked) => MediaSource.isTypeSupported(asked), type);
    if (!hasDecoders) throw new Error(`WebKitGTK has no GStreamer plugins for ${type}: ${INSTALL}`);
  }
}

/** A WebDriver session over HTTP. */
class HttpLink implements WebDriverLink {
  #session = '';

  constructor(private readonly server: string) {}

  async isReady(): Promise<boolean> {
    const signal = AbortSignal.timeout(STATUS_TIMEOUT_MS);
    return fetch(`${this.server}/status`, { signal }).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  async send(command: WebDriverCommand, parameters: object): Promise<unknown> {
    const value = await this.#request('POST', PATHS[command], JSON.stringify(parameters));
    if (command === 'newSession') this.#session = `/session/${(value as { sessionId: string }).sessionId}`;
    return value;
  }

  async endSession(): Promise<void> {
    await within(START_TIMEOUT_MS, 'ending a session of WebKit', this.#request('DELETE', ''));
  }

  async #request(method: string, path: string, body?: string): Promise<unknown> {
    const address = path === '/session' ? path : this.#session + path;
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(this.server + address, { method, headers, ...(body === undefined ? {} : { body }) });
    const { value } = (await response.json()) as { value: { error?: string; message?: string } | null };
    if (!response.ok) throw new Error(`${value?.error}: ${value?.message}`);
    return value;
  }
}

/** Debian keeps it out of PATH, in a folder named after machine and version. */
function findMiniBrowser(): string {
  const libraries = readdirSync('/usr/lib', { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const machines = ['/usr/libexec', '/usr/lib', ...libraries.map(({ name }) => `/usr/lib/${name}`)];
  const folders = machines.flatMap((machine) => ['4.1', '4.0'].map((api) => `${machine}/webkit2gtk-${api}`));
  return findProgram(['MiniBrowser'], INSTALL, folders);
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
