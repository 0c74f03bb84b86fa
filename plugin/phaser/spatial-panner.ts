/** A sound's place in space, as Phaser's `source` configures it. */

import type * as Phaser from 'phaser';

type Source = Phaser.Types.Sound.SpatialSoundConfig;

/** What Phaser's own sounds take where the configuration is silent. */
const DEFAULTS: Required<Omit<Source, 'follow'>> = {
  x: 0,
  y: 0,
  z: 0,
  panningModel: 'equalpower',
  distanceModel: 'inverse',
  orientationX: 0,
  orientationY: 0,
  orientationZ: -1,
  refDistance: 1,
  maxDistance: 10_000,
  rolloffFactor: 1,
  coneInnerAngle: 360,
  coneOuterAngle: 0,
  coneOuterGain: 0,
};

/** A PannerNode that stands where it is told to, or where what it follows stands. */
export class SpatialPanner {
  readonly node: PannerNode;
  #followed: { readonly x?: number; readonly y?: number } | undefined;

  constructor(context: BaseAudioContext) {
    this.node = context.createPanner();
  }

  get x(): number {
    return this.node.positionX.value;
  }

  set x(x: number) {
    this.node.positionX.value = x;
  }

  get y(): number {
    return this.node.positionY.value;
  }

  set y(y: number) {
    this.node.positionY.value = y;
  }

  /** Takes over a whole configuration; where it follows something, the place comes with the next `follow`. */
  configure({ follow, ...source }: Source): void {
    const { x, y, z, orientationX, orientationY, orientationZ, ...shape } = { ...DEFAULTS, ...source };
    const { node } = this;
    Object.assign(node, shape);
    node.orientationX.value = orientationX;
    node.orientationY.value = orientationY;
    node.orientationZ.value = orientationZ;
    this.#followed = follow;
    if (follow) return;
    this.x = x;
    this.y = y;
    node.positionZ.value = z;
  }

  /** Goes to where the followed object stands now. */
  follow(): void {
    const { x, y } = this.#followed ?? {};
    if (x !== undefined && x !== this.x) this.x = x;
    if (y !== undefined && y !== this.y) this.y = y;
  }
}
