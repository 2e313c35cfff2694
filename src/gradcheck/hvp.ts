import { refuseMore } from "../core/surplus.ts";
import { Check, requireFunctions, type UserFunction } from "./check.ts";
import { claimOfProducts } from "./claim.ts";
import { dense } from "./direction.ts";
import { slope } from "./estimate.ts";
import { asserted } from "./gradient.ts";
import { givesGradient } from "./hessian.ts";
import { checkLinear, checkSymmetric, columnsOf } from "./linear.ts";
import type { CheckOptions, Like } from "./options.ts";
import type { GradientReport } from "./report.ts";
import { RoundingOf } from "./rounding.ts";
import { compareWithValues } from "./secondDifferences.ts";
import { type MaybePromise, run, type Task } from "./task.ts";

export function* hvpTask(
  op: string,
  f: UserFunction,
  hvp: UserFunction,
  x: unknown,
  options: CheckOptions,
): Task<GradientReport> {
  requireFunctions(op, { f, hvp });
  const check = yield* Check.begin(op, f, x, options);
  if (check.isHopeless) return check.report([], []);
  const { layout, subject, settings } = check;
  const n = layout.size;
  const ofGradient = givesGradient(check);
  const apply = (v: Float64Array, left = new Float64Array(n), point?: Float64Array): Task<Float64Array | null> =>
    check.derivative("hvp", hvp, [layout.build(v)], layout, left, undefined, point);
  const isWhole = n * n <= settings.maxEntries;
  const isFast = settings.effort === "fast";
  const inputs = isFast ? [] : isWhole ? columnsOf(n) : [subject.magnitudes, subject.x];
  const outputs = new Float64Array(inputs.length * n);
  for (const [k, input] of inputs.entries()) {
    const output = yield* apply(input);
    if (output === null) return check.report([], []);
    outputs.set(output, k * n);
  }
  const rounding = new RoundingOf(subject);
  const roundingOf = (v: Float64Array) => (ofGradient ? rounding.jvp(v) : rounding.hvp(v));
  yield* checkLinear(check, { name: "hvp", apply, size: n, inputs, outputs, roundingOf });
  if (isWhole && !isFast) checkSymmetric(check, outputs, layout, ofGradient);
  const product = function* (v: Float64Array): Task<Float64Array> {
    return (yield* apply(v)) ?? new Float64Array(n).fill(Number.NaN);
  };
  if (!ofGradient) return yield* compareWithValues(check, product);
  const claim = claimOfProducts(
    (direction) => product(dense(direction, n)),
    (direction, s) => check.elsewhere(direction, s, (point) => apply(dense(direction, n), undefined, point)),
  );
  return yield* check.conclude(claim, slope);
}

/**
 * Checks a Hessian-vector product; without differences, also checks that it is linear and, if it sees all entries, symmetric.
 *
 * @param f - the function, or its gradient, as for {@link checkHessian}.
 * @param hvp - given x and a vector in the form of x, returns H·vector in the form of x, or writes it into its third argument.
 * @param x - the point.
 * @param options - {@link CheckOptions}.
 * @returns a report, a promise of it if a function returns promises.
 * @throws {@link ValueError} for arguments that cannot be checked.
 * @example
 * import { checkHvp } from "tinygrad-ts/gradcheck";
 * const f = (x: number[]) => x[0]! ** 2 * x[1]!;
 * checkHvp(f, ([a, b], [u, v]) => [2 * b! * u! + 2 * a! * v!, 2 * a! * u!], [3, 4]).ok; // → true
 */
export function checkHvp<X>(
  f: (x: X, out: never) => PromiseLike<unknown>,
  hvp: (x: X, v: X, out: X) => MaybePromise<Like<X> | void>,
  x: X,
  options?: CheckOptions<X>,
): Promise<GradientReport>;
/** The same for functions that return no promises. */
export function checkHvp<X>(
  f: (x: X, out: never) => unknown,
  hvp: (x: X, v: X, out: X) => Like<X> | void,
  x: X,
  options?: CheckOptions<X>,
): GradientReport;
export function checkHvp(
  f: (x: never, out: never) => unknown,
  hvp: UserFunction,
  x: unknown,
  options: CheckOptions = {},
): MaybePromise<GradientReport> {
  refuseMore("checkHvp", arguments, 4);
  return run(hvpTask("checkHvp", f as UserFunction, hvp, x, options));
}

/**
 * As {@link checkHvp}, but throws if the product is wrong.
 *
 * @throws {@link GradientError} with the report, unless it is right.
 * @example
 * import { assertHvp } from "tinygrad-ts/gradcheck";
 * assertHvp((x: number[]) => x[0]! * x[1]!, (x, v) => [v[1]!, v[0]!], [2, 3]);
 */
export function assertHvp<X>(
  f: (x: X, out: never) => PromiseLike<unknown>,
  hvp: (x: X, v: X, out: X) => MaybePromise<Like<X> | void>,
  x: X,
  options?: CheckOptions<X>,
): Promise<void>;
/** The same for functions that return no promises. */
export function assertHvp<X>(
  f: (x: X, out: never) => unknown,
  hvp: (x: X, v: X, out: X) => Like<X> | void,
  x: X,
  options?: CheckOptions<X>,
): void;
export function assertHvp(
  f: (x: never, out: never) => unknown,
  hvp: UserFunction,
  x: unknown,
  options: CheckOptions = {},
): MaybePromise<void> {
  refuseMore("assertHvp", arguments, 4);
  return run(asserted(hvpTask("assertHvp", f as UserFunction, hvp, x, options)));
}
