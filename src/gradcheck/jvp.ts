import { allocate } from "../core/dtype.ts";
import { refuseMore } from "../core/surplus.ts";
import { Check, requireFunctions, type UserFunction } from "./check.ts";
import { besideBy, type Claim, claimOf, claimOfProducts, type Elsewhere } from "./claim.ts";
import { dense } from "./direction.ts";
import { slope } from "./estimate.ts";
import { asserted } from "./gradient.ts";
import { checkAdjoint, checkLinear, columnsOf } from "./linear.ts";
import { type CheckOptions, type Like, optionNames, requireOptions } from "./options.ts";
import type { GradientReport } from "./report.ts";
import { RoundingOf } from "./rounding.ts";
import { type MaybePromise, run, type Task } from "./task.ts";

/** Options of {@link checkJvp}. */
export interface JvpOptions<X = unknown, Y = unknown> extends CheckOptions<X> {
  /** See {@link CheckOptions}. */
  readonly out?: Y;
  /** The vjp of the same function: then ⟨J v, u⟩ = ⟨v, Jᵀ u⟩ is checked too, which needs no differences. */
  readonly vjp?: (x: X, cotangent: Y, out: X) => MaybePromise<Like<X> | void>;
}

export function* jvpTask(
  op: string,
  f: UserFunction,
  jvp: UserFunction,
  x: unknown,
  given: CheckOptions & { readonly vjp?: UserFunction },
): Task<GradientReport> {
  requireOptions(op, given, [...optionNames, "vjp"]);
  const { vjp, ...options } = given;
  requireFunctions(op, vjp === undefined ? { f, jvp } : { f, jvp, vjp });
  const check = yield* Check.begin(op, f, x, options);
  if (check.isHopeless) return check.report([], []);
  const { layout, subject, settings } = check;
  const { results } = subject;
  const m = results.size;
  const n = layout.size;
  const push = (v: Float64Array, left = new Float64Array(m), point?: Float64Array): Task<Float64Array | null> =>
    check.derivative("jvp", jvp, [layout.build(v)], results, left, undefined, point);
  const elsewhere: Elsewhere = (direction, s) =>
    check.elsewhere(direction, s, (point) => push(dense(direction, n), undefined, point));

  const roundings = new RoundingOf(subject);
  const roundingOf = (v: Float64Array) => roundings.jvp(v);
  let claim: Claim;
  if (n <= settings.maxEntries) {
    const inputs = columnsOf(n);
    const outputs = allocate("float64", n * m, op) as Float64Array;
    const matrix = allocate("float64", n * m, op) as Float64Array;
    for (let i = 0; i < n; i++) {
      const column = yield* push(inputs[i]!);
      if (column === null) return check.report([], []);
      outputs.set(column, i * m);
      for (let j = 0; j < m; j++) matrix[j * n + i] = column[j]!;
    }
    yield* checkLinear(check, { name: "jvp", apply: push, size: n, inputs, outputs, roundingOf });
    claim = { ...claimOf(matrix, m), beside: besideBy(elsewhere) };
  } else {
    const inputs = settings.effort === "fast" ? [] : [subject.magnitudes, subject.x];
    const outputs = new Float64Array(inputs.length * m);
    for (const [k, input] of inputs.entries()) {
      const output = yield* push(input);
      if (output === null) return check.report([], []);
      outputs.set(output, k * m);
    }
    yield* checkLinear(check, { name: "jvp", apply: push, size: n, inputs, outputs, roundingOf });
    claim = claimOfProducts(function* (direction) {
      return (yield* push(dense(direction, n))) ?? new Float64Array(m).fill(Number.NaN);
    }, elsewhere);
  }
  if (vjp !== undefined) {
    const pull = (u: Float64Array): Task<Float64Array | null> =>
      check.derivative("vjp", vjp, [results.build(u)], layout, new Float64Array(n));
    yield* checkAdjoint(check, push, pull);
  }
  return yield* check.conclude(claim, slope);
}

/**
 * Checks a Jacobian-vector product, the forward mode of a function with any number of results: every column of the Jacobian, or, for an x
 * with more than `maxEntries` entries, some of them and random directions. Without differences, also checks that the jvp is linear in the tangent and 0
 * at 0.
 *
 * @param f - the function, to numbers in any form.
 * @param jvp - given x and a tangent in the form of x, returns J·tangent in the form of f(x), or writes it into its third argument.
 * @param x - the point, as for {@link checkGradient}.
 * @param options - {@link JvpOptions}.
 * @returns a report, a promise of it if a function returns promises.
 * @throws {@link ValueError} for arguments that cannot be checked.
 * @example
 * import { checkJvp } from "tinygrad-ts/gradcheck";
 * const square = (x: number[]) => x.map((v) => v * v);
 * checkJvp(square, (x, v) => x.map((value, i) => 2 * value * v[i]!), [1, -2, 3]).ok; // → true
 */
export function checkJvp<X, Y>(
  f: (x: X, out: never) => PromiseLike<Y | void>,
  jvp: (x: X, tangent: X, out: Y) => MaybePromise<Like<Y> | void>,
  x: X,
  options?: JvpOptions<X, Y>,
): Promise<GradientReport>;
/** The same for functions that return no promises. */
export function checkJvp<X, Y>(
  f: (x: X, out: never) => Y | void,
  jvp: (x: X, tangent: X, out: Y) => Like<Y> | void,
  x: X,
  options?: JvpOptions<X, Y>,
): GradientReport;
export function checkJvp(
  f: (x: never, out: never) => unknown,
  jvp: UserFunction,
  x: unknown,
  options: object = {},
): MaybePromise<GradientReport> {
  refuseMore("checkJvp", arguments, 4);
  return run(jvpTask("checkJvp", f as UserFunction, jvp, x, options));
}

/**
 * As {@link checkJvp}, but throws if the jvp is wrong.
 *
 * @throws {@link GradientError} with the report, unless it is right.
 * @example
 * import { assertJvp } from "tinygrad-ts/gradcheck";
 * assertJvp((x: number[]) => x.map(Math.sin), (x, v) => x.map((value, i) => Math.cos(value) * v[i]!), [1, 2]);
 */
export function assertJvp<X, Y>(
  f: (x: X, out: never) => PromiseLike<Y | void>,
  jvp: (x: X, tangent: X, out: Y) => MaybePromise<Like<Y> | void>,
  x: X,
  options?: JvpOptions<X, Y>,
): Promise<void>;
/** The same for functions that return no promises. */
export function assertJvp<X, Y>(
  f: (x: X, out: never) => Y | void,
  jvp: (x: X, tangent: X, out: Y) => Like<Y> | void,
  x: X,
  options?: JvpOptions<X, Y>,
): void;
export function assertJvp(
  f: (x: never, out: never) => unknown,
  jvp: UserFunction,
  x: unknown,
  options: object = {},
): MaybePromise<void> {
  refuseMore("assertJvp", arguments, 4);
  return run(asserted(jvpTask("assertJvp", f as UserFunction, jvp, x, options)));
}
