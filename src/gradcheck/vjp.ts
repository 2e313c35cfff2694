import { refuseMore } from "../core/surplus.ts";
import { Check, requireFunctions, type UserFunction } from "./check.ts";
import { claimOf } from "./claim.ts";
import { purposes, symmetric } from "./draw.ts";
import { slope } from "./estimate.ts";
import { asserted } from "./gradient.ts";
import { flatLayout, type Layout } from "./layout.ts";
import { type Claims, checkAdjoint, checkLinear, columnsOf } from "./linear.ts";
import { type CheckOptions, type Like, optionNames, requireOptions } from "./options.ts";
import type { GradientReport } from "./report.ts";
import { RoundingOf } from "./rounding.ts";
import { magnitudesOf, type Subject } from "./subject.ts";
import { type MaybePromise, run, type Task } from "./task.ts";

/** Up to so many results, each gets a cotangent of its own; above, there are random ones. */
const mostRows = 32;
const randomCotangents = 8;

/** Options of {@link checkVjp}. */
export interface VjpOptions<X = unknown, Y = unknown> extends CheckOptions<X> {
  /** See {@link CheckOptions}. */
  readonly out?: Y;
  /** The jvp of the same function: then ⟨J v, u⟩ = ⟨v, Jᵀ u⟩ is checked too, which needs no differences. */
  readonly jvp?: (x: X, tangent: X, out: Y) => MaybePromise<Like<Y> | void>;
}

/** @param layout - how x lies in a flat array, if the caller knows. */
export function* vjpTask(
  op: string,
  f: UserFunction,
  vjp: UserFunction,
  x: unknown,
  given: CheckOptions & { readonly jvp?: UserFunction },
  layout?: Layout,
): Task<GradientReport> {
  requireOptions(op, given, [...optionNames, "jvp"]);
  const { jvp, ...options } = given;
  requireFunctions(op, jvp === undefined ? { f, vjp } : { f, vjp, jvp });
  const check = yield* Check.begin(op, f, x, options, layout);
  if (check.isHopeless) return check.report([], []);
  const { subject, settings } = check;
  const { results } = subject;
  const m = results.size;
  const n = subject.x.length;

  const pull = (u: Float64Array, left = new Float64Array(n), point?: Float64Array): Task<Float64Array | null> =>
    check.derivative("vjp", vjp, [results.build(u)], check.layout, left, undefined, point);
  const random = (k: number): Float64Array =>
    magnitudesOf(results, subject.base).map((own, j) => symmetric(settings.seed, purposes.cotangent, j, k) / own);

  const isFast = settings.effort === "fast";
  const isWhole = m <= (isFast ? 1 : mostRows);
  const count = isFast ? settings.directions : randomCotangents;
  const cotangents = isWhole ? columnsOf(m) : Array.from({ length: count }, (_, k) => random(k));
  const rows = new Float64Array(cotangents.length * n);
  for (const [k, u] of cotangents.entries()) {
    const row = yield* pull(u);
    if (row === null) return check.report([], []);
    rows.set(row, k * n);
  }
  const roundings = new RoundingOf(subject);
  const roundingOf = (u: Float64Array) => roundings.vjp(u);
  const map: Claims = { name: "vjp", apply: pull, size: m, inputs: cotangents, outputs: rows, roundingOf };
  if (!isFast) yield* checkLinear(check, map);
  if (jvp !== undefined) {
    const push = (v: Float64Array): Task<Float64Array | null> =>
      check.derivative("jvp", jvp, [check.layout.build(v)], results, new Float64Array(m));
    yield* checkAdjoint(check, push, pull);
  }
  const claim = claimOf(rows, cotangents.length, (direction, s, k) =>
    check.elsewhere(direction, s, (point) => pull(cotangents[k]!, undefined, point)),
  );
  return yield* check.conclude(claim, slope, isWhole ? undefined : () => projectionOf(subject, cotangents));
}

