/** Runs in the page, behind the ledger: watches object URLs, timers, databases, media sources and audio elements. */
import type { LeakLedger } from './leak-ledger.ts';

const { take, giveBack, wrap }: LeakLedger = window.leaks;
const urls = new Map<unknown, number>();

wrap(URL, 'createObjectURL', (create) => (source) => {
  const url = create.call(URL, source);
  urls.set(url, take('objectUrl', String(url)));
  return url;
});

wrap(URL, 'revokeObjectURL', (revoke) => (url) => {
  giveBack(urls.get(url));
  urls.delete(url);
  revoke.call(URL, url);
});

// Timers: both kinds share one list of handles, and either `clear` clears both.
const timers = new Map<unknown, number>();

for (const [kind, start] of [
  ['timeout', 'setTimeout'],
  ['interval', 'setInterval'],
] as const) {
  wrap(window, start, (original) => (handler, delayMs, ...rest) => {
    const run = (...given: unknown[]): void => {
      if (kind === 'timeout') forget(handle);
      if (typeof handler === 'function') handler.apply(window, given);
    };
    const handle = original.call(window, typeof handler === 'function' ? run : handler, delayMs, ...rest);
    timers.set(handle, take(kind, `${Number(delayMs ?? 0)} ms`));
    return handle;
  });
}

for (const clear of ['clearTimeout', 'clearInterval']) {
  wrap(window, clear, (original) => (handle) => {
    forget(handle);
    original.call(window, handle);
  });
}

function forget(handle: unknown): void {
  giveBack(timers.get(handle));
  timers.delete(handle);
}

const databases = new WeakMap<object, number>();

wrap(IDBFactory.prototype, 'open', (original) => {
  return function open(this: unknown, ...rest) {
    const request = original.apply(this, rest) as IDBOpenDBRequest;
    request.addEventListener('success', () => {
      const { result } = request;
      databases.set(result, take('database', result.name));
      result.addEventListener('close', () => giveBack(databases.get(result)));
    });
    return request;
  };
});

wrap(IDBDatabase.prototype, 'close', (original) => {
  return function close(this: unknown) {
    giveBack(databases.get(this as object));
    original.call(this);
  };
});

window.MediaSource = new Proxy(MediaSource, {
  construct(target, rest, newTarget) {
    const source: object = Reflect.construct(target, rest, newTarget);
    take('mediaSource', '', source);
    return source;
  },
});

window.Audio = new Proxy(Audio, {
  construct(target, rest, newTarget) {
    const element: object = Reflect.construct(target, rest, newTarget);
    take('audioElement', String(rest[0] ?? ''), element);
    return element;
  },
});

wrap(Document.prototype, 'createElement', (original) => {
  return function createElement(this: unknown, ...rest) {
    const element = original.apply(this, rest);
    if (element instanceof HTMLAudioElement) take('audioElement', '', element);
    return element;
  };
});
