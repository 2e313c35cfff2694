import { ValueError } from "../core/errors.ts";
import { refuseMore } from "../core/surplus.ts";
import { Check, requireFunctions, type UserFunction } from "./check.ts";
import { layoutOf } from "./layout.ts";
import {
  axis,
  contradict,
  gathered,
  isOnStairs,
  type Measured,
  type NumericalGradient,
  type NumericalOptions,
  names,
  nothing,
} from "./numerical.ts";
import { matrixOf, type NumericalMatrix } from "./numericalJacobian.ts";
import { type CheckOptions, requireOptions } from "./options.ts";
import { search } from "./search.ts";
import { SecondDifferences } from "./secondDifferences.ts";
import { isFloat32, rootMeanSquare, type Subject } from "./subject.ts";
import { type MaybePromise, run, type Task } from "./task.ts";

function* hessianTask(f: UserFunction, x: unknown, options: object): Task<NumericalMatrix> {
  const op = "numericalHessian";
  requireFunctions(op, { f });
  requireOptions(op, options, names);
  const check = yield* Check.begin(op, f, x, options, layoutOf(op, x, "x", (options as CheckOptions).leaves));
  const { subject, isHopeless } = check;
  if (subject.results.size !== 1) {
    const hint = "of a gradient, use numericalJacobian";
    throw new ValueError(op, "f must return a number", `${subject.results.size} results`, hint);
  }
  const [problem] = isHopeless ? [] : check.report([], []).problems;
  if (problem !== undefined) throw new ValueError(op, "f must be a pure function", problem);
  // biome-ignore lint/correctness/useYield: there is no claim to take products with
  const differences = new SecondDifferences(check, function* (v) {
    return v;
  });
  const n = subject.x.length;
  const found: Measured[][] = Array.from({ length: n }, () => []);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const own: Measured = isHopeless
        ? { ...nothing, kind: "non-finite" }
        : yield* measuredAt(check, differences, i, j);
      found[i]![j] = own;
      found[j]![i] = own;
    }
  }
  return matrixOf(found.map((row): NumericalGradient<number[]> => gathered(row, (flat) => Array.from(flat))));
}

/** One entry of the Hessian. */
function* measuredAt(
  { subject, settings }: Check,
  differences: SecondDifferences,
  i: number,
  j: number,
): Task<Measured> {
  const [own, other] = [subject.magnitudes[i]!, subject.magnitudes[j]!];
  const narrow = yield* searched(subject, differences, i, j, own, other);
  if (narrow === null) return { ...nothing, kind: "outside" };
  // Beside inputs that are small, something that f rounds inside may be far larger than f: then wider steps count, as for the gradient.
  const typical = Math.max(1, rootMeanSquare(subject.x));
  if (small * Math.min(own, other) > typical) return narrow;
  let wide: Measured | null;
  try {
    wide = yield* searched(subject, differences, i, j, Math.max(own, typical), Math.max(other, typical));
  } catch {
    return narrow; // so far from x, f may refuse its input
  }
  if (wide === null || !(wide.error < narrow.error || contradict(wide, narrow))) return narrow;
  if (!contradict(wide, narrow)) return wide;
  if (!(wide.error <= Math.abs(wide.value - narrow.value) / 1024)) return narrow;
  const range = { from: 2 ** -40, to: typical / 16, slope: 0 };
  for (const k of i === j ? [i] : [i, j]) {
    const to = range.to / subject.magnitudes[k]!;
    if (yield* isOnStairs(subject, axis(subject, k, settings.seed), 0, { ...range, to }, () => 0)) return wide;
  }
  return narrow;
}

/** Inputs that are so many times smaller than they might be are small. */
const small = 2 ** 4;

/** The best estimate of an entry, with steps in units of these; null where there is none. */
function* searched(
  subject: Subject,
  differences: SecondDifferences,
  i: number,
  j: number,
  own: number,
  other: number,
): Task<Measured | null> {
  const wanted = isFloat32(subject) ? 1e-2 : 1e-7;
  // biome-ignore lint/correctness/useYield: needs no further samples to decide
  const decide = function* (e: { value: number; error: number }): Task<boolean> {
    return e.error <= wanted * Math.abs(e.value);
  };
  const measure = differences.mixed(i, j, own, other);
  const { estimate } = yield* search(measure, differences.sizes, decide, (e) => (wanted * Math.abs(e.value)) / 2);
  const weight = own * other;
  if (estimate === null || weight === 0 || !Number.isFinite(estimate.value)) return null;
  const { value, error, size, magnitude } = estimate;
  const isNoisy = error > Math.max(0.01 * Math.abs(value), 2 ** 20 * subject.eps * magnitude);
  return { value: value / weight, error: error / weight, step: size * own, kind: isNoisy ? "noisy" : "smooth" };
}

/**
 * The Hessian of a function with one result by second differences of its values, with error bars: six digits or so, where first differences
 * of a gradient ({@link numericalJacobian} of it) have ten. Beside inputs that are small beside 1 or the others, wider steps are taken as well: they count where something inside f rounds, as `1 − cos x` does near 0.
 *
 * @param f - the function, to a number.
 * @param x - the point, as for {@link numericalGradient}.
 * @param options - {@link NumericalOptions}.
 * @returns value, error bar, step (of the row's entry) and kind of each ∂²f/∂xᵢ∂xⱼ in row i and column j, which is symmetric; a promise of it
 * if f returns promises. At an edge of the domain, there are none: `"outside"`. A point without numbers has an empty matrix.
 * @throws {@link ValueError} for arguments that cannot be used, and for an f that changes its input or gives two values at one x.
 * @example
 * import { numericalHessian } from "tinygrad-ts/gradcheck";
 * const { value } = numericalHessian(([a, b]) => a! ** 2 * b!, [3, 4]);
 * value.map((row) => row.map((entry) => Math.round(entry * 1e6) / 1e6)); // → [[8, 6], [6, 0]]
 */
export function numericalHessian<X>(
  f: (x: X, out: never) => PromiseLike<number>,
  x: X,
  options?: NumericalOptions<X>,
): Promise<NumericalMatrix>;
/** The same for a function that returns no promise. */
export function numericalHessian<X>(
  f: (x: X, out: never) => number,
  x: X,
  options?: NumericalOptions<X>,
): NumericalMatrix;
export function numericalHessian(
  f: (x: never, out: never) => unknown,
  x: unknown,
  options: object = {},
): MaybePromise<NumericalMatrix> {
  refuseMore("numericalHessian", arguments, 3);
  return run(hessianTask(f as UserFunction, x, options));
}
