/** Figures as text: the median, and in brackets the least and the most. */
import type { Summary } from './statistics.ts';

const NOTHING = '–';

/** @param digits behind the point */
export function withSpread(summary: Summary | undefined, digits = 0, scale = 1): string {
  if (summary === undefined) return NOTHING;
  const [middle, least, most] = [summary.median, summary.least, summary.most].map((value) => {
    return (value / scale).toFixed(digits);
  });
  return least === most ? `${middle}` : `${middle} (${least}–${most})`;
}

export function median(summary: Summary | undefined, digits = 0, scale = 1): string {
  return summary === undefined ? NOTHING : (summary.median / scale).toFixed(digits);
}
