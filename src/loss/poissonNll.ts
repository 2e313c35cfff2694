import type { Target } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { TensorLike } from "../create.ts";
import { add } from "../ops/add.ts";
import { gt } from "../ops/compare.ts";
import { exp } from "../ops/exp.ts";
import { log } from "../ops/log.ts";
import { mul } from "../ops/mul.ts";
import { sub } from "../ops/sub.ts";
import { weighted } from "../ops/weighted.ts";
import { where } from "../ops/where.ts";
import type { Tensor } from "../tensor.ts";
import { checkPair, checkSetting, inFloats } from "./pair.ts";
import { type LossOptions, lossOptions, reduceTerms, reductionOf } from "./reduction.ts";

/** Options of {@link poissonNll}. */
export interface PoissonNllOptions extends LossOptions {
  /** Whether the prediction is the logarithm of the rate; true by default. */
  readonly isLog?: boolean;
  /** Whether Stirling's approximation of log(target!) is added for targets above 1, which no gradient of the prediction sees; false by default. */
  readonly full?: boolean;
  /** Added to a rate before its logarithm is taken, if `isLog` is false; 1e-8 by default. */
  readonly eps?: number;
}

/**
 * Negative log likelihood of counts under Poisson's distribution: `exp(x) − target · x` for a predicted log rate x, or `rate − target · log(rate + eps)`.
 *
 * @param prediction - the log of the rate, or the rate if `isLog` is false; a tensor of any shape.
 * @param target - counts, of the same shape and any dtype.
 * @param options - `isLog`, `full`, `eps`, `reduction`.
 * @returns a scalar, or the terms in the prediction's shape for `"none"`. The mean over no elements is NaN.
 * @throws {@link ShapeError} if the shapes differ; {@link ValueError} for an eps below 0, or another reduction.
 * @example
 * poissonNll(tensor([0]), tensor([3])).item(); // → 1
 */
export function poissonNll<P extends Tensor, T extends TensorLike>(
  prediction: P,
  target: T & Target<P, T>,
  options?: PoissonNllOptions,
): Tensor;
export function poissonNll(prediction: Tensor, target: TensorLike, options: PoissonNllOptions = {}): Tensor {
  const reduction = reductionOf("poissonNll", options, {
    ...lossOptions,
    isLog: "boolean",
    full: "boolean",
    eps: "number",
  });
  refuseMore("poissonNll", arguments, 3);
  const { isLog = true, full = false, eps = 1e-8 } = options;
  checkSetting("poissonNll", "eps", eps, eps >= 0, "a number from 0 on");
  const own = checkPair("poissonNll", prediction, target);
  return inFloats([prediction, own], (p, t) => {
    const terms = isLog ? sub(exp(p), weighted(t, p)) : sub(p, weighted(t, log(add(p, eps))));
    return reduceTerms(full ? add(terms, logFactorial(t)) : terms, reduction);
  });
}

/** Stirling's approximation above 1, and 0 up to it. */
function logFactorial(target: Tensor): Tensor {
  const isLarge = gt(target, 1);
  const t = where(isLarge, target, 2); // a number whose logarithm and gradient are finite
  return where(isLarge, add(sub(mul(t, log(t)), t), mul(log(mul(t, 2 * Math.PI)), 0.5)), 0);
}
