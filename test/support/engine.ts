/** What a test may ask of any browser engine: the common face of `chromium.ts`, `firefox.ts` and `webkit.ts`. */
import type { TimeLimit } from './time-limit.ts';

export type EngineName = 'chromium' | 'firefox' | 'webkit';

export interface EngineOptions {
  /** `locked` is what users meet: no sound before a gesture. @default 'open' */
  readonly autoplay?: 'locked' | 'open';
  /**
   * A folder that keeps what the browser stores (IndexedDB, service workers, the HTTP cache) between launches; WebKitGTK
   * has none. @default a fresh profile, which goes with the browser
   */
  readonly profile?: string;
  /** Lets Chromium keep pages that were left, to be gone back to as they were; the others do. @default false */
  readonly keepsPages?: boolean;
}

/** A running browser with storage of its own, empty at first but where a profile was given. */
export interface Engine {
  readonly name: EngineName;
  /** As the browser reports it. */
  readonly version: string;
  /** Opens a page, at `url` where one is given. An engine may have one page only, which this then leaves. */
  open(url?: string): Promise<EnginePage>;
  /** Ends the browser and all that was started for it. Idempotent. */
  close(): Promise<void>;
}

/** A page in which scripts can be run. */
export interface ScriptablePage {
  /**
   * Calls `work` in the page and gives what it returns or resolves to, both as JSON. It sees nothing of the test's
   * scope but `argument`, and is no user gesture: autoplay stays locked.
   */
  evaluate<T, A = undefined>(work: (argument: A) => T | Promise<T>, argument?: A, limit?: TimeLimit): Promise<T>;
  /** Waits until `condition`, called in the page, gives something truthy, and returns it. */
  until<T, A = undefined>(condition: (argument: A) => T | Promise<T>, argument?: A, limit?: TimeLimit): Promise<T>;
}

export interface EnginePage extends ScriptablePage {
  /** Resolves once the page has loaded, its module scripts included. */
  goto(url: string): Promise<void>;
  /** A real key press, which is a user gesture. */
  press(key: string): Promise<void>;
  /** A real click in the middle of the element, which is a user gesture. */
  click(selector: string): Promise<void>;
  /** Goes back to the page before, as its user does. */
  goBack(): Promise<void>;
  /** Takes the device off the network, or back on it. Absent where the engine has no way to do so. */
  setOffline?(isOffline: boolean): Promise<void>;
  /** Puts its window out of sight. Absent where the engine has no way to do so. */
  hide?(): Promise<void>;
  /** Leaves the page, and ends what it plays. */
  close(): Promise<void>;
}
