import { textOf, ValueError } from "../core/errors.ts";
import type { UserFunction } from "./check.ts";
import { type GradientResult, gradientTask } from "./gradient.ts";
import { hessianTask } from "./hessian.ts";
import { hvpTask } from "./hvp.ts";
import { jacobianTask } from "./jacobian.ts";
import { type JvpOptions, jvpTask } from "./jvp.ts";
import type { CheckOptions, Like } from "./options.ts";
import type { GradientReport } from "./report.ts";
import { type MaybePromise, run, type Task } from "./task.ts";
import { type VjpOptions, vjpTask } from "./vjp.ts";

/** What a function is given, by its type. */
export type PointOf<F> = F extends (x: infer X, ...more: never) => unknown ? X : never;

/** What a function gives, or promises, or writes into its second argument, by its type. */
export type ResultOf<F> = F extends (...all: never) => infer Y
  ? [Awaited<Y>] extends [void]
    ? F extends (x: never, out: infer O) => unknown
      ? O
      : never
    : Awaited<Y>
  : never;

/** Where to check, with the options of the check. */
export type At<X, O = CheckOptions<X>> = O & {
  /** The point: a number, Float64Array, Float32Array, nested arrays, or objects of these. */
  readonly at: X;
};

/** What an assertion returns: a promise if one of the functions returns a promise, else `R`. */
export type AssertionOf<R, F, G> = [
  Extract<ReturnType<Extract<F | G, (...all: never) => unknown>>, PromiseLike<unknown>>,
] extends [never]
  ? R
  : Promise<void>;

/** The types of {@link gradientMatchers} as methods of what `expect(f)` returns; `R` is what matchers return, `F` the type of f. */
export interface GradientMatchers<R, F> {
  /**
   * That `grad` is the gradient of the function at a point; see {@link checkGradient}.
   *
   * @typeParam G - the type of the derivative.
   */
  toHaveGradient<G extends (x: PointOf<F>, out: PointOf<F>) => MaybePromise<GradientResult<PointOf<F>>>>(
    grad: G,
    options: At<PointOf<F>>,
  ): AssertionOf<R, F, G>;
  /**
   * That `jacobian` is the Jacobian of the function at a point; see {@link checkJacobian}.
   *
   * @typeParam G - the type of the derivative.
   */
  toHaveJacobian<G extends (x: PointOf<F>) => unknown>(jacobian: G, options: At<PointOf<F>>): AssertionOf<R, F, G>;
  /**
   * That `vjp` is the vector-Jacobian product of the function at a point; see {@link checkVjp}.
   *
   * @typeParam G - the type of the derivative.
   */
  toHaveVjp<
    G extends (x: PointOf<F>, cotangent: ResultOf<F>, out: PointOf<F>) => MaybePromise<Like<PointOf<F>> | void>,
  >(vjp: G, options: At<PointOf<F>, VjpOptions<PointOf<F>, ResultOf<F>>>): AssertionOf<R, F, G>;
  /**
   * That `jvp` is the Jacobian-vector product of the function at a point; see {@link checkJvp}.
   *
   * @typeParam G - the type of the derivative.
   */
  toHaveJvp<G extends (x: PointOf<F>, tangent: PointOf<F>, out: ResultOf<F>) => MaybePromise<Like<ResultOf<F>> | void>>(
    jvp: G,
    options: At<PointOf<F>, JvpOptions<PointOf<F>, ResultOf<F>>>,
  ): AssertionOf<R, F, G>;
  /**
   * That `hessian` is the Hessian of the function at a point; see {@link checkHessian}.
   *
   * @typeParam G - the type of the derivative.
   */
  toHaveHessian<G extends (x: PointOf<F>) => unknown>(hessian: G, options: At<PointOf<F>>): AssertionOf<R, F, G>;
  /**
   * That `hvp` is the Hessian-vector product of the function at a point; see {@link checkHvp}.
   *
   * @typeParam G - the type of the derivative.
   */
  toHaveHvp<G extends (x: PointOf<F>, v: PointOf<F>, out: PointOf<F>) => MaybePromise<Like<PointOf<F>> | void>>(
    hvp: G,
    options: At<PointOf<F>>,
  ): AssertionOf<R, F, G>;
}

