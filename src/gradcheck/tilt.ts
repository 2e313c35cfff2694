import { powerOfTwo } from "./direction.ts";
import type { Along } from "./stairs.ts";
import type { Task } from "./task.ts";

/** Over what distances a tilt is looked for, in those over which it makes one rounding: the least and the greatest. */
const reaches = [
  [0.5, 2],
  [1, 4],
] as const;

/** At so many points of each. */
const count = 24;

/** As much of the tilt must be there; what rounding makes of none is a sixth of it. */
const leastShare = 0.6;

/** So many roundings away from the line, on average, values are noise. */
const mostNoise = 1;

/** A tilt that is looked for beside x. */
export interface Tilt {
  /** The slope that f has over wide steps. */
  readonly slope: number;
  /** How much more it may have at x. */
  readonly more: number;
  /** One rounding of f. */
  readonly unit: number;
  /** The narrowest steps that are exact. */
  readonly narrowest: number;
}

/**
 * Whether f has another slope at x than over wide steps, on one side at least, though it keeps it for no more than a few of its roundings: the
 * line through many values is known far better than one value is.
 */
export function* isTilted(along: Along, center: number, { slope, more, unit, narrowest }: Tilt): Task<boolean> {
  const distance = unit / Math.abs(more);
  for (const [least, most] of reaches) {
    // In steps of so few bits that they are exact.
    const grid = powerOfTwo(most * distance) / 2 ** 7;
    if (grid < narrowest) continue;
    for (const side of [-1, 1]) {
      const points: [s: number, rest: number][] = [];
      for (let k = 0; k < count; k++) {
        const s = side * grid * Math.round((distance * (least + ((most - least) * k) / (count - 1))) / grid);
        const value = yield* along(s);
        if (value !== null) points.push([s, value - center - slope * s]);
      }
      if (points.length < count) continue;
      const { tilt, rest } = lineThrough(points);
      if (tilt / more >= leastShare && rest <= mostNoise * unit) return true;
    }
  }
  return false;
}

/** The slope of the line that is nearest to some points, and how far from it they are: √(mean of the squares). */
function lineThrough(points: readonly (readonly [number, number])[]): { tilt: number; rest: number } {
  const mean = (k: 0 | 1): number => points.reduce((sum, point) => sum + point[k], 0) / points.length;
  const [s0, y0] = [mean(0), mean(1)];
  let [products, squares] = [0, 0];
  for (const [s, y] of points) {
    products += (s - s0) * (y - y0);
    squares += (s - s0) ** 2;
  }
  const tilt = products / squares;
  const away = points.reduce((sum, [s, y]) => sum + (y - y0 - tilt * (s - s0)) ** 2, 0);
  return { tilt, rest: Math.sqrt(away / points.length) };
}
