import { checkTensor } from "../core/apply.ts";
import { textOf, ValueError } from "../core/errors.ts";
import type { ShapeOf } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { cast } from "./cast.ts";
import { constant } from "./define.ts";
import { expand } from "./expand.ts";
import { checkFill } from "./indices.ts";

/**
 * Zeros of x's shape and dtype. Carries no gradient.
 *
 * @param x - the tensor to take shape and dtype from.
 * @example
 * zerosLike(tensor([[1, 2]])).toArray(); // → [[0, 0]]
 */
export function zerosLike<T extends Tensor>(x: T): Tensor<ShapeOf<T>>;
export function zerosLike(x: Tensor): Tensor {
  return filled("zerosLike", x, 0, arguments);
}

/**
 * Ones of x's shape and dtype. Carries no gradient.
 *
 * @param x - the tensor to take shape and dtype from.
 * @example
 * onesLike(tensor([[1, 2]])).toArray(); // → [[1, 1]]
 */
export function onesLike<T extends Tensor>(x: T): Tensor<ShapeOf<T>>;
export function onesLike(x: Tensor): Tensor {
  return filled("onesLike", x, 1, arguments);
}

/**
 * A tensor of x's shape and dtype filled with `value`. Carries no gradient.
 *
 * @param x - the tensor to take shape and dtype from.
 * @param value - the value; converted to x's dtype as {@link cast} does.
 * @throws {@link DTypeError} for a number that int32 does not hold, if x is int32.
 * @example
 * fullLike(tensor([[1, 2]]), 7).toArray(); // → [[7, 7]]
 */
export function fullLike(x: Tensor, value: number): Tensor {
  return filled("fullLike", x, value, arguments, 2);
}

function filled(op: string, x: Tensor, value: number, args: ArrayLike<unknown>, count = 1): Tensor {
  refuseMore(op, args, count, `it takes x's dtype and no gradient: write ${op}(…).to(dtype)`);
  checkTensor(op, x);
  if (typeof value !== "number") throw new ValueError(op, "the value must be a number", textOf(value));
  if (x.dtype === "int32") checkFill(op, x.dtype, value);
  return expand(cast(constant(x, value), x.dtype), x.sizes);
}
