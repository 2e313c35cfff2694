import { Check, requireFunctions, type UserFunction } from "./check.ts";
import { type Direction, dense } from "./direction.ts";
import { purposes, word } from "./draw.ts";
import { curvature, type Estimate, slope } from "./estimate.ts";
import { claimOf, precisionOf } from "./examine.ts";
import { asserted } from "./gradient.ts";
import { judge } from "./judge.ts";
import { labelOf, layoutOf } from "./layout.ts";
import { checkLinear, checkSymmetric, columnsOf } from "./linear.ts";
import type { CheckOptions, Like } from "./options.ts";
import { type EntryReport, entryReport, type GradientReport } from "./report.ts";
import { Line } from "./samples.ts";
import type { Measure, Sizes } from "./search.ts";
import { type MaybePromise, run, type Task } from "./task.ts";
import { ValueError } from "../core/errors.ts";

// Second differences lose more to rounding: wider steps, and wider tolerances.
const sizes: { readonly [P in "float64" | "float32"]: Sizes } = {
  float64: { start: 2 ** -5, least: 2 ** -13, most: 2 ** -1 },
  float32: { start: 2 ** -2, least: 2 ** -6, most: 1 },
};
const tolerances = { float64: { rtol: 1e-6, atol: 1e-7 }, float32: { rtol: 1e-2, atol: 1e-3 } };

/** Whether f gives the gradient, in the form of x, and not the value. */
function givesGradient({ op, subject, layout }: Check): boolean {
  const { results } = subject;
  if (results.leaves.length === 1 && results.leaves[0]!.shape.length === 0) return false;
  if (results.size === layout.size) return true;
  const hint = "f is either the function itself, or its gradient";
  throw new ValueError(op, "f must return a number, or as many as x has", `${results.size} for ${layout.size}`, hint);
}

function* hessianTask(op: string, f: UserFunction, hessian: UserFunction, x: unknown, options: CheckOptions): Task<GradientReport> {
  requireFunctions(op, { f, hessian });
  const check = yield* Check.begin(op, f, x, options);
  if (check.isHopeless) return check.report([], []);
  const { layout } = check;
  const n = layout.size;
  const ofGradient = givesGradient(check);
  const form = layoutOf(op, new Float64Array(n * n), "hessian");
  const matrix = yield* check.derivative("hessian", hessian, [], form);
  const again = matrix === null ? null : yield* check.derivative("hessian", hessian, [], form);
  if (matrix === null || again === null) return check.report([], []);
  const unstable = [...matrix.keys()].filter((k) => !Object.is(matrix[k], again[k])).length;
  if (unstable > 0) check.problem(`the hessian is nondeterministic: ${unstable} of ${n * n} entries differ at a second call`);
  checkSymmetric(check, matrix, layout);
  if (ofGradient) return yield* check.conclude(claimOf(matrix, n), slope);
  // biome-ignore lint/correctness/useYield: a matrix that is known never waits
  const product = function* (v: Float64Array): Task<Float64Array> {
    return Float64Array.from({ length: n }, (_, i) => v.reduce((sum, value, j) => sum + value * matrix[i * n + j]!, 0));
  };
  return yield* compare(check, product);
}

function* hvpTask(op: string, f: UserFunction, hvp: UserFunction, x: unknown, options: CheckOptions): Task<GradientReport> {
  requireFunctions(op, { f, hvp });
  const check = yield* Check.begin(op, f, x, options);
  if (check.isHopeless) return check.report([], []);
  const { layout, subject, settings } = check;
  const n = layout.size;
  const ofGradient = givesGradient(check);
  const apply = (v: Float64Array): Task<Float64Array | null> => check.derivative("hvp", hvp, [layout.build(v)], layout);
  const isWhole = n * n <= settings.maxEntries;
  const inputs = isWhole ? columnsOf(n) : [subject.magnitudes, subject.x];
  const outputs = new Float64Array(inputs.length * n);
  for (const [k, input] of inputs.entries()) {
    const output = yield* apply(input);
    if (output === null) return check.report([], []);
    outputs.set(output, k * n);
  }
  yield* checkLinear(check, { name: "hvp", apply, size: n, inputs, outputs });
  if (isWhole) checkSymmetric(check, outputs, layout);
  const product = function* (v: Float64Array): Task<Float64Array> {
    return (yield* apply(v)) ?? new Float64Array(n).fill(Number.NaN);
  };
  if (!ofGradient) return yield* compare(check, product);
  const claim = { matrix: null, unstable: new Set<number>(), along: (direction: Direction) => product(dense(direction, n)) };
  return yield* check.conclude(claim, slope);
}

