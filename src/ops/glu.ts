import { checkTensor } from "../core/apply.ts";
import { ShapeError } from "../core/errors.ts";
import { describe, normalizeAxis } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { mul } from "./mul.ts";
import { sigmoid } from "./sigmoid.ts";
import { split } from "./split.ts";

/**
 * Gated linear unit (Dauphin et al., 2017): the first half along an axis, times the sigmoid of the second half.
 *
 * @param x - a floating tensor with an even number of elements along the axis.
 * @param axis - the last one by default.
 * @returns x's shape with half the size along the axis.
 * @throws {@link ShapeError} for an axis that is not there, or of odd size.
 * @example
 * glu(tensor([3, 5, 0, 1000])).toArray(); // → [1.5, 5]
 */
export function glu(x: Tensor, axis = -1): Tensor {
  refuseMore("glu", arguments, 2);
  checkTensor("glu", x);
  const at = normalizeAxis("glu", axis, x.shape.length);
  const size = x.shape[at];
  if (size === undefined || size % 2 !== 0) throw new ShapeError("glu", "the axis must have an even size", describe(x));
  const [value, gate] = split(x, [size / 2, size / 2], at);
  return mul(value!, sigmoid(gate!));
}
