import { powerOfTwo } from "./direction.ts";
import { largest } from "./estimate.ts";
import type { Along } from "./stairs.ts";
import type { Task } from "./task.ts";

/** A line from x, with the distance to which f may be followed on it. */
export interface Way {
  readonly along: Along;
  readonly to: number;
}

/** Values at so many close points are compared. */
const points = 8;

/** So many differences of differences leave nothing of a smooth function, and of noise this many times its standard deviation. */
const [order, gain] = [6, Math.sqrt(924)];

/**
 * How far apart the points are, relative to x or to the distance from it; how many times its own last digit f may round, since it is made of
 * several terms; and how fast it may grow from one place to the next.
 */
const looks = {
  float64: { spacing: 1 / 19751, most: 2 ** 5, growth: 2 ** 16 },
  float32: { spacing: 1 / 137, most: 2 ** 3, growth: 2 ** 4 },
};

/** On each side of x, f is looked at from so near on, in up to so many steps; numbers with few bits would not be rounded inside f. */
const nearest = 1 / 17;
const mostSteps = 16;

/** Steps are divided up to so many times where f grows fast. */
const divisions = 5;

/** Where f has not grown to so many times what it was, it shows nothing new. */
const leastGrowth = 4;

/**
 * Whether f rounds its own last digit alone, and nothing larger inside: at x, and further on where it has grown. What a 1 rounds away at x, it
 * rounds to stairs there, as in log(1 + u) + u. True if f is smooth at close points wherever it moves, false if it is not, null if it never moves.
 */
export function* isFineAlong(ways: readonly Way[], eps: number): Task<boolean | null> {
  const { growth } = looks[eps > 2 ** -40 ? "float32" : "float64"];
  let found: boolean | null = null;
  for (const { along, to } of ways) {
    const factor = Math.max(2, (to / nearest) ** (1 / mostSteps));
    for (const side of [1, -1]) {
      let [last, known] = [0, 0];
      const waiting: [s: number, depth: number][] = [];
      for (let s = to; s >= nearest; s /= factor) waiting.push([s, 0]);
      waiting.push([0, divisions]);
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        const [s, depth] = next;
        const value: number | null = yield* along(side * s);
        if (value === null) break;
        if (Math.abs(value) > growth * known && depth < divisions) {
          waiting.push([s, depth + 1], [(last + s) / 2, depth + 1]);
          continue;
        }
        last = s;
        if (Math.abs(value) < leastGrowth * known) continue;
        known = Math.abs(value);
        const own: boolean | null = yield* isFineAt(along, side * s, eps);
        if (own === false) return false;
        found ??= own;
      }
    }
  }
  return found;
}

/** The same at one place. */
function* isFineAt(along: Along, place: number, eps: number): Task<boolean | null> {
  const { spacing, most } = looks[eps > 2 ** -40 ? "float32" : "float64"];
  const distance = Math.max(1, Math.abs(place));
  const [here, there] = [yield* along(place), yield* along(place + spacing * distance)];
  if (here === null || there === null) return null;
  // Where f is steep, the points are closer together.
  const step = spacing * distance * Math.min(1, powerOfTwo((spacing * Math.abs(here)) / Math.abs(there - here)) || 1);
  let table = [here];
  for (let k = 1; k < points; k++) {
    const value = yield* along(place + k * step);
    if (value === null) return null;
    table.push(value);
  }
  if (new Set(table).size < 3) return null; // two values may be one jump
  const own = eps * Math.max(largest(table), (Math.abs(table.at(-1)! - here) * distance) / (points * step));
  for (let k = 0; k < order; k++) table = table.slice(1).map((value, i) => value - table[i]!);
  return largest(table) <= gain * most * own;
}
