import { isFloat } from "../core/dtype.ts";
import { isClass, ShapeError, textOf, ValueError } from "../core/errors.ts";
import { isTensor } from "../core/runtime.ts";
import { describe, type Shape, sameShape } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import { abs } from "../ops/abs.ts";
import { lt, ne } from "../ops/compare.ts";
import { logicalOr } from "../ops/logical.ts";
import { mean } from "../ops/mean.ts";
import { mul } from "../ops/mul.ts";
import { reshape } from "../ops/reshape.ts";
import { where } from "../ops/where.ts";
import type { Tensor } from "../tensor.ts";

/** A loss that can return its terms instead of their mean, like all losses of the package. */
export type LossOfTerms = (outputs: Tensor, targets: Tensor, options: { readonly reduction: "none" }) => Tensor;

/**
 * Makes a loss for weighted samples: the mean over all terms of the loss, each times the weight of its sample. A weight of 0 removes a sample, even if its target is unknown (NaN), and a weight of 2
 * counts it twice, as in Keras. The mean is over the terms, not over the weights.
 *
 * @param loss - a loss with the option `reduction: "none"`, such as `mse` or `crossEntropy`; for more options, `(outputs, targets, options) => crossEntropy(outputs, targets, { ...options, labelSmoothing: 0.1 })`.
 * @returns a loss of outputs, targets and weights, one for each sample `[n]` or for each term.
 * @throws `ValueError` for anything that is not a loss; while training, `ShapeError` for weights that fit neither the samples nor the terms.
 * @example
 * import { Linear, mse, SGD } from "tinygrad-ts";
 * import { fit, weighted } from "tinygrad-ts/train";
 *
 * const model = new Linear(1, 1);
 * const optimizer = new SGD(model.parameters(), { lr: 0.1 });
 * const data = { x: [[0], [1], [2]], y: [[1], [3], [100]], weights: [1, 1, 0] }; // the last one is an outlier
 * await fit(model, data, { loss: weighted(mse), optimizer, epochs: 400 });
 * model.weight.item().toFixed(2); // → 2.00
 */
export function weighted(loss: LossOfTerms): (outputs: Tensor, targets: Tensor, weights: Tensor) => Tensor {
  refuseMore("weighted", arguments, 1);
  if (typeof loss !== "function" || isClass(loss)) {
    throw new ValueError("weighted", "needs a loss", textOf(loss), "write weighted(mse)");
  }
  return (outputs, targets, weights) => {
    if (!isTensor(weights)) {
      const hint = "give the data a third tensor: { x, y, weights }";
      throw new ValueError("weighted", "needs a weight for each sample", textOf(weights), hint);
    }
    const terms: unknown = loss(outputs, withoutUnknown(targets, weights), { reduction: "none" });
    if (!isTensor(terms) || terms.shape.length === 0) {
      const hint = 'it must take { reduction: "none" }';
      throw new ValueError(
        "weighted",
        "the loss must give its terms",
        isTensor(terms) ? describe(terms) : textOf(terms),
        hint,
      );
    }
    const { shape } = terms;
    // Never broadcast: [n] beside terms [n, 1] would weigh each sample by all.
    const own = forEach(weights, shape);
    if (own !== null) return mean(mul(terms, own));
    const got = `${describe(weights)} for terms ${describe(terms)}`;
    throw new ShapeError("weighted", "there must be a weight for each sample, or for each term", got);
  };
}

/** Weights in the shape of terms, or of targets: one for each, or for each sample; null if they are neither. */
function forEach(weights: Tensor, shape: Shape): Tensor | null {
  if (sameShape(shape, weights.shape)) return weights;
  if (weights.shape[0] !== shape[0] || weights.size !== shape[0]) return null;
  return reshape(
    weights,
    shape.map((n, axis) => (axis === 0 ? n : 1)),
  );
}

/** Targets with 0 for anything that is not finite and has no weight: a term of NaN times 0 would be NaN, and its gradient, too. */
function withoutUnknown(targets: Tensor, weights: Tensor): Tensor {
  const own = isTensor(targets) && isFloat(targets.dtype) ? forEach(weights, targets.shape) : null;
  return own === null ? targets : where(logicalOr(ne(own, 0), lt(abs(targets), Number.POSITIVE_INFINITY)), targets, 0);
}
