import { allocate } from "../core/dtype.ts";
import { refuseMore } from "../core/surplus.ts";
import { Check, requireFunctions, type UserFunction } from "./check.ts";
import { claimOf, type Elsewhere } from "./claim.ts";
import { slope } from "./estimate.ts";
import { asserted } from "./gradient.ts";
import { layoutOf } from "./layout.ts";
import type { CheckOptions } from "./options.ts";
import type { GradientReport } from "./report.ts";
import { type MaybePromise, run, type Task } from "./task.ts";

export function* jacobianTask(
  op: string,
  f: UserFunction,
  jacobian: UserFunction,
  x: unknown,
  options: CheckOptions,
): Task<GradientReport> {
  requireFunctions(op, { f, jacobian });
  const check = yield* Check.begin(op, f, x, options);
  const { layout, subject } = check;
  const m = subject.results.size;
  const n = layout.size;
  allocate("float64", m * n, op); // refuses what no memory holds, before a form is made of it
  const form = layoutOf(op, layout.repeated(m), "jacobian");
  const read = function* (point?: Float64Array): Task<Float64Array | null> {
    const flat = yield* check.derivative("jacobian", jacobian, [], form, null, undefined, point);
    if (flat === null) return null;
    const matrix = new Float64Array(m * n);
    for (const { offset, size } of layout.leaves) {
      for (let j = 0; j < m; j++) {
        matrix.set(flat.subarray(offset * m + j * size, offset * m + (j + 1) * size), j * n + offset);
      }
    }
    return matrix;
  };
  const first = yield* read();
  const second = first === null ? null : yield* read();
  if (first === null || second === null) return check.report([], []);
  const unstable = new Set(check.differing(first, second));
  if (unstable.size > 0)
    check.problem(`the jacobian is nondeterministic: ${unstable.size} of ${m * n} entries differ at a second call`);
  const row: Elsewhere = function* (direction, s, j) {
    const matrix = yield* check.elsewhere(direction, s, read);
    return matrix === null ? null : matrix.subarray(j * n, (j + 1) * n);
  };
  return yield* check.conclude(claimOf(first, m, row, unstable), slope);
}

/**
 * Checks the Jacobian of a function with several results.
 *
 * @param f - the function, to numbers in any form: nested arrays, typed arrays, plain objects.
 * @param jacobian - ∂resultⱼ/∂xᵢ in row j and column i, as nested arrays or one flat array row by row; for an x with named parts, an
 * object with one such matrix for each.
 * @param x - the point, as for {@link checkGradient}.
 * @param options - {@link CheckOptions}; `maxEntries` counts the entries of x.
 * @returns a report, a promise of it if a function returns promises. Its labels read `f[0] by x[2]`.
 * @throws {@link ValueError} for arguments that cannot be checked.
 * @example
 * import { checkJacobian } from "tinygrad-ts/gradcheck";
 * checkJacobian(([r, a]) => [r! * Math.cos(a!), r! * Math.sin(a!)], ([r, a]) => [
 *   [Math.cos(a!), -r! * Math.sin(a!)],
 *   [Math.sin(a!), r! * Math.cos(a!)],
 * ], [2, 0.5]).ok; // → true
 */
export function checkJacobian<X>(
  f: (x: X, out: never) => PromiseLike<unknown>,
  jacobian: (x: X) => unknown,
  x: X,
  options?: CheckOptions<X>,
): Promise<GradientReport>;
/** The same for functions that return no promises. */
export function checkJacobian<X>(
  f: (x: X, out: never) => unknown,
  jacobian: (x: X) => unknown,
  x: X,
  options?: CheckOptions<X>,
): GradientReport;
export function checkJacobian(
  f: (x: never, out: never) => unknown,
  jacobian: UserFunction,
  x: unknown,
  options: CheckOptions = {},
): MaybePromise<GradientReport> {
  refuseMore("checkJacobian", arguments, 4);
  return run(jacobianTask("checkJacobian", f as UserFunction, jacobian, x, options));
}

/**
 * As {@link checkJacobian}, but throws if the Jacobian is wrong.
 *
 * @throws {@link GradientError} with the report, unless it is right.
 * @example
 * import { assertJacobian } from "tinygrad-ts/gradcheck";
 * assertJacobian((x) => [x[0]! * x[1]!], (x) => [[x[1]!, x[0]!]], [2, 3]);
 */
export function assertJacobian<X>(
  f: (x: X, out: never) => PromiseLike<unknown>,
  jacobian: (x: X) => unknown,
  x: X,
  options?: CheckOptions<X>,
): Promise<void>;
/** The same for functions that return no promises. */
export function assertJacobian<X>(
  f: (x: X, out: never) => unknown,
  jacobian: (x: X) => unknown,
  x: X,
  options?: CheckOptions<X>,
): void;
export function assertJacobian(
  f: (x: never, out: never) => unknown,
  jacobian: UserFunction,
  x: unknown,
  options: CheckOptions = {},
): MaybePromise<void> {
  refuseMore("assertJacobian", arguments, 4);
  return run(asserted(jacobianTask("assertJacobian", f as UserFunction, jacobian, x, options)));
}
