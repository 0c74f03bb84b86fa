/** A real Chromium for tests: pages that report every error, waits that end, and no gesture that a test did not make. */
import { chromium, type Browser, type BrowserContext, type CDPSession, type Page } from 'playwright-core';
import type { Engine, EngineOptions, EnginePage } from './engine.ts';
import { DEFAULT_TIMEOUT_MS, type TimeLimit, untilTruthy, within } from './time-limit.ts';

export interface ChromiumOptions extends EngineOptions {
  /** More command line flags. */
  readonly flags?: readonly string[];
  /** Slows down the timers of hidden tabs, as for users. @default false */
  readonly throttlesHidden?: boolean;
}

const FLAGS = [
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** Playwright's own. */
const UNTHROTTLED = [
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
];
const LAUNCH_TIMEOUT_MS = 30_000; // a cold disk included

/** Starts the Chromium that the global setup found. Close it in `afterAll`. */
export async function launchChromium(options: ChromiumOptions = {}): Promise<Chromium> {
  const { executablePath, env } = foundBySetup();
  const unlocked = options.autoplay === 'locked' ? [] : ['--autoplay-policy=no-user-gesture-required'];
  const needsNoSandbox = process.getuid?.() === 0 || env['LD_LIBRARY_PATH'] !== undefined;
  const sandbox = needsNoSandbox ? ['--no-sandbox'] : [];
  const args = [...FLAGS, ...unlocked, ...sandbox, ...(options.flags ?? [])];
  const ignoreDefaultArgs = [
    ...(options.keepsPages === true ? ['--disable-back-forward-cache'] : []),
    ...(options.throttlesHidden === true ? UNTHROTTLED : []),
  ];
  const launch = {
    executablePath,
    args,
    ignoreDefaultArgs,
    timeout: LAUNCH_TIMEOUT_MS,
    env: { ...process.env, ...env },
  };
  if (options.profile !== undefined) {
    const context = await chromium.launchPersistentContext(options.profile, launch);
    return new Chromium(context, context);
  }
  const browser = await chromium.launch(launch);
  return new Chromium(await browser.newContext(), browser);
}

export class Chromium implements Engine {
  readonly name = 'chromium';
  /** Playwright's own object: init scripts, offline emulation, cookies. */
  readonly context: BrowserContext;
  readonly #owner: Browser | BrowserContext;

  constructor(context: BrowserContext, owner: Browser | BrowserContext) {
    context.setDefaultTimeout(DEFAULT_TIMEOUT_MS);
    this.context = context;
    this.#owner = owner;
  }

  get version(): string {
    return this.context.browser()?.version() ?? 'unknown';
  }

  /** Opens a tab, at `url` where one is given. */
  async open(url?: string): Promise<TestPage> {
    const page = await this.context.newPage();
    const testPage = new TestPage(page, await this.context.newCDPSession(page));
    if (url !== undefined) await testPage.goto(url);
    return testPage;
  }

  async close(): Promise<void> {
    await within(DEFAULT_TIMEOUT_MS, 'closing Chromium', this.#owner.close());
  }
}

export class TestPage implements EnginePage {
  /** Playwright's own page. Its `evaluate` counts as a user gesture and has no time limit: prefer ours. */
  readonly page: Page;
  /** The page's DevTools session: throttling, heap, garbage collection. */
  readonly devtools: CDPSession;
  /** Console lines as `type: text`. */
  readonly consoleLines: string[] = [];
  /** Uncaught errors and unhandled rejections, of every document this tab has shown. */
  readonly errors: Error[] = [];

  constructor(page: Page, devtools: CDPSession) {
    this.page = page;
    this.devtools = devtools;
    page.on('console', (message) => this.consoleLines.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => this.errors.push(error));
  }

  async goto(url: string): Promise<void> {
    await this.page.goto(url);
  }

  /**
   * Calls `work` in the page and gives what it returns or resolves to, both as JSON. It sees nothing of the test's
   * scope but `argument`, and is no user gesture: autoplay stays locked.
   */
  async evaluate<T, A = undefined>(work: (argument: A) => T | Promise<T>, argument?: A, limit?: TimeLimit): Promise<T> {
    const { timeoutMs = DEFAULT_TIMEOUT_MS } = limit ?? {};
    const expression = `(${work.toString()})(${JSON.stringify(argument) ?? ''})`;
    const asked = this.devtools.send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    const { result, exceptionDetails } = await within(timeoutMs, 'evaluating in the page', asked);
    if (exceptionDetails !== undefined) {
      throw new Error(`The page threw ${exceptionDetails.exception?.description ?? exceptionDetails.text}`);
    }
    const value: T = result.value;
    return value;
  }

  /** Runs a script in the page as it is now. */
  async inject(script: string): Promise<void> {
    const { exceptionDetails } = await this.devtools.send('Runtime.evaluate', { expression: script });
    if (exceptionDetails !== undefined) throw new Error(exceptionDetails.exception?.description ?? 'bad script');
  }

  /** Waits until `condition`, called in the page, gives something truthy, and returns it. */
  async until<T, A = undefined>(
    condition: (argument: A) => T | Promise<T>,
    argument?: A,
    limit?: TimeLimit,
  ): Promise<T> {
    const { timeoutMs = DEFAULT_TIMEOUT_MS } = limit ?? {};
    return untilTruthy(timeoutMs, condition.toString(), () => this.evaluate(condition, argument, { timeoutMs }));
  }

  /** A real key press, which is a user gesture. */
  async press(key: string): Promise<void> {
    await within(DEFAULT_TIMEOUT_MS, `pressing ${key}`, this.page.keyboard.press(key));
  }

  /** A real click in the middle of the element, which is a user gesture. */
  async click(selector: string): Promise<void> {
    await this.page.click(selector);
  }

  async goBack(): Promise<void> {
    await this.page.goBack({ waitUntil: 'commit' });
  }

  async setOffline(offline: boolean): Promise<void> {
    const line = { offline, latency: 0, downloadThroughput: -1, uploadThroughput: -1 };
    await this.devtools.send('Network.emulateNetworkConditions', line);
  }

  /** A PNG of what the tab shows. */
  async screenshot(path?: string): Promise<Buffer> {
    return this.page.screenshot(path === undefined ? {} : { path });
  }

  async close(): Promise<void> {
    await within(DEFAULT_TIMEOUT_MS, 'closing a tab', this.page.close());
  }
}

function foundBySetup(): { executablePath: string; env: Record<string, string> } {
  const found = process.env['TEST_CHROMIUM'];
  if (found === undefined)
    throw new Error('Only the `browser` tests have a Chromium: name the file *.browser.test.ts.');
  const parsed: ReturnType<typeof foundBySetup> = JSON.parse(found);
  return parsed;
}
