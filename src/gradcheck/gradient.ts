import { ValueError } from "../core/errors.ts";
import { refuseMore } from "../core/surplus.ts";
import { Check, requireFunctions, type UserFunction } from "./check.ts";
import { type Claim, claimOf, type Elsewhere } from "./claim.ts";
import { slope } from "./estimate.ts";
import { GradientError } from "./gradientError.ts";
import type { Layout } from "./layout.ts";
import { everywhere } from "./noise.ts";
import type { CheckOptions, Like } from "./options.ts";
import type { GradientReport } from "./report.ts";
import { type MaybePromise, run, type Task } from "./task.ts";

/** What a gradient function may return: the gradient, nothing if it was written into `out`, or the gradient with the value. */
export type GradientResult<X> = Like<X> | ValueWithGradient<X> | void;

/** A gradient, with the value that was computed with it. */
export interface ValueWithGradient<X> {
  /** f(x), which must be what f itself gives. */
  readonly value: number;
  /** The gradient, in the form of x. */
  readonly gradient: Like<X>;
}

/** Checks a gradient; see {@link checkGradient}. */
export function* gradientTask(
  op: string,
  f: UserFunction,
  grad: UserFunction,
  x: unknown,
  options: CheckOptions,
): Task<GradientReport> {
  const [check, claim] = yield* claimedGradient(op, f, grad, x, options);
  return yield* check.conclude(claim, slope);
}

/** Calls a gradient function twice, and takes what it returns for a claim; null if there is nothing to compare. */
export function* claimedGradient(
  op: string,
  f: UserFunction,
  grad: UserFunction,
  x: unknown,
  options: CheckOptions,
): Task<[Check, Claim | null]> {
  requireFunctions(op, { f, grad });
  const check = yield* Check.begin(op, f, x, options);
  const { layout, subject, settings } = check;
  if (subject.results.leaves.length !== 1 || subject.results.leaves[0]!.shape.length > 0) {
    const hint = "for several results use checkJacobian, checkVjp or checkJvp";
    throw new ValueError(op, "f must return a number", `${subject.results.size} results`, hint);
  }
  if (check.isHopeless) return [check, null];

  let value = subject.base[0]!;
  let last: unknown;
  const gradient = function* (left: Float64Array, point?: Float64Array): Task<Float64Array | null> {
    const pick = (returned: unknown): unknown => {
      last = returned;
      const parts = withValue(returned, layout);
      if (parts === null) return returned;
      value = parts.value;
      return parts.gradient;
    };
    return yield* check.derivative("gradient", grad, [], layout, left, pick, point);
  };
  const elsewhere: Elsewhere = (direction, s) =>
    check.elsewhere(direction, s, (point) => gradient(new Float64Array(layout.size), point));

  // Once right after f was called there, and once after f was called elsewhere.
  const isBrief = settings.effort === "fast";
  if (!isBrief) yield* subject.at(subject.x);
  const first = yield* gradient(new Float64Array(layout.size));
  if (first === null) {
    if (isMisnamed(last)) check.hint("a gradient that comes with its value is returned as { value, gradient }");
    return [check, null];
  }
  requireSameValue(check, value, first);
  if (isBrief) return [check, claimOf(first, 1, elsewhere)];
  yield* subject.displaced(everywhere(subject, settings.seed, 1 / 97), 1 / 97);
  const second = yield* gradient(first);
  const unstable = new Set(second === null ? [] : check.differing(first, second));
  if (unstable.size > 0) {
    const doubled = [...unstable].every((i) => Math.abs(second![i]! - 2 * first[i]!) <= 1e-9 * Math.abs(first[i]!));
    check.problem(
      `the gradient is nondeterministic: at a second call with the same x, ${unstable.size} of ${first.length} entries differ`,
      doubled
        ? "the second call gave twice the first: it accumulates into an array that is not zeroed"
        : "does it draw random numbers, or use what the last call of f left behind? Between the two calls f was called at another x",
    );
  }
  return [check, claimOf(first, 1, elsewhere, unstable)];
}

/** Notes it as a problem if the value that came with a gradient is not f's, beyond what rounding makes of the terms that x enters. */
function requireSameValue(check: Check, value: number, gradient: Float64Array): void {
  const { eps, x, base, noise } = check.subject;
  if (value === base[0]) return;
  const terms = gradient.reduce((sum, own, i) => sum + Math.abs(own * x[i]!) || sum, Math.abs(base[0]!));
  const { noise: stated, nondeterminism } = check.settings;
  const slack = Math.max(4096 * eps * terms, 6 * stated, 64 * noise[0]!, nondeterminism * Math.abs(value));
  if (Math.abs(value - base[0]!) <= slack) return;
  check.problem(`the value that comes with the gradient is ${value}, but f(x) is ${base[0]}`);
}

