/** Runs in the page, behind the ledger: watches object URLs, timers, media sources and audio elements. */
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
