import { ValueError } from "../core/errors.ts";
import { Caller } from "./caller.ts";
import type { Direction } from "./direction.ts";
import { largest, type Precision } from "./estimate.ts";
import type { Layout } from "./layout.ts";
import { everywhere, measureNoise, noiseBeyondStillness, roundsToFloat32, takesFloat32 } from "./noise.ts";
import type { Settings } from "./options.ts";
import { manifoldOf, type Projection, projectionOf } from "./tangent.ts";
import { type MaybePromise, type Task, wait } from "./task.ts";

/** What a check found wrong that is not a matter of one entry. */
export interface Problems {
  readonly texts: string[];
}

/** What has the digits of float32: the results of f, or what it makes of its input. */
export type SeenPrecision = "results" | "input" | null;

/** The function that is checked, at its point, as a function of one flat array with one flat result. */
export interface Subject {
  readonly layout: Layout;
  /** How the results lie; a plain number is one entry. */
  readonly results: Layout;
  readonly x: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** Whether there is any such bound. */
  readonly isBounded: boolean;
  /** The size of each entry's steps: about its magnitude, as a power of two. */
  readonly magnitudes: Float64Array;
  /** The function's value at x. */
  readonly base: Float64Array;
  /** The magnitude of what adds up to each result, where that is known; else of the result. */
  readonly scales: Float64Array;
  /** Unit roundoff of what the function computes in. */
  eps: number;
  /** Whether its results are rounded to that; else only the input may be. */
  isRounded: boolean;
  /** Where f was seen to round to float32, though its input is not float32, and nobody said so. */
  seen: SeenPrecision;
  /** Standard deviation of the noise that was measured in each result, in its units. */
  noise: Float64Array;
  /** The noise that the user says there is, at most. */
  readonly statedNoise: number;
  /** Directions that touch all entries, as they were drawn before. */
  readonly elsewhere: Map<string, Direction>;
  /** What a constraint on the input leaves of a direction. */
  readonly project: Projection;
  /** Counts the calls. */
  readonly calls: { readonly count: number };
  /** The function at a point; null outside of its domain. */
  at(flat: Float64Array): Task<Float64Array | null>;
  /** The function at x + s·direction; null outside of its domain. */
  displaced(direction: Direction, s: number): Task<Float64Array | null>;
  /**
   * Calls the function some more: tells its precision, and if not in brief, measures its noise, and looks whether it gives the same at a second call.
   */
  explore(isBrief: boolean): Task<void>;
  /** Whether the function has changed what it was given, so what was sampled since this was asked last is worth nothing. */
  wasSpoilt(): boolean;
}

/** Whether the function computes in float32, as far as one can see. */
export function isFloat32({ eps }: Subject): boolean {
  return eps > 2 ** -40;
}

/** What an estimator needs to know of a result's precision, where x moves along some direction. */
export function precisionOf(
  { eps, isRounded, noise, scales, statedNoise }: Subject,
  j: number,
  weights: ArrayLike<number>,
): Precision {
  // What rounds on the way from x to f may be as large as either, or a 1: 1 + e^−x, 1 − y².
  const usual = Math.max(1, largest(weights));
  const hidden = eps * Math.max(usual, scales[j]!);
  return { eps, isRounded, scale: scales[j]!, noise: noise[j]!, statedNoise, hidden, usual };
}

/** Noise below this share of a result is not that of a function which computes in float32 somewhere. */
const leastOfFloat32 = 2 ** -40;

const epsilons = { float64: 2 ** -52, float32: 2 ** -23 };

/**
 * Takes the user's function and point, and calls the function at x. What else there is to know of it, {@link Subject.explore} finds.
 *
 * @param op - who asks, for errors.
 */
