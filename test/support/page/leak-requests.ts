/**
 * Runs in the page, behind the ledger: watches each fetch until its body has ended, or was cancelled or aborted. What is
 * cloned, teed or iterated without a reader counts as held.
 */
import type { Method } from './leak-ledger.ts';

const { take, giveBack, wrap, methodOf } = window.leaks;
const addEventListener = methodOf(EventTarget.prototype, 'addEventListener');
const bodies = new WeakMap<object, number>();

wrap(window, 'fetch', (original) => async (input, init) => {
  const id = take('fetch', input instanceof Request ? input.url : String(input));
  const signal = init instanceof Object && 'signal' in init ? init.signal : input instanceof Request && input.signal;
  if (signal instanceof AbortSignal) addEventListener.call(signal, 'abort', () => giveBack(id), { once: true });
  try {
    const response = await original.call(window, input, init);
    if (!(response instanceof Response) || response.body === null) giveBack(id);
    else bodies.set(response.body, id);
    return response;
  } catch (error) {
    giveBack(id);
    throw error;
  }
});

for (const name of ['arrayBuffer', 'blob', 'bytes', 'formData', 'json', 'text']) {
  wrap(Response.prototype, name, givesBackWhenSettled);
}
for (const name of ['cancel', 'pipeTo']) wrap(ReadableStream.prototype, name, givesBackWhenSettled);

/** Of a response or its body: when the method's promise settles, the request is over. */
function givesBackWhenSettled(original: Method): Method {
  return async function settle(this: unknown, ...rest) {
    const id = requestOf(this instanceof Response ? this.body : this);
    try {
      return await original.apply(this, rest);
    } finally {
      giveBack(id);
    }
  };
}

function requestOf(body: unknown): number | undefined {
  return body instanceof ReadableStream ? bodies.get(body) : undefined;
}

const released = new WeakSet<object>();

wrap(ReadableStream.prototype, 'getReader', (original) => {
  return function getReader(this: unknown, ...rest) {
    const reader = original.apply(this, rest);
    const id = requestOf(this);
    if (id !== undefined && reader instanceof ReadableStreamDefaultReader) void giveBackWhenClosed(reader, id);
    return reader;
  };
});

async function giveBackWhenClosed(reader: ReadableStreamDefaultReader, id: number): Promise<void> {
  await reader.closed.catch(() => {});
  if (!released.has(reader)) giveBack(id);
}

wrap(ReadableStreamDefaultReader.prototype, 'releaseLock', (original) => {
  return function releaseLock(this: unknown) {
    if (this instanceof ReadableStreamDefaultReader) released.add(this); // `closed` rejects, but the body goes on
    original.call(this);
  };
});

/** As the standard words it, but through our `pipeTo`. */
ReadableStream.prototype.pipeThrough = function pipeThrough(this: ReadableStream, { readable, writable }, options) {
  this.pipeTo(writable, options).catch(() => {});
  return readable;
};
