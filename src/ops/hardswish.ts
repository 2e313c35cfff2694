import { checkTensor } from "../core/apply.ts";
import type { ShapeOf } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { add } from "./add.ts";
import { clamp } from "./clamp.ts";
import { le, lt } from "./compare.ts";
import { div } from "./div.ts";
import { mul } from "./mul.ts";
import { where } from "./where.ts";

/**
 * Swish made of straight lines (Howard et al., 2019): 0 up to −3, x from 3 on, and `x (x + 3) / 6` between, elementwise. The derivative is −½ at −3, and 1½ at 3, as in PyTorch.
 *
 * @param x - a tensor of any shape; NaN propagates, with derivative 1.
 * @example
 * hardswish(tensor([-4, 0, 1.5, 5])).toArray(); // → [0, 0, 1.125, 5]
 */
export function hardswish<T extends Tensor>(x: T): Tensor<ShapeOf<T>>;
export function hardswish(x: Tensor): Tensor {
  refuseMore("hardswish", arguments, 1);
  checkTensor("hardswish", x);
  const held = clamp(x, -4, 3); // so that no square overflows, whose gradient would be 0 · ∞
  return where(lt(x, -3), 0, where(le(x, 3), mul(held, div(add(held, 3), 6)), x));
}
