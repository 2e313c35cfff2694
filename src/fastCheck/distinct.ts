import type { Random } from "fast-check";
import type { Domain } from "./domain.ts";
import { shuffle } from "./random.ts";
import { simplestNumbers } from "./simplicity.ts";

/** Whether `v` keeps its distance from every entry but the one at `except`. */
export function isApart(values: ArrayLike<number>, v: number, spacing: number, except = -1): boolean {
  for (let i = 0; i < values.length; i++) if (i !== except && !(Math.abs(values[i]! - v) >= spacing)) return false;
  return true;
}

/** Numbers of a domain in ascending order, each as near to the one before as the spacing allows; at most `limit` of them. */
export function pack(domain: Domain, spacing: number, limit: number): number[] {
  const values: number[] = [];
  for (const [low, high] of domain.intervals) {
    let v = low;
    while (values.length < limit) {
      const last = values.at(-1);
      if (last !== undefined && !(v - last >= spacing)) {
        v = Math.max(v, domain.round(last + spacing));
        while (!(v - last >= spacing)) v = domain.next(v, 1);
      }
      if (v > high) break;
      values.push(v);
    }
  }
  return values;
}

/** `count` random numbers that keep their distance, in random order. The domain must have room. */
export function drawDistinct(random: Random, domain: Domain, count: number, isBiased: boolean): number[] {
  const values: number[] = [];
  while (values.length < count) {
    const drawn = drawApart(random, domain, values, isBiased);
    if (drawn === null) return drawPacked(random, domain, count);
    values.push(drawn);
  }
  return values;
}

function drawApart(random: Random, domain: Domain, values: readonly number[], isBiased: boolean): number | null {
  for (let tries = 0; tries < 30; tries++) {
    const v = domain.draw(random, isBiased && tries < 5);
    if (isApart(values, v, domain.spacing)) return v;
  }
  return null;
}

/** Where chance finds no room: some of as many as fit. */
function drawPacked(random: Random, domain: Domain, count: number): number[] {
  return shuffle(random, pack(domain, domain.spacing, 4 * count)).slice(0, count);
}

/** The `count` simplest numbers that keep their distance, in ascending order; null if simple ones do not suffice. */
export function simplestDistinct(domain: Domain, count: number): number[] | null {
  const values: number[] = [];
  const nearest = Math.min(...domain.intervals.map(([low, high]) => (low > 0 ? low : high < 0 ? -high : 0)));
  const start = Math.ceil(nearest);
  const consider = (v: number): void => {
    if (values.length < count && domain.contains(v) && isApart(values, v, domain.spacing)) values.push(v);
  };
  consider(domain.simplest);
  for (const v of simplestNumbers) consider(v);
  const stop = start + 4 * count * Math.max(1, domain.spacing);
  for (let k = start; k <= stop && values.length < count; k++) {
    consider(k);
    if (k !== 0) consider(-k);
  }
  return values.length === count ? values.sort((a, b) => a - b) : null;
}
