import { checkTensor } from "../core/apply.ts";
import type { ShapeOf } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { mul } from "./mul.ts";
import { softplus } from "./softplus.ts";
import { tanh } from "./tanh.ts";

/**
 * `x tanh(softplus(x))` elementwise (Misra, 2019).
 *
 * @param x - a tensor of any shape; integers become the default floating dtype. NaN propagates; −∞ becomes NaN, as in PyTorch.
 * @example
 * mish(tensor([0, 1000])).toArray(); // → [0, 1000]
 */
export function mish<T extends Tensor>(x: T): Tensor<ShapeOf<T>>;
export function mish(x: Tensor): Tensor {
  refuseMore("mish", arguments, 1);
  checkTensor("mish", x);
  return mul(x, tanh(softplus(x)));
}
