/** A bar in a scene: what of a track is played, buffered and cached. */

import * as Phaser from 'phaser';
import type { TimeRange } from '../playback/streaming-audio.ts';
import type { StreamingSound } from './streaming-sound.ts';

/** How a `StreamingBar` looks: pixels, and colours as Phaser takes them. */
export interface StreamingBarStyle {
  /** @default 320 */
  readonly width?: number | undefined;
  /** @default 16 */
  readonly height?: number | undefined;
  /** What is not there yet. @default 0xe3eeec */
  readonly background?: number | undefined;
  /** What is cached. @default 0xb7d3d8 */
  readonly cached?: number | undefined;
  /** What can be heard at once. @default 0x2e86ab */
  readonly buffered?: number | undefined;
  /** What was heard. @default 0xe4572e */
  readonly played?: number | undefined;
  /** The line at the place that is being heard. @default 0x12343b */
  readonly playhead?: number | undefined;
}

const DEFAULT_STYLE: Required<{ [Name in keyof StreamingBarStyle]: number }> = {
  width: 320,
  height: 16,
  background: 0xe3eeec,
  cached: 0xb7d3d8,
  buffered: 0x2e86ab,
  played: 0xe4572e,
  playhead: 0x12343b,
};

const LOOK_MS = 100; // what is buffered and cached changes no faster than the eye sees
const PLAYED_SHARE = 0.6; // of the height; what is buffered shows below it
const PLAYHEAD_PIXELS = 2;

/**
 * Draws what of a sound's track is played, buffered and cached; a click seeks to its place in a sound that plays or is
 * paused. Its left upper corner stands at its position.
 *
 * @example this.add.existing(new StreamingBar(this, 16, 16, theme));
 */
export class StreamingBar extends Phaser.GameObjects.Graphics {
  /** What is shown; may be exchanged, and is shown empty once it is destroyed. */
  sound: StreamingSound | undefined;

  readonly #style: typeof DEFAULT_STYLE;
  #untilLook = 0;
  #buffered: readonly TimeRange[] = [];
  #cached: readonly TimeRange[] = [];

  constructor(scene: Phaser.Scene, x: number, y: number, sound?: StreamingSound, style: StreamingBarStyle = {}) {
    super(scene, { x, y });
    this.sound = sound;
    const given = Object.entries(style).filter(([, value]) => value !== undefined);
    this.#style = { ...DEFAULT_STYLE, ...Object.fromEntries(given) };
    const { width, height } = this.#style;
    this.setInteractive(new Phaser.Geom.Rectangle(0, 0, width, height), isWithin);
    this.on(Phaser.Input.Events.POINTER_DOWN, (_: unknown, localX: number) => this.#seekTo(localX));
  }

  /** Called by Phaser each frame. */
  preUpdate(_time: number, delta: number): void {
    const sound = this.sound?.pendingRemove ? undefined : this.sound;
    this.#untilLook -= delta;
    if (this.#untilLook <= 0) {
      this.#untilLook = LOOK_MS;
      this.#buffered = sound?.buffered ?? [];
      this.#cached = sound?.cached ?? [];
    }
    this.#draw(sound);
  }

  #draw(sound: StreamingSound | undefined): void {
    const { width, height, background, cached, buffered, played, playhead } = this.#style;
    const upper = height * PLAYED_SHARE;
    this.clear();
    this.fillStyle(background).fillRect(0, 0, width, height);
    const scale = sound ? width / sound.totalDuration : 0;
    if (!sound || !Number.isFinite(scale) || scale <= 0) return; // its length is not known yet
    const place = (startOf(sound) + sound.seek) * scale;
    this.#drawRanges(this.#cached, scale, cached, 0, height);
    this.#drawRanges(this.#buffered, scale, buffered, upper, height - upper);
    this.fillStyle(played).fillRect(0, 0, place, upper);
    this.fillStyle(playhead).fillRect(Math.min(place, width - PLAYHEAD_PIXELS), 0, PLAYHEAD_PIXELS, height);
  }

  #drawRanges(ranges: readonly TimeRange[], scale: number, colour: number, top: number, height: number): void {
    this.fillStyle(colour);
    for (const [start, end] of ranges) this.fillRect(start * scale, top, (end - start) * scale, height);
  }

  #seekTo(localX: number): void {
    const { sound } = this;
    if (!sound || sound.pendingRemove || !Number.isFinite(sound.totalDuration)) return;
    sound.seek = (localX / this.#style.width) * sound.totalDuration - startOf(sound);
  }
}

function isWithin(area: Phaser.Geom.Rectangle, x: number, y: number): boolean {
  return area.contains(x, y);
}

/** Second of the track from which the sound counts. */
function startOf(sound: StreamingSound): number {
  return sound.currentMarker?.start ?? 0;
}
