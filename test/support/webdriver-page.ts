/** A page over WebDriver's commands, whichever way they travel (W3C WebDriver; Firefox speaks them as Marionette). */
import type { EnginePage } from './engine.ts';
import { DEFAULT_TIMEOUT_MS, type TimeLimit, untilTruthy, within } from './time-limit.ts';

export type WebDriverCommand =
  | 'newSession'
  | 'setTimeouts'
  | 'navigate'
  | 'goBack'
  | 'hideWindow'
  | 'executeAsync'
  | 'performActions';

/** Carries commands to a browser. Rejects where the browser refuses one. */
export interface WebDriverLink {
  send(command: WebDriverCommand, parameters: object): Promise<unknown>;
}

/** What `evaluate` brings back from the page. */
type Outcome = { readonly json?: string } | { readonly thrown: string };

const SCRIPT_TIMEOUT_MS = 300_000; // ours end sooner: `evaluate` has a limit of its own
const LOAD_TIMEOUT_MS = 30_000; // a busy machine included
const LINK_TIMEOUT_MS = 5000; // for the way there and back

/** Code points that WebDriver gives to keys without a character (section 17.4.2). */
const KEYS: Readonly<Record<string, string>> = {
  Enter: '\uE007',
  ArrowLeft: '\uE012',
  ArrowUp: '\uE013',
  ArrowRight: '\uE014',
  ArrowDown: '\uE015',
};

/** Begins a session; gives the browser's version. */
export async function beginSession(link: WebDriverLink, capabilities: object): Promise<string> {
  const session = (await link.send('newSession', capabilities)) as { capabilities: { browserVersion: string } };
  await link.send('setTimeouts', { script: SCRIPT_TIMEOUT_MS, pageLoad: LOAD_TIMEOUT_MS });
  return session.capabilities.browserVersion;
}

export class WebDriverPage implements EnginePage {
  constructor(private readonly link: WebDriverLink) {}

  async goto(url: string): Promise<void> {
    await within(LOAD_TIMEOUT_MS + LINK_TIMEOUT_MS, `loading ${url}`, this.link.send('navigate', { url }));
    // WebKitWebDriver may answer while the document is still 'interactive', before module scripts have run.
    await this.until(() => document.readyState === 'complete', undefined, { timeoutMs: LOAD_TIMEOUT_MS });
  }

  async evaluate<T, A = undefined>(work: (argument: A) => T | Promise<T>, argument?: A, limit?: TimeLimit): Promise<T> {
    const { timeoutMs = DEFAULT_TIMEOUT_MS } = limit ?? {};
    const call = `(${work.toString()})(${JSON.stringify(argument) ?? ''})`;
    const script = `window.eval(${JSON.stringify(`(${runInPage.toString()})`)})(${JSON.stringify(call)}, ${timeoutMs}, arguments[arguments.length - 1])`;
    const asked = this.link.send('executeAsync', { script, args: [], sandbox: null });
    const outcome = (await within(timeoutMs + LINK_TIMEOUT_MS, 'evaluating in the page', asked)) as Outcome;
    if ('thrown' in outcome) throw new Error(`The page threw ${outcome.thrown}`);
    const value: T = outcome.json === undefined ? undefined : JSON.parse(outcome.json);
    return value;
  }

  async until<T, A = undefined>(
    condition: (argument: A) => T | Promise<T>,
    argument?: A,
    limit?: TimeLimit,
  ): Promise<T> {
    const { timeoutMs = DEFAULT_TIMEOUT_MS } = limit ?? {};
    return untilTruthy(timeoutMs, condition.toString(), () => this.evaluate(condition, argument, { timeoutMs }));
  }

  async press(key: string): Promise<void> {
    const value = KEYS[key] ?? key;
    await this.#act('key', [
      { type: 'keyDown', value },
      { type: 'keyUp', value },
    ]);
  }

  async click(selector: string): Promise<void> {
    const middle = await this.evaluate((asked) => {
      const box = document.querySelector(asked)?.getBoundingClientRect();
      return box && { x: Math.round(box.x + box.width / 2), y: Math.round(box.y + box.height / 2) };
    }, selector);
    if (middle === undefined) throw new Error(`Nothing matches ${selector}.`);
    await this.#act('pointer', [
      { type: 'pointerMove', ...middle },
      { type: 'pointerDown', button: 0 },
      { type: 'pointerUp', button: 0 },
    ]);
  }

  async goBack(): Promise<void> {
    await within(LOAD_TIMEOUT_MS, 'going back', this.link.send('goBack', {}));
  }

  async hide(): Promise<void> {
    await within(DEFAULT_TIMEOUT_MS, 'hiding the window', this.link.send('hideWindow', {}));
  }

  async close(): Promise<void> {
    await this.goto('about:blank');
  }

  async #act(type: string, actions: readonly object[]): Promise<void> {
    const performed = this.link.send('performActions', { actions: [{ type, id: `the ${type}`, actions }] });
    await within(DEFAULT_TIMEOUT_MS, `a ${type} action`, performed);
  }
}

/** Runs in the page, in its own realm: objects of a driver's sandbox would be no instances of the page's classes. */
function runInPage(call: string, timeoutMs: number, done: (outcome: Outcome) => void): void {
  const timer = setTimeout(() => done({ thrown: `nothing: it took longer than ${timeoutMs} ms` }), timeoutMs);
  const answer = (outcome: Outcome): void => {
    clearTimeout(timer);
    done(outcome);
  };
  new Promise((resolve) => {
    // eslint-disable-next-line no-eval -- the only way that both drivers offer into the page's realm
    resolve((0, eval)(call));
  }).then(
    (value) => answer({ json: JSON.stringify(value) }),
    (error: unknown) => answer({ thrown: `${String(error)}\n${error instanceof Error ? error.stack : ''}` }),
  );
}
