/** How volumes change from one to another. Pure. */

/** The volume at a share of the way, from 0 to 1. */
export type FadeCurve = (share: number) => number;

/** In equal steps. */
export function straight(from: number, to: number): FadeCurve {
  return (share) => (share < 1 ? from + (to - from) * share : to);
}

/** From silence to `volume`: the power of this and of what `falling` gives add up to that of one. */
export function rising(volume: number): FadeCurve {
  return (share) => volume * Math.sin((share * Math.PI) / 2);
}

/** From `volume` to silence; the other half of a cross-fade. */
export function falling(volume: number): FadeCurve {
  return (share) => (share < 1 ? volume * Math.cos((share * Math.PI) / 2) : 0);
}
