import type { Direction } from "./direction.ts";
import type { Subject } from "./subject.ts";
import type { Task } from "./task.ts";

/** The function's value at x + s·direction; null outside of its domain. */
export type Along = (s: number) => Task<number | null>;

/** Results of up to so many numbers are kept along a line. */
const mostKept = 256;

/** One result along a direction; so far from x that f refuses its input, it ends. */
export function valuesAlong(
  subject: Subject,
  direction: Direction,
  j: number,
  known?: Map<number, Float64Array | null>,
): Along {
  return function* (s) {
    let row = known?.get(s);
    if (row === undefined) {
      try {
        row = yield* subject.displaced(direction, s);
      } catch {
        row = null;
      }
      if (subject.base.length <= mostKept) known?.set(s, row);
    }
    return row?.[j] ?? null;
  };
}

/** What to look for along a line, and how far from x. */
export interface Search {
  /** From about which distance on. */
  readonly from: number;
  /** To which distance. */
  readonly to: number;
  /** The heights that matter, of a jump at about a distance, up to which f has moved by so much: rounding makes no higher ones, and lower ones do not count. */
  readonly heights: (distance: number, moved: number) => readonly [least: number, most: number];
  /** The slope that is taken out of f first. */
  readonly slope: number;
  /** Distances that are only this wide are not divided again. */
  readonly narrowest: number;
  /** Nor those that were divided into quarters so many times: where they are still wide, a wave may pass for a jump. */
  readonly divisions: number;
}

/** A jump of f, and how far from x it is found, within a factor of 4. */
export interface Jump {
  /** The first height that matters; 0 where there is none. */
  readonly height: number;
  readonly at: number;
}

/** The points at which f is asked are rounded themselves: where f is steep, that makes steps of so much of the distance, which are none of f's. */
const grain = 2 ** -49;

/** How far f jumps below x, and above. */
export function* jumpsBeside(along: Along, center: number, search: Search): Task<[Jump | null, Jump | null]> {
  return [yield* jumpOn(-1, along, center, search), yield* jumpOn(1, along, center, search)];
}

/**
 * How far f jumps on one side of x; null where f ends, or does not move at all. Between its jumps, a function that rounds inside shows the
 * slope of one stair, and nothing of the slope that it has.
 */
export function* jumpOn(side: -1 | 1, along: Along, center: number, search: Search): Task<Jump | null> {
  const { from, to, heights, slope } = search;
  const known = new Map<number, number | null>();
  const rest = function* (s: number): Task<number | null> {
    const value = known.has(s) ? known.get(s)! : yield* along(side * s);
    known.set(s, value);
    return value === null ? null : value - center - slope * side * s;
  };
  let near: [at: number, rest: number] = [0, 0];
  let moved = 0;
  for (let s = from; s <= to; s *= 4) {
    const there = yield* rest(s);
    if (there === null) return null;
    moved = Math.max(moved, Math.abs(there), Math.abs(there + slope * side * s));
    const far: [number, number] = [s, there];
    const [least, most] = heights(s, moved);
    for (const choose of [nearest, mostUnlike]) {
      const height = yield* jumpBetween(rest, near, far, least, search, choose);
      if (height > 0) return { height: height <= most ? height : 0, at: s };
    }
    near = far;
  }
  return moved > 0 ? { height: 0, at: to } : null;
}

/** The quarter next to x in which f changes: on a staircase that gets steeper, the jump that is best told from the others. */
function nearest(unlike: readonly number[], changes: readonly number[], least: number): number {
  const first = changes.findIndex((change) => Math.abs(change) >= least);
  return first < 0 ? mostUnlike(unlike) : first;
}

/** The quarter that changes least like the others: on a staircase beside a slope, one with a jump. */
function mostUnlike(unlike: readonly number[]): number {
  return unlike.indexOf(Math.max(...unlike));
}

/**
 * The height of a jump between two places, found in a quarter of a quarter, and so on; 0 if f is steady there: then quarters change more and more
 * alike.
 */
function* jumpBetween(
  rest: Along,
  [low, below]: readonly [number, number],
  [high, above]: readonly [number, number],
  least: number,
  { narrowest, divisions }: Search,
  choose: (unlike: readonly number[], changes: readonly number[], least: number) => number,
): Task<number> {
  let [a, first, width, last] = [low, below, high - low, above];
  const heights: number[] = [];
  let own = 0;
  while (heights.length < divisions && width > narrowest) {
    width /= 4;
    const values = [first];
    for (let k = 1; k < 4; k++) {
      const value = yield* rest(a + k * width);
      if (value === null) return 0;
      values.push(value);
    }
    values.push(last);
    const changes = values.slice(1).map((value, k) => value - values[k]!);
    const [, second, third] = [...changes].sort((p, q) => p - q);
    const usual = (second! + third!) / 2;
    const unlike = changes.map((change) => Math.abs(change - usual));
    const height = Math.max(...unlike);
    // Where there are many jumps, the quarters change alike.
    if (!(height >= least) && !(Math.abs(last - first) >= least)) return 0;
    heights.push(height);
    own = (grain * (1 + Math.abs(a)) * Math.abs(usual)) / width;
    const k = choose(unlike, changes, least);
    [a, first, last] = [a + k * width, values[k]!, values[k + 1]!];
  }
  const [before, height] = [heights.at(-3) ?? 0, heights.at(-1) ?? 0];
  // At a pole it would grow.
  return height >= Math.max(least, own) && height > 0.75 * before && height < 1.5 * before ? height : 0;
}
