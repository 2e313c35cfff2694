import { ValueError } from "../core/errors.ts";
import { type Direction, powerOfTwo } from "./direction.ts";
import { purposes, symmetric } from "./draw.ts";
import type { Precision } from "./estimate.ts";
import { flatLayout, type Layout, layoutOf } from "./layout.ts";
import type { Settings } from "./options.ts";
import { type MaybePromise, type Task, wait } from "./task.ts";

/** What a check found wrong that is not a matter of one entry. */
export interface Problems {
  readonly texts: string[];
}

/** The function that is checked, at its point, as a function of one flat array with one flat result. */
export interface Subject {
  readonly layout: Layout;
  /** How the results lie; a plain number is one entry. */
  readonly results: Layout;
  readonly x: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** The size of each entry's steps: about its magnitude, as a power of two. */
  readonly magnitudes: Float64Array;
  /** The function's value at x. */
  readonly base: Float64Array;
  /** The magnitude of what adds up to each result, where that is known; else of the result. */
  readonly scales: Float64Array;
  /** Unit roundoff of what the function computes in. */
  eps: number;
  /** Standard deviation of the noise that was measured in each result, in its units. */
  noise: Float64Array;
  /** The noise that the user says there is, at most. */
  readonly statedNoise: number;
  /** Calls made so far. */
  readonly calls: { f: number };
  /** The function at a point; null outside of its domain. */
  at(flat: Float64Array): Task<Float64Array | null>;
  /** The function at x + s·direction; null outside of its domain. */
  displaced(direction: Direction, s: number): Task<Float64Array | null>;
}

/** Whether the function computes in float32, as far as one can see. */
export function isFloat32({ eps }: Subject): boolean {
  return eps > 2 ** -40;
}

/** What an estimator needs to know of a result's precision. */
export function precisionOf({ eps, noise, scales, statedNoise }: Subject, j: number): Precision {
  return { eps, scale: scales[j]!, noise: noise[j]!, statedNoise };
}

const epsilons = { float64: 2 ** -52, float32: 2 ** -23 };

/**
 * Takes the user's function and point: calls the function at x, and measures its noise.
 *
 * @param op - who asks, for errors.
 */
export function* subjectOf(
  op: string,
  f: (x: unknown) => MaybePromise<unknown>,
  layout: Layout,
  x: Float64Array,
  settings: Settings,
  problem: (text: string) => void,
): Task<Subject> {
  const calls = { f: 0 };
  const call = function* (flat: Float64Array): Task<unknown> {
    calls.f++;
    const given = layout.build(flat);
    const value = yield* wait(f(given));
    const after = layout.read(given, "x");
    if (!(after instanceof Float64Array) || !sameBits(after, flat)) problem("f changed its input");
    return value;
  };

  const first = yield* call(x);
  const results = typeof first === "number" ? flatLayout("f", []) : layoutOf(op, first, "f(x)");
  const read = (value: unknown): Float64Array => {
    const flat = results.read(value, "f(x)");
    if (flat instanceof Float64Array) return flat;
    throw new ValueError(op, "f must return the same form at every call", flat.text);
  };
  const base = read(first);

  const again = read(yield* call(x));
  for (let j = 0; j < base.length; j++) {
    if (Object.is(base[j], again[j]) || Math.abs(base[j]! - again[j]!) <= 6 * settings.noise) continue;
    problem(`f is nondeterministic: two calls at the same x gave ${base[j]} and ${again[j]}`);
    break;
  }

  const { lower, upper } = settings;
  const at = function* (flat: Float64Array): Task<Float64Array | null> {
    if (settings.domain !== undefined && !settings.domain(layout.build(flat))) return null;
    const value = read(yield* call(flat));
    for (let j = 0; j < value.length; j++) {
      if (!Number.isFinite(value[j]!) && Number.isFinite(base[j]!)) return null;
    }
    return value;
  };
  const subject: Subject = {
    layout,
    results,
    x,
    lower,
    upper,
    magnitudes: magnitudesOf(layout, x),
    base,
    scales: base.map(Math.abs),
    eps: epsilons[settings.precision],
    noise: new Float64Array(base.length),
    statedNoise: settings.noise,
    calls,
    at,
    *displaced({ indices, weights }, s) {
      const flat = x.slice();
      for (let k = 0; k < indices.length; k++) flat[indices[k]!]! += s * weights[k]!;
      return yield* at(flat);
    },
  };
  if (x.length > 0) {
    yield* recogniseFloat32(subject, settings.seed);
    yield* measureNoise(subject, settings.seed);
  }
  return subject;
}