export function* subjectOf(
  op: string,
  f: (x: unknown, out?: unknown) => MaybePromise<unknown>,
  layout: Layout,
  x: Float64Array,
  settings: Settings,
  problem: (text: string) => void,
): Task<Subject> {
  const caller = new Caller(op, f, layout, x, settings, problem);
  const base = yield* caller.at(x);
  const { results } = caller;
  if (results.leaves.length === 0) throw new ValueError(op, "f must return numbers", "an object without any");
  const { isBounded, lower, upper, domain } = settings;
  const rounded = settings.precision === "float32" ? Math.fround : (value: number): number => value;
  const isInside = (value: number, i: number): boolean => value >= lower[i]! && value <= upper[i]!;
  /** Null for results that show that the domain has ended. */
  const finite = (values: Float64Array): Float64Array | null =>
    values.some((value, j) => !Number.isFinite(value) && Number.isFinite(base[j]!)) ? null : values;
  const at = function* (exact: Float64Array): Task<Float64Array | null> {
    const flat = settings.precision === "float32" ? roundedOf(exact) : exact;
    if (isBounded && !flat.every(isInside)) return null;
    if (domain !== undefined && !(yield* wait(domain(layout.build(flat))))) return null;
    return finite(yield* caller.at(flat));
  };
  const beside = function* ({ indices, weights }: Direction, s: number): Task<Float64Array | null> {
    const numbers = new Float64Array(indices.length);
    for (let k = 0; k < indices.length; k++) numbers[k] = rounded(x[indices[k]!]! + s * weights[k]!);
    if (isBounded && !numbers.every((value, k) => isInside(value, indices[k]!))) return null;
    return finite(yield* caller.beside(indices, numbers));
  };
  const { retract } = settings;
  const eps = epsilons[settings.precision];
  const manifold = retract && manifoldOf(op, layout, retract, x, eps);
  const moved = new Float64Array(x.length);
  const subject: Subject = {
    layout,
    results,
    x,
    lower,
    upper,
    isBounded,
    elsewhere: new Map(),
    magnitudes: magnitudesOf(layout, x),
    base,
    scales: base.map(Math.abs),
    eps,
    isRounded: settings.precision === "float64",
    seen: null,
    noise: new Float64Array(base.length),
    statedNoise: settings.noise,
    project: manifold?.project ?? projectionOf(op, layout, settings.tangent, x),
    calls: caller,
    at,
    *displaced(direction, s) {
      const { indices, weights } = direction;
      const isSparse = indices.length <= x.length / 16 && caller.isShared;
      if (isSparse && domain === undefined && manifold === undefined) return yield* beside(direction, s);
      if (manifold) moved.fill(0);
      else if (indices.length < x.length) moved.set(x);
      else return yield* at(movedAll(moved, x, s, weights));
      for (let k = 0; k < indices.length; k++) moved[indices[k]!]! += s * weights[k]!;
      return yield* at(manifold?.move(moved) ?? moved);
    },
    wasSpoilt: () => caller.wasSpoilt(),
    *explore(isBrief) {
      const { seed } = settings;
      const mayShare = domain === undefined && manifold === undefined;
      caller.lend(isBrief && mayShare);
      const maySee = x.length > 0 && !settings.isPrecisionStated;
      const mayRound = !isBrief || base.every((value) => Math.fround(value) === value);
      if (maySee && mayRound && (yield* roundsToFloat32(subject, seed))) {
        subject.eps = epsilons.float32;
        subject.isRounded = true;
        subject.seen = settings.precision === "float64" ? "results" : null;
      }
      if (isBrief) return;
      const again = yield* caller.at(x);
      const slack = Math.max(6 * settings.noise, settings.nondeterminism * largest(base));
      const isSame = (a: number, b: number): boolean => Object.is(a, b) || Math.abs(a - b) <= slack;
      const differing = base.findIndex((value, j) => !isSame(value, again[j]!));
      if (differing >= 0) {
        problem(`f is nondeterministic: two calls at the same x gave ${base[differing]} and ${again[differing]}`);
      }
      if (x.length === 0) return;
      if (mayShare) {
        const { indices, weights } = everywhere(subject, seed, 1 / 97);
        const points = [1 / 97, 1 / 194].map((s) => {
          const point = x.slice();
          for (let k = 0; k < indices.length; k++) point[indices[k]!]! += s * weights[k]!;
          return settings.precision === "float32" ? roundedOf(point) : point;
        });
        yield* caller.share(points, isSame);
      }
      subject.noise = yield* measureNoise(subject, seed);
      const isRough = subject.noise.some((noise, j) => noise > leastOfFloat32 * Math.abs(base[j]!));
      if (isRough && !isFloat32(subject)) {
        if (maySee && (yield* takesFloat32(subject, seed))) {
          subject.eps = epsilons.float32;
          subject.isRounded = false;
          subject.seen = "input";
          subject.noise = yield* measureNoise(subject, seed);
        } else subject.noise = yield* noiseBeyondStillness(subject, seed);
      }
    },
  };
  return subject;
}
/** Below this, a number is as good as 0: it has no room for steps that are much smaller. */
const least = 2 ** -1000;

/** The size of each entry: its magnitude, or for zeros that of the others in its leaf, or 1; as powers of two. */
export function magnitudesOf({ leaves }: Layout, x: Float64Array): Float64Array {
  const magnitudes = new Float64Array(x.length);
  const words = new Uint32Array(magnitudes.buffer);
  const high = new Uint8Array(new Uint16Array([1]).buffer)[0]!; // 1: the word with the exponent is the second
  for (const { offset, size } of leaves) {
    const typical = rootMeanSquare(x.subarray(offset, offset + size));
    const other = typical > least ? typical : 1;
    for (let i = offset; i < offset + size; i++) {
      const own = Math.abs(x[i]!);
      magnitudes[i] = own > least ? own : other;
      // Without its fraction, a number is a power of two; logarithms take longer than a cheap f.
      words[2 * i + high]! &= 0x7ff00000;
      words[2 * i + 1 - high] = 0;
    }
  }
  return magnitudes;
}

/** √(mean of the squares), of the entries that are not 0; 0 if there are none. */
export function rootMeanSquare(v: Float64Array): number {
  const most = largest(v);
  if (most === 0 || !Number.isFinite(most)) return most === 0 ? 0 : 1;
  let sum = 0;
  let count = 0;
  for (let i = 0; i < v.length; i++) {
    const share = v[i]! / most; // so that nothing overflows
    if (v[i] === 0) continue;
    sum += share * share;
    count++;
  }
  return most * Math.sqrt(sum / count);
}

/** Writes x + s·weights into an array, and returns it. */
function movedAll(into: Float64Array, x: Float64Array, s: number, weights: ArrayLike<number>): Float64Array {
  for (let i = 0; i < into.length; i++) into[i] = x[i]! + s * weights[i]!;
  return into;
}

function roundedOf(exact: Float64Array): Float64Array {
  const flat = new Float64Array(exact.length);
  for (let i = 0; i < exact.length; i++) flat[i] = Math.fround(exact[i]!);
  return flat;
}
