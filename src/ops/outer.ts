import { checkTensor } from "../core/apply.ts";
import { ShapeError } from "../core/errors.ts";
import { describe } from "../core/shape.ts";
import type { Outer, ShapeOf } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { mul } from "./mul.ts";
import { unsqueeze } from "./reshape.ts";

/**
 * Outer product of two vectors: the matrix of all `a[i] b[j]`.
 *
 * @param a - a vector: the rows.
 * @param b - a vector: the columns.
 * @returns a matrix with a row for each element of a, and a column for each of b, in the dtype that both promote to.
 * @throws {@link ShapeError} if one is not a vector.
 * @example
 * outer(tensor([1, 2]), tensor([3, 4, 5])).toArray(); // → [[3, 4, 5], [6, 8, 10]]
 */
export function outer<A extends Tensor, B extends Tensor>(a: A, b: B): Tensor<Outer<ShapeOf<A>, ShapeOf<B>>>;
export function outer(a: Tensor, b: Tensor): Tensor {
  refuseMore("outer", arguments, 2);
  [a, b].forEach((x, i) => {
    checkTensor("outer", x, i);
    if (x.shape.length !== 1) throw new ShapeError("outer", "takes two vectors", `${describe(x)} (input ${i})`);
  });
  return mul(unsqueeze(a, 1), unsqueeze(b, 0));
}