/** Compares products with a Hessian with second differences of f: entry by entry, as (i, j), or some of them and along random directions. */
function* compare(check: Check, product: (v: Float64Array) => Task<Float64Array>): Task<GradientReport> {
  const { layout, subject, settings } = check;
  const { x, magnitudes } = subject;
  const n = x.length;
  const precision = subject.eps > 2 ** -40 ? "float32" : "float64";
  const rtol = check.given.rtol ?? tolerances[precision].rtol;

  const lines = new Map<string, Line>();
  const lineOf = (i: number, j: number, sign: number): Line => {
    const key = `${i} ${j} ${sign}`;
    const known = lines.get(key);
    if (known !== undefined) return known;
    const direction =
      i === j
        ? { indices: [i], weights: [magnitudes[i]!], id: i + 1 }
        : { indices: [i, j], weights: [magnitudes[i]!, sign * magnitudes[j]!], id: i * n + j + 1 };
    const line = new Line(subject, direction, settings.seed);
    lines.set(key, line);
    return line;
  };
  const bend = function* (line: Line, size: number, variant: number): Task<Estimate | null> {
    const samples = yield* line.at(size, variant);
    return samples === null ? null : curvature(samples, subject.base[0]!, 0, precisionOf(subject, 0));
  };

  const products = new Map<number, Float64Array>();
  const column = function* (j: number): Task<Float64Array> {
    const known = products.get(j);
    if (known !== undefined) return known;
    const made = yield* product(new Float64Array(n).fill(1, j, j + 1));
    products.set(j, made);
    return made;
  };
  let effect = 0; // the largest |H[i, j]| times the magnitudes of both inputs
  let value = 0;
  const entryAt = function* (i: number, j: number): Task<EntryReport> {
    const weight = magnitudes[i]! * magnitudes[j]!;
    const claimed = (yield* column(j))[i]! * weight;
    const measure: Measure = function* (size, variant = 0) {
      if (i === j) return yield* bend(lineOf(i, i, 1), size, variant);
      // 4 uᵀHv = (u + v)ᵀH(u + v) − (u − v)ᵀH(u − v)
      const [low, high] = i < j ? [i, j] : [j, i];
      const sum = yield* bend(lineOf(low, high, 1), size, variant);
      const difference = yield* bend(lineOf(low, high, -1), size, variant);
      if (sum === null || difference === null) return null;
      return {
        ...sum,
        value: (sum.value - difference.value) / 4,
        error: (sum.error + difference.error) / 4,
        floor: (sum.floor + difference.floor) / 4,
        magnitude: Math.max(sum.magnitude, difference.magnitude),
        isFlat: sum.isFlat && difference.isFlat,
      };
    };
    const atol = (settings.atol ?? tolerances[precision].atol * Math.min(effect / weight, value)) * weight;
    const judgement = yield* judge(measure, claimed, (most) => atol + rtol * most, sizes[precision], settings, subject.eps);
    const label = `${labelOf(layout, i)}, ${labelOf(layout, j)}`;
    return entryReport({ label, column: labelOf(layout, j), entry: j, result: i, weight, claimed, judgement, at: x[j]! });
  };

  const pairs = choosePairs(n, settings.maxEntries, settings.sampledEntries, settings.seed);
  for (const [i, j] of pairs) {
    const own = Math.abs((yield* column(j))[i]!);
    if (!Number.isFinite(own)) continue;
    effect = Math.max(effect, own * magnitudes[i]! * magnitudes[j]!);
    value = Math.max(value, own);
  }
  const entries: EntryReport[] = [];
  for (const [i, j] of pairs) entries.push(yield* entryAt(i, j));

  const directions: EntryReport[] = [];
  for (let id = 0; pairs.length < n * n && id < settings.directions; id++) {
    const weights = magnitudes.map((magnitude, i) => (word(settings.seed, purposes.signs, i, id) & 1 ? magnitude : -magnitude));
    const line = new Line(subject, { indices: x.map((_, i) => i), weights, id: n * n + 1 + id }, settings.seed);
    const claimed = (yield* product(weights)).reduce((sum, entry, i) => sum + entry * weights[i]!, 0);
    const measure: Measure = (size, variant = 0) => bend(line, size, variant);
    const atol = settings.atol ?? tolerances[precision].atol * Math.abs(claimed);
    const judgement = yield* judge(measure, claimed, (most) => atol + rtol * most, sizes[precision], settings, subject.eps);
    directions.push(entryReport({ label: `curvature along direction ${id}`, column: "", entry: -1, result: 0, weight: 1, claimed, judgement, at: Number.NaN }));
  }
  return check.report(entries, directions, subject, n * n);
}

/** All pairs if they are few, else the ends of the diagonal and a sample. */
function choosePairs(n: number, most: number, sampled: number, seed: number): [number, number][] {
  if (n * n <= most) return Array.from({ length: n * n }, (_, k) => [Math.floor(k / n), k % n]);
  const chosen = new Set<number>([0, n * n - 1]);
  for (let k = 0; chosen.size < sampled; k++) chosen.add((word(seed, purposes.sample, k) % n) * n + (word(seed, purposes.sample, k, 1) % n));
  return [...chosen].map((k) => [Math.floor(k / n), k % n]);
}

