import { ValueError } from "../core/errors.ts";
import { refuseMore } from "../core/surplus.ts";
import type { UserFunction } from "./check.ts";
import { type Direction, powerOfTwo } from "./direction.ts";
import { noiseAlong } from "./noise.ts";
import {
  gathered,
  type Measured,
  measured,
  type NumericalGradient,
  type NumericalOptions,
  subjectAt,
} from "./numerical.ts";
import type { Like } from "./options.ts";
import { Line } from "./samples.ts";
import { type MaybePromise, run, type Task } from "./task.ts";

function* directionalTask(f: UserFunction, x: unknown, v: unknown, options: object): Task<NumericalGradient<unknown>> {
  const op = "numericalDirectional";
  const { layout, subject, seed } = yield* subjectAt(op, f, x, options);
  const flat = layout.read(v, "v");
  if (!(flat instanceof Float64Array)) throw new ValueError(op, "v must have the form of x", flat.text);
  if (!flat.every(Number.isFinite))
    throw new ValueError(op, "v must be finite", `${flat.find((own) => !Number.isFinite(own))}`);
  const indices = [...flat.keys()].filter((i) => flat[i] !== 0);
  const { results, base } = subject;
  const isNumber = results.size === 1 && results.leaves[0]!.shape.length === 0;
  const form = (values: Float64Array): unknown => (isNumber ? values[0]! : results.build(values));
  if (indices.length === 0) {
    const none = { value: 0, error: 0, step: 0, kind: "smooth" } as const;
    return gathered(
      Array.from(base, () => none),
      form,
    );
  }
  // Each entry moves by its own size at most.
  const scale = powerOfTwo(
    indices.reduce((least, i) => Math.min(least, subject.magnitudes[i]! / Math.abs(flat[i]!)), 2 ** 1000),
  );
  const direction: Direction = { indices, weights: indices.map((i) => scale * flat[i]!), id: 1 };
  // Steps along it are not exact: what that does to f shows as noise.
  const noise = yield* noiseAlong(subject, () => direction);
  subject.noise = subject.noise.map((own, j) => Math.max(own, noise[j]!));
  const line = new Line(subject, direction, seed);
  const found: Measured[] = [];
  for (const j of base.keys()) found.push(yield* measured(subject, line, j, scale));
  return gathered(found, form);
}

/**
 * The derivative of a function along a direction by differences, with error bars: ∇f(x)·v for a function with one result, J(x)·v for one
 * with several. It costs no more for a million inputs than for one.
 *
 * @param f - the function, to numbers in any form.
 * @param x - the point, as for {@link numericalGradient}.
 * @param v - the direction, in the form of x; of any length, to which the derivative is proportional.
 * @param options - {@link NumericalOptions}.
 * @returns value, error bar and step (as a share of v) in the form of f(x), and a kind for each result; a promise of it if f returns promises.
 * @throws {@link ValueError} for arguments that cannot be used, and for an f that changes its input or gives two values at one x.
 * @example
 * import { numericalDirectional } from "tinygrad-ts/gradcheck";
 * const { value, error } = numericalDirectional((x) => x[0]! ** 2 * x[1]!, [3, 4], [1, -1]);
 * Math.abs(value - (24 - 9)) <= error && error < 1e-9; // → true
 */
export function numericalDirectional<X, Y>(
  f: (x: X, out: never) => PromiseLike<Y>,
  x: X,
  v: Like<X>,
  options?: NumericalOptions<X>,
): Promise<NumericalGradient<Y>>;
/** The same for a function that returns no promise. */
export function numericalDirectional<X, Y>(
  f: (x: X, out: never) => Y,
  x: X,
  v: Like<X>,
  options?: NumericalOptions<X>,
): NumericalGradient<Y>;
export function numericalDirectional(
  f: (x: never, out: never) => unknown,
  x: unknown,
  v: unknown,
  options: object = {},
): MaybePromise<NumericalGradient<unknown>> {
  refuseMore("numericalDirectional", arguments, 4);
  return run(directionalTask(f as UserFunction, x, v, options));
}
