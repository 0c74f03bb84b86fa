/** Tabs that can be hidden as a user hides them, behind another: Playwright keeps all that it knows of in sight. */
import type { CDPSession } from 'playwright-core';
import type { Chromium } from './chromium.ts';
import type { ScriptablePage } from './engine.ts';
import { DEFAULT_TIMEOUT_MS, type TimeLimit, untilTruthy, within } from './time-limit.ts';

/** What DevTools answers to `Runtime.evaluate`. */
interface Answer {
  readonly id?: number;
  readonly result?: {
    readonly result: { readonly value: unknown };
    readonly exceptionDetails?: { readonly text: string };
  };
}

/** One window of tabs, of which the newest is in sight. Launch its Chromium with `throttlesHidden`. */
export class HideableTabs {
  readonly #root: CDPSession;
  readonly #browserContextId: string;

  private constructor(root: CDPSession, browserContextId: string) {
    this.#root = root;
    this.#browserContextId = browserContextId;
  }

  static async in(chromium: Chromium): Promise<HideableTabs> {
    const root = await chromium.context.browser()?.newBrowserCDPSession();
    if (root === undefined) throw new Error('A browser with a profile of its own has no other contexts.');
    const { browserContextId } = await root.send('Target.createBrowserContext'); // one that Playwright has not made
    return new HideableTabs(root, browserContextId);
  }

  /** Opens a tab, in front of those there are; resolves once it has loaded. */
  async open(url: string): Promise<HideableTab> {
    const { targetId } = await this.#root.send('Target.createTarget', {
      url,
      browserContextId: this.#browserContextId,
    });
    const { sessionId } = await this.#root.send('Target.attachToTarget', { targetId, flatten: false });
    const tab = new HideableTab(this.#root, sessionId);
    await tab.until((wanted) => location.href === wanted && document.readyState === 'complete', url);
    return tab;
  }
}

export class HideableTab implements ScriptablePage {
  readonly #root: CDPSession;
  readonly #sessionId: string;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #lastId = 0;

  constructor(root: CDPSession, sessionId: string) {
    this.#root = root;
    this.#sessionId = sessionId;
    root.on('Target.receivedMessageFromTarget', ({ sessionId: from, message }) => {
      const answer = JSON.parse(message) as Answer;
      if (from === sessionId && answer.id !== undefined) this.#waiting.get(answer.id)?.(answer);
    });
  }

  async evaluate<T, A = undefined>(work: (argument: A) => T | Promise<T>, argument?: A, limit?: TimeLimit): Promise<T> {
    const { timeoutMs = DEFAULT_TIMEOUT_MS } = limit ?? {};
    const expression = `(${work.toString()})(${JSON.stringify(argument) ?? ''})`;
    const id = ++this.#lastId;
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve));
    const params = { expression, awaitPromise: true, returnByValue: true };
    await this.#root.send('Target.sendMessageToTarget', {
      sessionId: this.#sessionId,
      message: JSON.stringify({ id, method: 'Runtime.evaluate', params }),
    });
    const { result } = await within(timeoutMs, 'evaluating in a tab', answered);
    this.#waiting.delete(id);
    if (result?.exceptionDetails !== undefined) throw new Error(`The tab threw ${JSON.stringify(result)}`);
    return result?.result.value as T;
  }

  async until<T, A = undefined>(
    condition: (argument: A) => T | Promise<T>,
    argument?: A,
    limit?: TimeLimit,
  ): Promise<T> {
    const { timeoutMs = DEFAULT_TIMEOUT_MS } = limit ?? {};
    return untilTruthy(timeoutMs, condition.toString(), () => this.evaluate(condition, argument, { timeoutMs }));
  }
}