/**
 * Checks the Hessian of a function with one result, and that it is symmetric. Against the function itself, second differences decide,
 * with `rtol` 1e-6 by default; against the gradient, first differences of it, as exact as those of {@link checkJacobian}.
 *
 * @param f - the function, or its gradient: told apart by what it returns, a number or as many as x has.
 * @param hessian - ∂²f/∂xᵢ∂xⱼ in row i and column j, as nested arrays or one flat array, over all entries of x in order.
 * @param x - the point, as for {@link checkGradient}.
 * @param options - {@link CheckOptions}; `maxEntries` counts the entries of the Hessian, or of x if f is the gradient.
 * @returns a report, a promise of it if a function returns promises.
 * @throws {@link ValueError} for arguments that cannot be checked.
 * @example
 * import { checkHessian } from "tinygrad-ts/gradcheck";
 * const f = ([a, b]: number[]) => a! ** 2 * b!;
 * checkHessian(f, ([a, b]) => [[2 * b!, 2 * a!], [2 * a!, 0]], [3, 4]).ok; // → true
 */
export function checkHessian<X>(f: (x: X) => PromiseLike<unknown>, hessian: (x: X) => unknown, x: X, options?: CheckOptions<X>): Promise<GradientReport>;
/** The same for functions that return no promises. */
export function checkHessian<X>(f: (x: X) => unknown, hessian: (x: X) => unknown, x: X, options?: CheckOptions<X>): GradientReport;
export function checkHessian(f: UserFunction, hessian: UserFunction, x: unknown, options: CheckOptions = {}): MaybePromise<GradientReport> {
  return run(hessianTask("checkHessian", f, hessian, x, options));
}

/**
 * As {@link checkHessian}, but throws if the Hessian is wrong.
 *
 * @throws {@link GradientError} with the report, unless it is right.
 * @example
 * import { assertHessian } from "tinygrad-ts/gradcheck";
 * assertHessian((x) => x[0]! * x[1]!, () => [[0, 1], [1, 0]], [2, 3]);
 */
export function assertHessian<X>(f: (x: X) => PromiseLike<unknown>, hessian: (x: X) => unknown, x: X, options?: CheckOptions<X>): Promise<void>;
/** The same for functions that return no promises. */
export function assertHessian<X>(f: (x: X) => unknown, hessian: (x: X) => unknown, x: X, options?: CheckOptions<X>): void;
export function assertHessian(f: UserFunction, hessian: UserFunction, x: unknown, options: CheckOptions = {}): MaybePromise<void> {
  return run(asserted(hessianTask("assertHessian", f, hessian, x, options)));
}

/**
 * Checks a Hessian-vector product; that it is linear and, where all of it is seen, symmetric is checked without differences.
 *
 * @param f - the function, or its gradient, as for {@link checkHessian}.
 * @param hvp - given x and a vector in the form of x, returns H·vector in the form of x.
 * @param x - the point.
 * @param options - {@link CheckOptions}.
 * @returns a report, a promise of it if a function returns promises.
 * @throws {@link ValueError} for arguments that cannot be checked.
 * @example
 * import { checkHvp } from "tinygrad-ts/gradcheck";
 * const f = (x: number[]) => x[0]! ** 2 * x[1]!;
 * checkHvp(f, ([a, b], [u, v]) => [2 * b! * u! + 2 * a! * v!, 2 * a! * u!], [3, 4]).ok; // → true
 */
export function checkHvp<X>(f: (x: X) => PromiseLike<unknown>, hvp: (x: X, v: X) => MaybePromise<Like<X>>, x: X, options?: CheckOptions<X>): Promise<GradientReport>;
/** The same for functions that return no promises. */
export function checkHvp<X>(f: (x: X) => unknown, hvp: (x: X, v: X) => Like<X>, x: X, options?: CheckOptions<X>): GradientReport;
export function checkHvp(f: UserFunction, hvp: UserFunction, x: unknown, options: CheckOptions = {}): MaybePromise<GradientReport> {
  return run(hvpTask("checkHvp", f, hvp, x, options));
}

/**
 * As {@link checkHvp}, but throws if the product is wrong.
 *
 * @throws {@link GradientError} with the report, unless it is right.
 * @example
 * import { assertHvp } from "tinygrad-ts/gradcheck";
 * assertHvp((x: number[]) => x[0]! * x[1]!, (x, v) => [v[1]!, v[0]!], [2, 3]);
 */
export function assertHvp<X>(f: (x: X) => PromiseLike<unknown>, hvp: (x: X, v: X) => MaybePromise<Like<X>>, x: X, options?: CheckOptions<X>): Promise<void>;
/** The same for functions that return no promises. */
export function assertHvp<X>(f: (x: X) => unknown, hvp: (x: X, v: X) => Like<X>, x: X, options?: CheckOptions<X>): void;
export function assertHvp(f: UserFunction, hvp: UserFunction, x: unknown, options: CheckOptions = {}): MaybePromise<void> {
  return run(asserted(hvpTask("assertHvp", f, hvp, x, options)));
}
