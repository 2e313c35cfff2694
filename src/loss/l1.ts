import type { Lost, Optional, ShapeOf, Target } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { TensorLike } from "../create.ts";
import { abs } from "../ops/abs.ts";
import { sub } from "../ops/sub.ts";
import type { Tensor } from "../tensor.ts";
import { checkPair, inFloats } from "./pair.ts";
import { type LossOptions, lossOptions, reduceTerms, reductionOf } from "./reduction.ts";

/**
 * Absolute error, `|prediction − target|`, by default its mean over all elements. Where they are equal, the gradient is 0.
 *
 * @param prediction - a tensor of any shape.
 * @param target - of the same shape, of any dtype; a tensor, or numbers in arrays. Gradients flow to both. Integers are compared in float64, in which nothing wraps around.
 * @param options - `reduction`: `"mean"`, `"sum"` or `"none"`.
 * @returns a scalar, or the errors in the prediction's shape for `"none"`. The mean over no elements is NaN.
 * @throws {@link ShapeError} if the shapes differ; {@link ValueError} for another reduction.
 * @example
 * l1(tensor([1, 2, 3]), tensor([1, 2, 6])).item(); // → 1
 */
export function l1<P extends Tensor, T extends TensorLike, const O extends LossOptions | undefined = undefined>(
  prediction: P,
  target: T & Target<P, T>,
  options: Optional<O>,
): Tensor<Lost<ShapeOf<P>, O>>;
export function l1(prediction: Tensor, target: TensorLike, options: LossOptions = {}): Tensor {
  const reduction = reductionOf("l1", options, lossOptions);
  refuseMore("l1", arguments, 3);
  const own = checkPair("l1", prediction, target);
  return inFloats([prediction, own], (p, t) => reduceTerms(abs(sub(p, t)), reduction));
}
