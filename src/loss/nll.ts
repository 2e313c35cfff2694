import { DTypeError, ShapeError } from "../core/errors.ts";
import { describe, formatShape, sameShape } from "../core/shape.ts";
import type { Tensor } from "../tensor.ts";
import { type ClassOptions, choose, classAxis, likelihoods } from "./classes.ts";
import { reduceWeighted, reductionOf } from "./reduction.ts";

/**
 * Negative log likelihood: minus the logarithm that is given for the right class. `nll(logSoftmax(x, 1), y)` is {@link crossEntropy} of x.
 *
 * With `weight` or `ignoreIndex`, the mean is over the weights of the right classes, those that are ignored having none.
 *
 * @param logs - logarithms of probabilities, the classes on axis 1, or on axis 0 of a vector; floating.
 * @param target - int32 class indices, of the logs' shape without the class axis.
 * @param options - `weight`, `ignoreIndex`, `reduction`.
 * @returns a scalar, or for `"none"` one value per place. The mean over no places is NaN.
 * @throws {@link IndexError} for a class that does not exist; {@link ShapeError} and {@link DTypeError} for what does not fit; {@link ValueError} for another reduction.
 * @example
 * nll(tensor([[-1, -2], [-3, -4]]), tensor([0, 1], { dtype: "int32" })).item(); // → 2.5
 */
export function nll(logs: Tensor, target: Tensor, options: ClassOptions = {}): Tensor {
  const reduction = reductionOf("nll", options);
  const axis = classAxis("nll", logs);
  const places = logs.shape.filter((_, i) => i !== axis);
  const rule = `for logs ${formatShape(logs.shape)} the target must be classes, int32${formatShape(places)}`;
  if (!sameShape(target.shape, places)) throw new ShapeError("nll", rule, describe(target));
  if (target.dtype !== "int32") throw new DTypeError("nll", rule, describe(target), 'use target.to("int32")');
  const chosen = choose("nll", logs, target, axis, options);
  return reduceWeighted(likelihoods(logs, axis, chosen), chosen.weights, reduction);
}
