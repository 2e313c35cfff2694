import type { Arbitrary } from "fast-check";
import { refuseMore } from "../core/surplus.ts";
import { arbitraryOf } from "./arbitrary.ts";
import { type MatrixConstraints, MatrixSpace } from "./matrixSpace.ts";

/**
 * Symmetric positive definite matrices: covariances, Hessians at a minimum, what Cholesky's factorization takes. Symmetric to the last
 * bit, with a condition number in the 2-norm of at most `maxCondition`; eigenvalues are spread around 1. Shrinks to fewer rows and
 * columns, then to the identity, then each entry nearer to it, with its mirror image.
 *
 * @param constraints - {@link MatrixConstraints}.
 * @returns rows of numbers, which `tensor` takes: `spd().map((rows) => tensor(rows, { dtype: "float64" }))`.
 * @throws {@link ValueError} for constraints that no matrix meets.
 * @example
 * import * as fc from "fast-check";
 * import { spd } from "tinygrad-ts/fast-check";
 * const { counterexample } = fc.check(fc.property(spd(), (rows) => rows[0][0] < 2), { seed: 1 });
 * counterexample; // → [[[2]]]
 */
export function spd(constraints: MatrixConstraints = {}): Arbitrary<number[][]> {
  refuseMore("spd", arguments, 1);
  return arbitraryOf(new MatrixSpace("spd", constraints, true));
}
