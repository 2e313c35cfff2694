import { refuseMore } from "../core/surplus.ts";
import type { UserFunction } from "./check.ts";
import {
  axis,
  gathered,
  type Kind,
  type Measured,
  measured,
  type NumericalGradient,
  type NumericalOptions,
  subjectAt,
} from "./numerical.ts";
import { type MaybePromise, run, type Task } from "./task.ts";

/** A matrix of derivatives by differences: a row for each result, a column for each entry of x, both in order. */
export interface NumericalMatrix {
  /** The derivatives; NaN where there is none. */
  readonly value: readonly (readonly number[])[];
  /** Error bars. */
  readonly error: readonly (readonly number[])[];
  /** The steps that were chosen. */
  readonly step: readonly (readonly number[])[];
  /** What each derivative is worth, as in {@link NumericalGradient}. */
  readonly kind: readonly (readonly Kind[])[];
}

function* jacobianTask(f: UserFunction, x: unknown, options: object): Task<NumericalMatrix> {
  const { subject, seed } = yield* subjectAt("numericalJacobian", f, x, options);
  const lines = Array.from(subject.x, (_, i) => axis(subject, i, seed));
  const rows: NumericalGradient<number[]>[] = [];
  for (const j of subject.base.keys()) {
    const found: Measured[] = [];
    for (const [i, line] of lines.entries()) found.push(yield* measured(subject, line, j, subject.magnitudes[i]!));
    rows.push(gathered(found, (flat) => Array.from(flat)));
  }
  return matrixOf(rows);
}

/** Rows put together. */
export function matrixOf(
  rows: readonly { [K in keyof NumericalMatrix]: NumericalMatrix[K][number] }[],
): NumericalMatrix {
  return {
    value: rows.map(({ value }) => value),
    error: rows.map(({ error }) => error),
    step: rows.map(({ step }) => step),
    kind: rows.map(({ kind }) => kind),
  };
}

/**
 * The Jacobian of a function by differences, with error bars, as {@link numericalGradient} takes them. All results of one call are used.
 *
 * @param f - the function, to numbers in any form.
 * @param x - the point, as for {@link numericalGradient}.
 * @param options - {@link NumericalOptions}.
 * @returns value, error bar, step and kind of each ∂resultⱼ/∂xᵢ in row j and column i; a promise of it if f returns promises.
 * @throws {@link ValueError} for arguments that cannot be used, and for an f that changes its input or gives two values at one x.
 * @example
 * import { numericalJacobian } from "tinygrad-ts/gradcheck";
 * const { value } = numericalJacobian(([r, a]) => [r! * Math.cos(a!), r! * Math.sin(a!)], [2, 0]);
 * value.map((row) => row.map((entry) => Math.round(entry * 1e9) / 1e9)); // → [[1, 0], [0, 2]]
 */
export function numericalJacobian<X>(
  f: (x: X, out: never) => PromiseLike<unknown>,
  x: X,
  options?: NumericalOptions<X>,
): Promise<NumericalMatrix>;
/** The same for a function that returns no promise. */
export function numericalJacobian<X>(
  f: (x: X, out: never) => unknown,
  x: X,
  options?: NumericalOptions<X>,
): NumericalMatrix;
export function numericalJacobian(
  f: (x: never, out: never) => unknown,
  x: unknown,
  options: object = {},
): MaybePromise<NumericalMatrix> {
  refuseMore("numericalJacobian", arguments, 3);
  return run(jacobianTask(f as UserFunction, x, options));
}
