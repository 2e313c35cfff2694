import { checkTensor } from "../core/apply.ts";
import { checkNumber } from "../core/arguments.ts";
import { ValueError } from "../core/errors.ts";
import type { ShapeOf } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { clamp } from "./clamp.ts";
import { ge, le } from "./compare.ts";
import { logicalOr } from "./logical.ts";
import { where } from "./where.ts";

/**
 * x between two bounds, and the bounds beyond, elementwise. Unlike {@link clamp}, it has the derivative 0 on the bounds, as PyTorch's `hardtanh` has.
 *
 * @param x - a tensor of any shape; NaN propagates, with derivative 1.
 * @param min - the lower bound; −1 by default.
 * @param max - the upper bound, above the lower one; 1 by default.
 * @throws {@link ValueError} if the bounds are not in this order.
 * @example
 * hardtanh(tensor([-2, 0.5, 3])).toArray(); // → [-1, 0.5, 1]
 */
export function hardtanh<T extends Tensor>(x: T, min?: number, max?: number): Tensor<ShapeOf<T>>;
export function hardtanh(x: Tensor, min = -1, max = 1): Tensor {
  refuseMore("hardtanh", arguments, 3);
  checkTensor("hardtanh", x);
  checkNumber("hardtanh", "min", min);
  checkNumber("hardtanh", "max", max);
  if (!(min < max)) throw new ValueError("hardtanh", "min must be below max", `${min} and ${max}`);
  return where(logicalOr(le(x, min), ge(x, max)), clamp(x, min, max).detach(), x);
}
