/** The events of a sound, typed, whose listeners cannot stop the sound. */

import { EventEmitter } from 'eventemitter3';
import type { StreamingHowlEvents } from './contract.ts';

type Name = keyof StreamingHowlEvents;

/** A listener to the event `N`. */
export type SoundListener<N extends Name> = (...args: StreamingHowlEvents[N]) => void;

/** An emitter for `StreamingHowlEvents`. */
export class SoundEvents {
  readonly #emitter = new EventEmitter();

  on<N extends Name>(name: N, listener: SoundListener<N>): void {
    this.#emitter.on(name, listener);
  }

  once<N extends Name>(name: N, listener: SoundListener<N>): void {
    this.#emitter.once(name, listener);
  }

  off<N extends Name>(name: N, listener: SoundListener<N>): void {
    this.#emitter.off(name, listener);
  }

  /** What a listener throws goes to the page's own 'error' event. */
  emit<N extends Name>(name: N, ...args: StreamingHowlEvents[N]): void {
    try {
      this.#emitter.emit(name, ...args);
    } catch (error) {
      reportError(error);
    }
  }

  clear(): void {
    this.#emitter.removeAllListeners();
  }
}
