import type { Lost, Optional, ShapeOf, Target } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { TensorLike } from "../create.ts";
import { mul } from "../ops/mul.ts";
import { sub } from "../ops/sub.ts";
import type { Tensor } from "../tensor.ts";
import { checkPair, inFloats } from "./pair.ts";
import { type LossOptions, lossOptions, reduceTerms, reductionOf } from "./reduction.ts";

/**
 * Squared error, `(prediction − target)²`, by default its mean over all elements.
 *
 * Gradients flow to both. Shapes must be equal: broadcasting `[n, 1]` against `[n]` would compare all pairs, and the model would learn
 * nonsense.
 *
 * @param prediction - a tensor of any shape.
 * @param target - of the same shape, of any dtype; a tensor, or numbers in arrays. Integers are compared in float64, in which nothing wraps around.
 * @param options - `reduction`: `"mean"`, `"sum"` or `"none"`.
 * @returns a scalar, or the squares in the prediction's shape for `"none"`. The mean over no elements is NaN.
 * @throws {@link ShapeError} if the shapes differ; {@link ValueError} for another reduction.
 * @example
 * mse(tensor([1, 2, 3]), tensor([1, 2, 6])).item(); // → 3
 */
export function mse<P extends Tensor, T extends TensorLike, const O extends LossOptions | undefined = undefined>(
  prediction: P,
  target: T & Target<P, T>,
  options: Optional<O>,
): Tensor<Lost<ShapeOf<P>, O>>;
export function mse(prediction: Tensor, target: TensorLike, options: LossOptions = {}): Tensor {
  const reduction = reductionOf("mse", options, lossOptions);
  refuseMore("mse", arguments, 3);
  const own = checkPair("mse", prediction, target);
  return inFloats([prediction, own], (p, t) => {
    const error = sub(p, t);
    return reduceTerms(mul(error, error), reduction);
  });
}
