import { allocate } from "../core/dtype.ts";
import { ValueError } from "../core/errors.ts";
import { refuseMore } from "../core/surplus.ts";
import { Check, requireEntries, requireFunctions, type UserFunction } from "./check.ts";
import { claimOf, type Elsewhere } from "./claim.ts";
import { slope } from "./estimate.ts";
import { asserted } from "./gradient.ts";
import { layoutOf } from "./layout.ts";
import { checkSymmetric } from "./linear.ts";
import { type CheckOptions, requireOptions } from "./options.ts";
import type { GradientReport } from "./report.ts";
import { compareWithValues } from "./secondDifferences.ts";
import { type MaybePromise, run, type Task } from "./task.ts";

/** Whether f gives the gradient, in the form of x, and not the value. */
export function givesGradient(check: Check): boolean {
  const { op, subject, layout } = check;
  const { results } = subject;
  if (results.leaves.length === 1 && results.leaves[0]!.shape.length === 0) {
    if (layout.size === 1) check.suspect("f returns a number, so it is taken for the function: if it is the gradient, have it take and return [x]"); // biome-ignore format: one line
    return false;
  }
  if (results.size === layout.size) return true;
  const hint = "f is either the function itself, or its gradient";
  throw new ValueError(op, "f must return a number, or as many as x has", `${results.size} for ${layout.size}`, hint);
}

export function* hessianTask(
  op: string,
  f: UserFunction,
  hessian: UserFunction,
  x: unknown,
  options: CheckOptions,
): Task<GradientReport> {
  requireFunctions(op, { f, hessian });
  requireOptions(op, options);
  const layout = layoutOf(op, x, "x", options.leaves);
  requireEntries(op, layout, x);
  const n = layout.size;
  const form = layoutOf(op, allocate("float64", n * n, op), "hessian"); // before f is called: it may not fit into memory
  const check = yield* Check.begin(op, f, x, options, layout);
  if (check.isHopeless) return check.report([], []);
  const ofGradient = givesGradient(check);
  const read = (point?: Float64Array): Task<Float64Array | null> =>
    check.derivative("hessian", hessian, [], form, null, undefined, point);
  const matrix = yield* read();
  const again = matrix === null ? null : yield* read();
  if (matrix === null || again === null) return check.report([], []);
  const unstable = check.differing(matrix, again).length;
  if (unstable > 0)
    check.problem(`the hessian is nondeterministic: ${unstable} of ${n * n} entries differ at a second call`);
  checkSymmetric(check, matrix, layout, ofGradient);
  if (ofGradient) {
    const row: Elsewhere = function* (direction, s, i) {
      const own = yield* check.elsewhere(direction, s, read);
      return own === null ? null : own.subarray(i * n, (i + 1) * n);
    };
    return yield* check.conclude(claimOf(matrix, n, row), slope);
  }
  const product = function* (v: Float64Array): Task<Float64Array> {
    return Float64Array.from({ length: n }, (_, i) => v.reduce((sum, value, j) => sum + value * matrix[i * n + j]!, 0));
  };
  return yield* compareWithValues(check, product);
}

/**
 * Checks the Hessian of a function with one result, and that it is symmetric. Against the function itself, second differences decide,
 * with `rtol` 1e-6 by default; against the gradient, first differences of it, as exact as those of {@link checkJacobian}.
 *
 * @param f - the function, or its gradient: told apart by what it returns, a number or as many as x has. Of a number x, it is the function: for its gradient, write `[x]`.
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
export function checkHessian<X>(
  f: (x: X, out: never) => PromiseLike<unknown>,
  hessian: (x: X) => unknown,
  x: X,
  options?: CheckOptions<X>,
): Promise<GradientReport>;
/** The same for functions that return no promises. */
export function checkHessian<X>(
  f: (x: X, out: never) => unknown,
  hessian: (x: X) => unknown,
  x: X,
  options?: CheckOptions<X>,
): GradientReport;
export function checkHessian(
  f: (x: never, out: never) => unknown,
  hessian: UserFunction,
  x: unknown,
  options: CheckOptions = {},
): MaybePromise<GradientReport> {
  refuseMore("checkHessian", arguments, 4);
  return run(hessianTask("checkHessian", f as UserFunction, hessian, x, options));
}

/**
 * As {@link checkHessian}, but throws if the Hessian is wrong.
 *
 * @throws {@link GradientError} with the report, unless it is right.
 * @example
 * import { assertHessian } from "tinygrad-ts/gradcheck";
 * assertHessian((x) => x[0]! * x[1]!, () => [[0, 1], [1, 0]], [2, 3]);
 */
export function assertHessian<X>(
  f: (x: X, out: never) => PromiseLike<unknown>,
  hessian: (x: X) => unknown,
  x: X,
  options?: CheckOptions<X>,
): Promise<void>;
/** The same for functions that return no promises. */
export function assertHessian<X>(
  f: (x: X, out: never) => unknown,
  hessian: (x: X) => unknown,
  x: X,
  options?: CheckOptions<X>,
): void;
export function assertHessian(
  f: (x: never, out: never) => unknown,
  hessian: UserFunction,
  x: unknown,
  options: CheckOptions = {},
): MaybePromise<void> {
  refuseMore("assertHessian", arguments, 4);
  return run(asserted(hessianTask("assertHessian", f as UserFunction, hessian, x, options)));
}