/** What a matcher tells its framework. */
export interface MatcherResult {
  /** Whether it matched; read the other way round after `.not`. */
  readonly pass: boolean;
  /** The report, as text. */
  readonly message: () => string;
}

/** A matcher as frameworks call it. */
export type Matcher = (
  this: unknown,
  f: unknown,
  derivative: unknown,
  options: unknown,
) => MatcherResult | Promise<MatcherResult>;

type CheckTask = (
  op: string,
  f: UserFunction,
  derivative: UserFunction,
  x: unknown,
  options: CheckOptions,
) => Task<GradientReport>;

/** A matcher that makes a check in its own name, which errors begin with and replays are written in. */
function matcherOf(name: keyof GradientMatchers<void, unknown>, check: CheckTask): Matcher {
  return function (f, derivative, options) {
    if (!hasPlace(options)) {
      throw new ValueError(name, "options must say where", textOf(options), `expect(f).${name}(…, { at: x })`);
    }
    const { at, ...others } = options;
    const isNot = (this as { isNot?: unknown } | undefined)?.isNot === true;
    const report = run(check(name, f as UserFunction, derivative as UserFunction, at, others));
    return report instanceof Promise ? report.then((found) => resultOf(found, isNot)) : resultOf(report, isNot);
  };
}

/** Whether options say where: an array's method `at` does not. */
function hasPlace(options: unknown): options is { readonly at: unknown } {
  return Object.prototype.toString.call(options) === "[object Object]" && "at" in (options as object);
}

/** After `.not`, a derivative that cannot be decided does not match either: only what is shown to be wrong passes. */
function resultOf(report: GradientReport, isNot: boolean): MatcherResult {
  if (!isNot) return { pass: report.ok, message: () => String(report) };
  const { counts, directions, problems } = report;
  const isWrong =
    counts.mismatch + counts["non-finite"] > 0 ||
    directions.some(({ verdict }) => verdict === "mismatch") ||
    problems.some((text) => !text.startsWith("f ") && !text.startsWith("f(x)")); // those are not the derivative's
  return {
    pass: !isWrong,
    message: () => `expected the derivative to be wrong, but it was not shown to be:\n${report}`,
  };
}

/**
 * Matchers for any `expect` that can be extended as Jest's: `expect(f).toHaveGradient(grad, { at: x })`, and likewise `toHaveJacobian`,
 * `toHaveVjp`, `toHaveJvp`, `toHaveHessian` and `toHaveHvp`. A failure's message is the report. Functions that return promises make the
 * matcher return one: await it. After `.not`, only a derivative that is clearly wrong passes, not an undecided one.
 *
 * `import "tinygrad-ts/vitest"` and `"tinygrad-ts/jest"` register them, with their types; by hand it is
 * `expect.extend(gradientMatchers)`.
 *
 * @throws {@link ValueError}, from each, without `at`, and for what cannot be checked.
 * @example
 * import { gradientMatchers } from "tinygrad-ts/gradcheck";
 * const { pass, message } = await gradientMatchers.toHaveGradient(Math.sin, Math.sin, { at: 1 });
 * pass; // → false
 * message().includes("x: mismatch, where the input is 1"); // → true
 */
export const gradientMatchers: Readonly<Record<keyof GradientMatchers<void, unknown>, Matcher>> = {
  toHaveGradient: /* @__PURE__ */ matcherOf("toHaveGradient", gradientTask),
  toHaveJacobian: /* @__PURE__ */ matcherOf("toHaveJacobian", jacobianTask),
  toHaveVjp: /* @__PURE__ */ matcherOf("toHaveVjp", vjpTask),
  toHaveJvp: /* @__PURE__ */ matcherOf("toHaveJvp", jvpTask),
  toHaveHessian: /* @__PURE__ */ matcherOf("toHaveHessian", hessianTask),
  toHaveHvp: /* @__PURE__ */ matcherOf("toHaveHvp", hvpTask),
};