/** Whether something that is no gradient is one under another name, with a value or without. */
function isMisnamed(returned: unknown): boolean {
  return (
    typeof returned === "object" &&
    returned !== null &&
    ["grad", "grads", "gradient", "gradients", "value", "loss"].some((name) => name in returned)
  );
}

/** Value and gradient, if both were returned, and not an x with parts of these names. */
function withValue(returned: unknown, layout: Layout): { value: number; gradient: unknown } | null {
  if (typeof returned !== "object" || returned === null || !("value" in returned) || !("gradient" in returned))
    return null;
  if (layout.leaves.some(({ path }) => /^x\.value(?:[.[]|$)/.test(path))) return null;
  return typeof returned.value === "number" ? { value: returned.value, gradient: returned.gradient } : null;
}

/**
 * Checks the gradient of a function of numbers against the function itself, and says for each entry whether it is right.
 *
 * @param f - the function, of an x in the form of the one given, to a number.
 * @param grad - its gradient, in the same form: returned, or written into its second argument (which is zeroed for the first call, and
 * holds the last gradient at the second), or returned as `{ value, gradient }`.
 * @param x - the point: a number, Float64Array, Float32Array, nested arrays, or objects of these. It is never changed; f and grad
 * get copies.
 * @param options - {@link CheckOptions}.
 * @returns a report, also of a wrong gradient; a promise of it if `f` or `grad` returns promises.
 * @throws {@link ValueError} for arguments that cannot be checked; and whatever `f` or `grad` throw.
 * @example
 * import { checkGradient } from "tinygrad-ts/gradcheck";
 * const report = checkGradient(
 *   ({ w, b }) => Math.tanh(w[0]! * 2 + w[1]! * 3 + b),
 *   ({ w, b }) => {
 *     const slope = 1 - Math.tanh(w[0]! * 2 + w[1]! * 3 + b) ** 2;
 *     return { w: [2 * slope, 3 * slope], b: slope };
 *   },
 *   { w: [0.1, 0.2], b: 0.3 },
 * );
 * report.ok; // → true
 */
export function checkGradient<X>(
  f: (x: X) => number,
  grad: (x: X, out: X) => GradientResult<X>,
  x: X,
  options?: CheckOptions<X>,
): GradientReport;
/** The same for a function that returns a promise. */
export function checkGradient<X>(
  f: (x: X) => PromiseLike<number>,
  grad: (x: X, out: X) => MaybePromise<GradientResult<X>>,
  x: X,
  options?: CheckOptions<X>,
): Promise<GradientReport>;
/** The same for a gradient that returns a promise. */
export function checkGradient<X>(
  f: (x: X) => number,
  grad: (x: X, out: X) => PromiseLike<GradientResult<X>>,
  x: X,
  options?: CheckOptions<X>,
): Promise<GradientReport>;
export function checkGradient(
  f: UserFunction,
  grad: UserFunction,
  x: unknown,
  options: CheckOptions = {},
): MaybePromise<GradientReport> {
  refuseMore("checkGradient", arguments, 4);
  return run(gradientTask("checkGradient", f, grad, x, options));
}

/**
 * As {@link checkGradient}, but throws if the gradient is wrong: for tests.
 *
 * @returns nothing; a promise if `f` or `grad` returns promises.
 * @throws {@link GradientError} with the report, unless the gradient is right.
 * @example
 * import { assertGradient } from "tinygrad-ts/gradcheck";
 * assertGradient((x) => Math.exp(x), (x) => Math.exp(x), 1);
 */
export function assertGradient<X>(
  f: (x: X) => number,
  grad: (x: X, out: X) => GradientResult<X>,
  x: X,
  options?: CheckOptions<X>,
): void;
/** The same for a function that returns a promise. */
export function assertGradient<X>(
  f: (x: X) => PromiseLike<number>,
  grad: (x: X, out: X) => MaybePromise<GradientResult<X>>,
  x: X,
  options?: CheckOptions<X>,
): Promise<void>;
/** The same for a gradient that returns a promise. */
export function assertGradient<X>(
  f: (x: X) => number,
  grad: (x: X, out: X) => PromiseLike<GradientResult<X>>,
  x: X,
  options?: CheckOptions<X>,
): Promise<void>;
export function assertGradient(
  f: UserFunction,
  grad: UserFunction,
  x: unknown,
  options: CheckOptions = {},
): MaybePromise<void> {
  refuseMore("assertGradient", arguments, 4);
  return run(asserted(gradientTask("assertGradient", f, grad, x, options)));
}

/** Throws a report that is not ok. */
export function* asserted(task: Task<GradientReport>): Task<void> {
  throwUnlessOk(yield* task);
}

/** @throws {@link GradientError} with a report that is not ok. */
export function throwUnlessOk(report: GradientReport): void {
  if (!report.ok) throw new GradientError(report);
}
