/** Runs in the page, behind the ledger: watches listeners on window, document, body, media elements and audio contexts. */
import type { LeakLedger } from './leak-ledger.ts';

const { take, giveBack, wrap, methodOf }: LeakLedger = window.leaks;

interface Listener {
  readonly id: number;
  readonly type: unknown;
  readonly callback: unknown;
  readonly capture: boolean;
  readonly forget: () => void;
}

const listeners = new WeakMap<object, Listener[]>();
const add = methodOf(EventTarget.prototype, 'addEventListener');
const remove = methodOf(EventTarget.prototype, 'removeEventListener');

function isWatched(target: unknown): target is EventTarget {
  const kinds = [Window, Document, HTMLBodyElement, HTMLMediaElement, BaseAudioContext];
  return kinds.some((kind) => target instanceof kind);
}

function optionsOf(options: unknown): AddEventListenerOptions {
  return typeof options === 'object' && options !== null ? options : { capture: Boolean(options) };
}

function noteListener(target: EventTarget, type: unknown, callback: unknown, options: unknown): void {
  const { capture = false, once = false, signal } = optionsOf(options);
  const known = listeners.get(target) ?? [];
  const isKnown = known.some((one) => one.type === type && one.callback === callback && one.capture === capture);
  if (callback === null || callback === undefined || signal?.aborted === true || isKnown) return;

  const forget = (): void => {
    giveBack(listener.id);
    if (known.includes(listener)) known.splice(known.indexOf(listener), 1);
    remove.call(target, type, forget, capture);
  };
  const id = take('listener', `${String(type)} on ${target.constructor.name}`, target);
  const listener: Listener = { id, type, callback, capture, forget };
  known.push(listener);
  listeners.set(target, known);
  if (once) add.call(target, type, forget, { once, capture });
  if (signal !== undefined) add.call(signal, 'abort', forget, { once: true });
}

wrap(EventTarget.prototype, 'addEventListener', (original) => {
  return function addEventListener(this: unknown, type, callback, options) {
    const target = this ?? window;
    if (isWatched(target)) noteListener(target, type, callback, options);
    original.call(target, type, callback, options);
  };
});

wrap(EventTarget.prototype, 'removeEventListener', (original) => {
  return function removeEventListener(this: unknown, type, callback, options) {
    const target = this ?? window;
    const { capture = false } = optionsOf(options);
    const known = isWatched(target) ? (listeners.get(target) ?? []) : [];
    known.find((one) => one.type === type && one.callback === callback && one.capture === capture)?.forget();
    original.call(target, type, callback, options);
  };
});