/** The function's results multiplied with some cotangents, instead of the results. */
function projectionOf(subject: Subject, cotangents: readonly Float64Array[]): Subject {
  const project = (values: Float64Array): Float64Array =>
    Float64Array.from(cotangents, (u) => u.reduce((sum, weight, j) => sum + weight * values[j]!, 0));
  const noise = Float64Array.from(cotangents, (u) => {
    const squares = u.reduce((sum, weight, j) => {
      const own = Math.max(subject.noise[j]!, subject.eps * Math.abs(subject.base[j]!));
      return sum + (weight * own) ** 2;
    }, 0);
    return Math.sqrt(squares);
  });
  const scales = Float64Array.from(cotangents, (u) => u.reduce((sum, w, j) => sum + Math.abs(w * subject.base[j]!), 0));
  return {
    ...subject,
    results: flatLayout("⟨u, f⟩", [cotangents.length]),
    base: project(subject.base),
    scales,
    noise,
    *at(flat) {
      const values = yield* subject.at(flat);
      return values === null ? null : project(values);
    },
    *displaced(direction, s) {
      const values = yield* subject.displaced(direction, s);
      return values === null ? null : project(values);
    },
  };
}

/**
 * Checks a vector-Jacobian product, the backward pass of a function with any number of results. With few results, every row of the
 * Jacobian; with many (above 32), products with random cotangents. That the vjp is linear in the cotangent and 0 at 0 is checked without
 * differences.
 *
 * @param f - the function, to numbers in any form.
 * @param vjp - given x and a cotangent in the form of f(x), returns Jᵀ·cotangent in the form of x, or writes it into its third argument.
 * @param x - the point, as for {@link checkGradient}.
 * @param options - {@link VjpOptions}.
 * @returns a report, a promise of it if a function returns promises.
 * @throws {@link ValueError} for arguments that cannot be checked.
 * @example
 * import { checkVjp } from "tinygrad-ts/gradcheck";
 * const square = (x: number[]) => x.map((v) => v * v);
 * checkVjp(square, (x, u) => x.map((v, i) => 2 * v * u[i]!), [1, -2, 3]).ok; // → true
 */
export function checkVjp<X, Y>(
  f: (x: X, out: never) => PromiseLike<Y | void>,
  vjp: (x: X, cotangent: Y, out: X) => MaybePromise<Like<X> | void>,
  x: X,
  options?: VjpOptions<X, Y>,
): Promise<GradientReport>;
/** The same for functions that return no promises. */
export function checkVjp<X, Y>(
  f: (x: X, out: never) => Y | void,
  vjp: (x: X, cotangent: Y, out: X) => Like<X> | void,
  x: X,
  options?: VjpOptions<X, Y>,
): GradientReport;
export function checkVjp(
  f: (x: never, out: never) => unknown,
  vjp: UserFunction,
  x: unknown,
  options: object = {},
): MaybePromise<GradientReport> {
  refuseMore("checkVjp", arguments, 4);
  return run(vjpTask("checkVjp", f as UserFunction, vjp, x, options));
}

/**
 * As {@link checkVjp}, but throws if the vjp is wrong.
 *
 * @throws {@link GradientError} with the report, unless it is right.
 * @example
 * import { assertVjp } from "tinygrad-ts/gradcheck";
 * assertVjp((x: number[]) => x.map(Math.sin), (x, u) => x.map((v, i) => Math.cos(v) * u[i]!), [1, 2]);
 */
export function assertVjp<X, Y>(
  f: (x: X, out: never) => PromiseLike<Y | void>,
  vjp: (x: X, cotangent: Y, out: X) => MaybePromise<Like<X> | void>,
  x: X,
  options?: VjpOptions<X, Y>,
): Promise<void>;
/** The same for functions that return no promises. */
export function assertVjp<X, Y>(
  f: (x: X, out: never) => Y | void,
  vjp: (x: X, cotangent: Y, out: X) => Like<X> | void,
  x: X,
  options?: VjpOptions<X, Y>,
): void;
export function assertVjp(
  f: (x: never, out: never) => unknown,
  vjp: UserFunction,
  x: unknown,
  options: object = {},
): MaybePromise<void> {
  refuseMore("assertVjp", arguments, 4);
  return run(asserted(vjpTask("assertVjp", f as UserFunction, vjp, x, options)));
}
