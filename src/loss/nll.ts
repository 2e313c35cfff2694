import { DTypeError, ShapeError } from "../core/errors.ts";
import { describe, formatShape, sameShape } from "../core/shape.ts";
import type { Classes } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { TensorLike } from "../create.ts";
import type { Tensor } from "../tensor.ts";
import {
  type ClassOptions,
  choose,
  classAxis,
  classOptions,
  classTarget,
  likelihoods,
  refuseFractions,
} from "./classes.ts";
import { reduceWeighted, reductionOf } from "./reduction.ts";

/**
 * Negative log likelihood: minus the log probability of the right class. `nll(logSoftmax(x, 1), y)` is {@link crossEntropy} of x.
 *
 * With `weight` or `ignoreIndex`, the mean is over the weights of the right classes, those that are ignored having none.
 *
 * @param logs - logarithms of probabilities, the classes on axis 1, or on axis 0 of a vector; floating.
 * @param target - class indices, of the logs' shape without the class axis: an int32 tensor, or numbers in arrays.
 * @param options - `weight`, `ignoreIndex`, `reduction`.
 * @returns a scalar, or for `"none"` one value per place. The mean over no places is NaN.
 * @throws {@link IndexError} for a class that does not exist; {@link ShapeError} and {@link DTypeError} for what does not fit; {@link ValueError} for another reduction.
 * @example
 * nll(tensor([[-1, -2], [-3, -4]]), tensor([0, 1], { dtype: "int32" })).item(); // → 2.5
 */
export function nll<P extends Tensor, T extends TensorLike>(
  logs: P,
  target: T & Classes<P, T>,
  options?: ClassOptions,
): Tensor;
export function nll(logs: Tensor, target: TensorLike, options: ClassOptions = {}): Tensor {
  const reduction = reductionOf("nll", options, classOptions);
  refuseMore("nll", arguments, 3);
  const axis = classAxis("nll", logs, target);
  const own = classTarget("nll", target, logs, axis);
  const places = logs.shape.filter((_, i) => i !== axis);
  const rule = `for logs ${formatShape(logs.shape)} the target must be classes, int32${formatShape(places)}`;
  if (!sameShape(own.shape, places)) throw new ShapeError("nll", rule, describe(own));
  if (own.dtype !== "int32") {
    refuseFractions("nll", own);
    throw new DTypeError("nll", rule, describe(own), 'use target.to("int32")');
  }
  const chosen = choose("nll", logs, own, axis, options);
  return reduceWeighted(likelihoods(logs, axis, chosen), chosen.weights, reduction);
}
