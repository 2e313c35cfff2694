import { apply } from "../core/apply.ts";
import { ShapeError, ValueError } from "../core/errors.ts";
import { placeIn } from "../core/nested.ts";
import type { Op } from "../core/op.ts";
import { describe, sameShape } from "../core/shape.ts";
import type { Target } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { TensorLike } from "../create.ts";
import { add } from "../ops/add.ts";
import { clamp } from "../ops/clamp.ts";
import { div } from "../ops/div.ts";
import { log } from "../ops/log.ts";
import { mul } from "../ops/mul.ts";
import { unsqueeze } from "../ops/reshape.ts";
import { sub } from "../ops/sub.ts";
import type { Tensor } from "../tensor.ts";
import { besides, checkPair, checkSetting, inFloats } from "./pair.ts";
import { type LossOptions, lossOptions, reduceTerms, reductionOf } from "./reduction.ts";

/** Options of {@link gaussianNll}. */
export interface GaussianNllOptions extends LossOptions {
  /** Whether the constant log(2π)/2 is added, which no gradient sees; false by default. */
  readonly full?: boolean;
  /** Variances are held at this or more, which the gradient does not see; 1e-6 by default. */
  readonly eps?: number;
}

/** Lets variances through that are not negative. An op, so compiled programs check them too. */
export const varianceOp: Op<undefined> = {
  name: "variances",
  shape: ([x]) => {
    const { values, shape } = x!;
    const bad = values.findIndex((v) => v < 0);
    if (bad < 0) return shape;
    const hint = "predict its logarithm, and give exp of that, or softplus";
    throw new ValueError("gaussianNll", "a variance must not be negative", values[bad] + placeIn(bad, shape), hint);
  },
  forward: "view",
  vjp: [({ g }) => g],
};

/**
 * Negative log likelihood under normal distributions: `(log variance + (prediction − target)² / variance) / 2`, for models that also predict their own uncertainty
 * (Nix and Weigend, 1994).
 *
 * @param prediction - the expected values; a tensor of any shape.
 * @param target - of the same shape.
 * @param variance - of the same shape, or without the last axis, or with size 1 there.
 * @param options - `full`, `eps`, `reduction`.
 * @returns a scalar, or the terms in the prediction's shape for `"none"`. The mean over no elements is NaN.
 * @throws {@link ShapeError} if the shapes do not fit; {@link ValueError} for a negative variance, naming its place, an eps that is not above 0, or another reduction.
 * @example
 * gaussianNll(tensor([1, 2]), tensor([1, 4]), tensor([1, 1])).item(); // → 1
 */
export function gaussianNll<P extends Tensor, T extends TensorLike>(
  prediction: P,
  target: T & Target<P, T>,
  variance: TensorLike,
  options?: GaussianNllOptions,
): Tensor;
export function gaussianNll(
  prediction: Tensor,
  target: TensorLike,
  variance: TensorLike,
  options: GaussianNllOptions = {},
): Tensor {
  const reduction = reductionOf("gaussianNll", options, { ...lossOptions, full: "boolean", eps: "number" });
  refuseMore("gaussianNll", arguments, 4);
  const { full = false, eps = 1e-6 } = options;
  checkSetting("gaussianNll", "eps", eps, eps > 0, "a number above 0");
  const truth = checkPair("gaussianNll", prediction, target);
  const own = shaped(
    prediction,
    apply(varianceOp, [besides("gaussianNll", "the variance", variance, prediction)], undefined),
  );
  return inFloats([prediction, truth, own], (p, t, v) => {
    const held = add(v, sub(clamp(v, eps), v).detach());
    const error = sub(p, t);
    const terms = mul(add(log(held), mul(error, div(error, held))), 0.5);
    return reduceTerms(full ? add(terms, 0.5 * Math.log(2 * Math.PI)) : terms, reduction);
  });
}

function shaped({ shape }: Tensor, variance: Tensor): Tensor {
  if (sameShape(shape, variance.shape)) return variance;
  const front = shape.slice(0, -1);
  if (shape.length > 0 && sameShape(front, variance.shape)) return unsqueeze(variance, -1);
  if (shape.length > 0 && sameShape([...front, 1], variance.shape)) return variance;
  const rule = "the variance must have the prediction's shape, or no last axis, or one of size 1";
  throw new ShapeError("gaussianNll", rule, describe(variance));
}