/** The size of each entry: its magnitude, or for zeros that of the others in its leaf, or 1; as powers of two. */
function magnitudesOf({ leaves }: Layout, x: Float64Array): Float64Array {
  const magnitudes = new Float64Array(x.length);
  for (const { offset, size } of leaves) {
    const typical = rootMeanSquare(x.subarray(offset, offset + size));
    for (let i = offset; i < offset + size; i++) {
      const own = Math.abs(x[i]!);
      magnitudes[i] = powerOfTwo(own > 0 ? own : typical > 0 ? typical : 1);
    }
  }
  return magnitudes;
}

/** √(mean of the squares), of the entries that are not 0; 0 if there are none. */
export function rootMeanSquare(v: Float64Array): number {
  const largest = v.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (largest === 0 || !Number.isFinite(largest)) return largest === 0 ? 0 : 1;
  let sum = 0;
  let count = 0;
  for (const value of v) {
    if (value === 0) continue;
    sum += (value / largest) ** 2; // scaled, so that nothing overflows
    count++;
  }
  return largest * Math.sqrt(sum / count);
}

/** A direction that touches every entry by up to its magnitude, with signs that stay inside the bounds for steps up to `reach`. */
function everywhere({ x, lower, upper, magnitudes }: Subject, seed: number, reach: number): Direction {
  const weights = magnitudes.map((magnitude, i) => {
    const w = magnitude * symmetric(seed, purposes.elsewhere, i);
    const inside = (end: number): boolean => end >= lower[i]! && end <= upper[i]!;
    return inside(x[i]! + reach * w) ? w : inside(x[i]! - reach * w) ? -w : 0;
  });
  return { indices: x.map((_, i) => i), weights, id: 0 };
}

/**
 * Sees whether f rounds to float32: after a step with all its bits, only 1 in 2²⁹ results that were not rounded would be a float32 by
 * chance. (Near a simple x, low polynomials give short results by right.)
 */
function* recogniseFloat32(subject: Subject, seed: number): Task<void> {
  const step = 1 / 97;
  const value = yield* subject.displaced(everywhere(subject, seed, step), step);
  if (value === null) return;
  const moved = value.filter((v, j) => v !== subject.base[j] && !Number.isInteger(v));
  if (moved.length > 0 && moved.every((v) => Math.fround(v) === v)) subject.eps = epsilons.float32;
}

/**
 * Measures the noise of f by Moré and Wild's difference table ("Estimating computational noise", 2011): over a few points so close
 * together that a smooth function is straight, the k-th differences hold noise alone, √((2k)!)/k! times its standard deviation.
 * All points lie on one side of x, so that a kink at x itself is none on the way.
 */
function* measureNoise(subject: Subject, seed: number): Task<void> {
  const { base, noise } = subject;
  const spacing = subject.eps === epsilons.float32 ? 2 ** -18 : 2 ** -30;
  const points = 8;
  const direction = everywhere(subject, seed, points * spacing);
  const rows: Float64Array[] = [base];
  for (let k = 1; k < points; k++) {
    const value = yield* subject.displaced(direction, k * spacing);
    if (value === null) return;
    rows.push(value);
  }
  for (let j = 0; j < base.length; j++) {
    let table = rows.map((row) => row[j]!);
    let gamma = 1;
    for (let k = 1; k <= 5; k++) {
      table = table.slice(1).map((value, i) => value - table[i]!);
      gamma *= k / (2 * (2 * k - 1)); // (k!)²/(2k)!
      if (k < 3) continue;
      const largest = table.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const relative = largest === 0 ? 0 : table.reduce((sum, value) => sum + (value / largest) ** 2, 0) / table.length;
      noise[j] = Math.max(noise[j]!, largest * Math.sqrt(gamma * relative));
    }
  }
}

function sameBits(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((value, i) => Object.is(value, b[i]));
}
