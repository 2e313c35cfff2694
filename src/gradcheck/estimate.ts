import type { Samples } from "./samples.ts";

/** A slope on one side of x, by the values on that side alone. */
export interface Slope {
  readonly value: number;
  readonly error: number;
  /** Where the side's values lead at x. */
  readonly limit: number;
}

/** A derivative by differences, in the units of the direction. */
export interface Estimate {
  readonly value: number;
  /** The error bar: the derivative is from `value − error` to `value + error`. */
  readonly error: number;
  /** The part of the error that rounding and noise alone would make at this step. */
  readonly floor: number;
  /** The value by formulas of rising order, of which the last one is `value`; the first ones are wrong by more, and round less. */
  readonly orders: readonly number[];
  /** The size of step that was asked for. */
  readonly asked: number;
  /** The step, relative to the size of the input. */
  readonly size: number;
  /** The largest magnitude of the function on the stencil. */
  readonly magnitude: number;
  /** The steepest slope from x to a point of the stencil. */
  readonly swing: number;
  /** Slopes to the left and to the right; null if only one side was sampled. */
  readonly sides: readonly [Slope, Slope] | null;
}

/** Error of one value of the function: what rounding makes at least, what was measured, and what the user says. */
export interface Precision {
  /** The magnitude of what adds up to a value, where that is known and more than the value. */
  readonly scale: number;
  readonly eps: number;
  /** Whether the value is rounded to that; else only the input may be. */
  readonly isRounded: boolean;
  readonly noise: number;
  readonly statedNoise: number;
  /** What rounding somewhere inside the function may hide of a change, in its units: the value itself may be small, or 0, where that is not. */
  readonly hidden: number;
  /** By how much one might expect f to move, if nothing else is known: the size of the input, or 1. */
  readonly usual: number;
}

/** An estimator of a derivative from samples: of the first, or of the second. */
export type Estimator = (samples: Samples, center: number, result: number, precision: Precision) => Estimate;

/**
 * The first derivative. On both sides of x: central differences at t = 1, ½, ¼, extrapolated twice (Richardson, 1911), with an
 * error O(s⁶). The error bar is the largest of three: the gap between the two extrapolations of lower order; what is left of the even
 * part of the function, (f(x+t) + f(x−t))/2 − f(x), when t² and t⁴ are taken out of it, which must be nothing for a smooth function and
 * shows noise, kinks and jumps that differences between the two sides cannot see; and the rounding floor.
 */
export const slope: Estimator = (samples, center, j, precision) => {
  if (samples.side !== 0) return oneSided(samples, center, j, precision);
  const { asked, size } = samples;
  const p = samples.plus.map((row) => row[j]!);
  const m = samples.minus.map((row) => row[j]!);
  const magnitude = largest([precision.scale, center, ...p, ...m]);
  const unit = unitOf(magnitude, precision);
  const [d0, d1, d2] = [(p[0]! - m[0]!) / 2, p[1]! - m[1]!, 2 * (p[2]! - m[2]!)];
  const t1 = (4 * d1 - d0) / 3;
  const t2 = (4 * d2 - d1) / 3;
  const [e0, e1, e2] = [0, 1, 2].map((k) => (p[k]! - center) / 2 + (m[k]! - center) / 2) as [number, number, number];
  const unevenness = Math.abs(64 * e2 - 20 * e1 + e0) / 4;
  const floor = 4 * unit;
  const orders = [d0, t1, (16 * t2 - t1) / 15].map((own) => own / size);
  return {
    value: orders[2]!,
    error: Math.max(Math.abs(t2 - t1), unevenness, floor) / size,
    floor: floor / size,
    orders,
    asked,
    size,
    magnitude,
    swing: largest([...p, ...m].map((value) => value - center)) / size,
    sides: [sideOf(m, -1, size, unit), sideOf(p, 1, size, unit)],
  };
};

/** The second derivative, by the even part of the function over t², extrapolated twice: the error is O(s⁶). */
export const curvature: Estimator = (samples, center, j, precision) => {
  const { asked, size } = samples;
  if (samples.side !== 0)
    return { ...oneSided(samples, center, j, precision), value: Number.NaN, error: Number.POSITIVE_INFINITY };
  const p = samples.plus.map((row) => row[j]!);
  const m = samples.minus.map((row) => row[j]!);
  const magnitude = largest([precision.scale, center, ...p, ...m]);
  const [q0, q1, q2] = [0, 1, 2].map((k) => (p[k]! - center + (m[k]! - center)) * 4 ** k) as [number, number, number];
  const s1 = (4 * q1 - q0) / 3;
  const s2 = (4 * q2 - q1) / 3;
  const floor = 64 * unitOf(magnitude, precision);
  const orders = [q0, s1, (16 * s2 - s1) / 15].map((own) => own / size ** 2);
  return {
    value: orders[2]!,
    error: Math.max(Math.abs(s2 - s1), floor) / size ** 2,
    floor: floor / size ** 2,
    orders,
    asked,
    size,
    magnitude,
    swing: largest([...p, ...m].map((value) => value - center)) / size,
    sides: null,
  };
};

/** Slopes from x to points on one side, at t = 1, ½, … 1/32, extrapolated as far as they have terms: the error is O(s⁶). */
function oneSided(
  { plus, minus, side, asked, size }: Samples,
  center: number,
  j: number,
  precision: Precision,
): Estimate {
  const values = (side > 0 ? plus : minus).map((row) => row[j]!);
  const magnitude = largest([precision.scale, center, ...values]);
  let table = values.map((value, k) => (value - center) * 2 ** k);
  let before = table;
  for (let power = 1; table.length > 1; power++) {
    before = table;
    table = table.slice(1).map((value, k) => (2 ** power * value - before[k]!) / (2 ** power - 1));
  }
  const floor = 150 * unitOf(magnitude, precision);
  const value = (side * table[0]!) / size;
  return {
    value,
    error: Math.max(Math.abs(before[1]! - before[0]!), floor) / size,
    floor: floor / size,
    orders: [(side * before[1]!) / size, value],
    asked,
    size,
    magnitude,
    swing: largest(values.map((value) => value - center)) / size,
    sides: null,
  };
}

/** Slope and limit at x of the parabola through three values on one side, without the value at x. */
function sideOf([v0, v1, v2]: readonly number[], side: -1 | 1, size: number, unit: number): Slope {
  const value = -2 * v0! + 10 * v1! - 8 * v2!;
  const straight = 4 * (v1! - v2!);
  return {
    value: (side * value) / size,
    error: Math.max(Math.abs(value - straight), 24 * unit) / size,
    limit: (v0! - 6 * v1! + 8 * v2!) / 3,
  };
}

/** What one value of the function may be off by: rounding, three standard deviations of measured noise, or what the user states. */
function unitOf(magnitude: number, { eps, noise, statedNoise }: Precision): number {
  return Math.max(eps * magnitude, 3 * noise, 1.5 * statedNoise, magnitude && Number.MIN_VALUE);
}

/** The largest magnitude of some numbers. */
export function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]!));
  return most;
}
