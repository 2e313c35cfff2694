import { checkTensor } from "../core/apply.ts";
import { checkNumber } from "../core/arguments.ts";
import { ValueError } from "../core/errors.ts";
import type { ShapeOf } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { elu } from "./activations.ts";
import { gt } from "./compare.ts";
import { div } from "./div.ts";
import { expm1 } from "./expm1.ts";
import { mul } from "./mul.ts";
import { where } from "./where.ts";

/** Klambauer et al.'s constants (2017), for which means and variances of 0 and 1 stay so. */
export const seluScale = 1.0507009873554804934193349852946;
export const seluAlpha = 1.6732632423543772848170429916717;

/**
 * Scaled exponential linear unit (Klambauer et al., 2017): 1.0507 times {@link elu} with alpha 1.6733, elementwise. It keeps means of 0 and variances of 1 from layer to
 * layer, if weights start with variance 1/n; with {@link AlphaDropout} instead of dropout.
 *
 * @param x - a tensor of any shape; integers become the default floating dtype. NaN propagates.
 * @example
 * selu(tensor([0, 1])).toArray(); // → [0, 1.0507010221481323]
 */
export function selu<T extends Tensor>(x: T): Tensor<ShapeOf<T>>;
export function selu(x: Tensor): Tensor {
  refuseMore("selu", arguments, 1);
  checkTensor("selu", x);
  return mul(elu(x, seluAlpha), seluScale);
}

/**
 * Exponential linear unit with a derivative of 1 at 0 for any alpha (Barron, 2017): x above 0, `alpha (e^(x/alpha) − 1)` below, elementwise.
 *
 * @param x - a tensor of any shape; integers become the default floating dtype. NaN propagates.
 * @param alpha - minus the value that is approached at −∞; not 0; 1 by default.
 * @throws {@link ValueError} if alpha is 0 or NaN.
 * @example
 * celu(tensor([-Infinity, 0, 3]), 2).toArray(); // → [-2, 0, 3]
 */
export function celu<T extends Tensor>(x: T, alpha?: number): Tensor<ShapeOf<T>>;
export function celu(x: Tensor, alpha = 1): Tensor {
  refuseMore("celu", arguments, 2);
  checkTensor("celu", x);
  checkNumber("celu", "alpha", alpha);
  if (!(Math.abs(alpha) > 0)) throw new ValueError("celu", "alpha must not be 0", String(alpha));
  if (alpha > 0) return mul(elu(div(x, alpha)), alpha);
  // Divided by a negative number, what lies below 0 would lie above.
  const isAbove = gt(x, 0);
  return where(isAbove, x, mul(expm1(div(where(isAbove, 0, x), alpha)), alpha));
}
