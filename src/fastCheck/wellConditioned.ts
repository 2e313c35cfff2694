import type { Arbitrary } from "fast-check";
import { refuseMore } from "../core/surplus.ts";
import { arbitraryOf } from "./arbitrary.ts";
import { type MatrixConstraints, MatrixSpace } from "./matrixSpace.ts";

/**
 * Square matrices that are far from singular: for inverses, determinants and linear systems. Their condition number in the 2-norm is at
 * most `maxCondition`; singular values are spread around 1. Shrinks to fewer rows and columns, then to the identity, then each entry
 * nearer to it; the condition stays bounded.
 *
 * @param constraints - {@link MatrixConstraints}.
 * @returns rows of numbers, which `tensor` takes: `wellConditioned().map((rows) => tensor(rows, { dtype: "float64" }))`.
 * @throws {@link ValueError} for constraints that no matrix meets.
 * @example
 * import * as fc from "fast-check";
 * import { wellConditioned } from "tinygrad-ts/fast-check";
 * const { counterexample } = fc.check(fc.property(wellConditioned(), (rows) => rows.length < 2), { seed: 1 });
 * counterexample; // → [[[1, 0], [0, 1]]]
 */
export function wellConditioned(constraints: MatrixConstraints = {}): Arbitrary<number[][]> {
  refuseMore("wellConditioned", arguments, 1);
  return arbitraryOf(new MatrixSpace("wellConditioned", constraints, false));
}
