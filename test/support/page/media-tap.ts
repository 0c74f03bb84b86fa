/** Runs in the page, before its own scripts: keeps what it gives to media. The test's side is `../media-tap.ts`. */

export interface MediaTap {
  /** Every audio element the page has made, in order. */
  readonly elements: HTMLAudioElement[];
  /** Every segment appended to a SourceBuffer, in order. */
  readonly segments: ArrayBuffer[];
}

declare global {
  interface Window {
    mediaTap: MediaTap;
  }
}

window.mediaTap = { elements: [], segments: [] };

window.Audio = new Proxy(window.Audio, {
  construct(target, args, newTarget) {
    const element = Reflect.construct(target, args, newTarget);
    window.mediaTap.elements.push(element);
    return element;
  },
});

const append: (this: SourceBuffer, data: BufferSource) => void = Object.getOwnPropertyDescriptor(
  SourceBuffer.prototype,
  'appendBuffer',
)?.value;
SourceBuffer.prototype.appendBuffer = function appendBuffer(this: SourceBuffer, data: BufferSource): void {
  const bytes = ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : data;
  window.mediaTap.segments.push(new Uint8Array(bytes).slice().buffer);
  append.call(this, data);
};
