/** Whether what an element plays arrives in the graph: that of a MediaSource may not, on Apple's systems. */

import type { StreamingHowl } from '../howler/streaming-howl.ts';

/** Seconds that must have been missed: WebKitGTK's graph is 1.1 s behind its element. */
const SILENT_SECONDS = 3;

/** Two places of one playback are no further apart; else there was a seek between them. */
const MOST_BETWEEN_LOOKS = 1;

/** What one look hears: 0.7 s, so that nothing is missed where frames of the game are slow. */
const LOOK_FRAMES = 32_768;

/** The part of the track that was played and not heard. */
interface Missed {
  readonly start: number;
  end: number;
  seconds: number;
}

/** Listens to the source of a sound until something is heard of it. */
export class OutputProbe {
  #analyser: AnalyserNode | undefined;
  readonly #samples = new Float32Array(LOOK_FRAMES);
  #missed: Missed | undefined;
  #position = 0;

  /** @param onSilent called once where nothing arrives, with the second of the track from which nothing was heard */
  constructor(
    private readonly source: AudioNode,
    private readonly howl: StreamingHowl,
    private readonly onSilent: (start: number) => void,
  ) {
    this.#analyser = new AnalyserNode(source.context, { fftSize: LOOK_FRAMES });
    source.connect(this.#analyser);
  }

  /** To be called each frame. */
  look(): void {
    if (!this.#analyser || this.howl.state !== 'playing' || this.source.context.state !== 'running') return;
    this.#analyser.getFloatTimeDomainData(this.#samples);
    if (this.#samples.some((sample) => sample !== 0)) return this.dispose();
    const missed = this.#count(this.howl.position);
    if (missed.seconds < SILENT_SECONDS) return;
    this.#missed = undefined;
    void this.#judge(missed);
  }

  dispose(): void {
    if (this.#analyser) this.source.disconnect(this.#analyser);
    this.#analyser = undefined;
  }

  /** After a seek it counts anew; a loop comes back to what was played already. */
  #count(position: number): Missed {
    const step = position - this.#position;
    this.#position = position;
    const goesOn = step >= 0 && step < MOST_BETWEEN_LOOKS;
    const missed = this.#missed;
    const isKnown = missed !== undefined && (goesOn || (position >= missed.start && position <= missed.end));
    if (!isKnown) return (this.#missed = { start: position, end: position, seconds: 0 });
    if (goesOn) missed.seconds += step;
    missed.end = Math.max(missed.end, position);
    return missed;
  }

  /** The track itself may be silent there. */
  async #judge({ start, end }: Missed): Promise<void> {
    const hasSound = await this.howl.hasSound(start, end).catch(() => false);
    if (!hasSound || !this.#analyser) return;
    this.dispose();
    this.onSilent(start);
  }
}
