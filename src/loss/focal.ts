import type { OptionKinds } from "../core/options.ts";
import type { ClassesOrShares } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { TensorLike } from "../create.ts";
import { add } from "../ops/add.ts";
import { clamp } from "../ops/clamp.ts";
import { mul } from "../ops/mul.ts";
import { neg } from "../ops/neg.ts";
import { pow } from "../ops/pow.ts";
import { sigmoid } from "../ops/sigmoid.ts";
import { sub } from "../ops/sub.ts";
import { sum } from "../ops/sum.ts";
import type { Tensor } from "../tensor.ts";
import { bceWithLogits } from "./bce.ts";
import { crossEntropy } from "./crossEntropy.ts";
import { mapsOf } from "./overlap.ts";
import { checkSetting } from "./pair.ts";
import { type LossOptions, lossOptions, reduceTerms, reductionOf } from "./reduction.ts";

/** Options of {@link focal}. */
export interface FocalOptions extends LossOptions {
  /** How strongly what is right already counts less; 0 gives the cross entropy; 2 by default. */
  readonly gamma?: number;
  /** Weight of what should be 1, from 0 to 1; that of what should be 0 is 1 − alpha. For a target in the logits' shape only; without one if left out. */
  readonly alpha?: number;
}

const focalOptions: OptionKinds<FocalOptions> = { ...lossOptions, gamma: "number", alpha: "number" };

/**
 * Focal loss (Lin et al., 2017): the cross entropy, times `(1 − p)^gamma`, where p is the probability of the right answer. So many easy places do not outweigh a few hard ones.
 *
 * @param logits - `[batch, channels, …]`, floating: scores before the sigmoid or softmax.
 * @param target - `[batch, …]` classes, int32, for the softmax over the channels; or from 0 to 1 in the logits' shape, of any other dtype, for the sigmoid of each.
 * @param options - `gamma`, `alpha`, `reduction`.
 * @returns a scalar, or for `"none"` a term for each place.
 * @throws {@link ShapeError} and {@link DTypeError} for a target that does not fit; {@link IndexError} for a class that does not exist; {@link ValueError} for a target outside of 0 to 1, or an option that is out of range or unknown.
 * @example
 * const [logits, target] = [tensor([[0, 0]]), tensor([1], { dtype: "int32" })];
 * focal(logits, target).item().toFixed(4); // → 0.1733
 * focal(logits, target, { gamma: 0 }).item().toFixed(4); // → 0.6931
 */
export function focal<P extends Tensor, T extends TensorLike>(
  logits: P,
  target: T & ClassesOrShares<P, T>,
  options?: FocalOptions,
): Tensor;
export function focal(logits: Tensor, target: TensorLike, options: FocalOptions = {}): Tensor {
  const reduction = reductionOf("focal", options, focalOptions);
  refuseMore("focal", arguments, 3);
  const { gamma = 2, alpha } = options;
  checkSetting("focal", "gamma", gamma, gamma >= 0, "0 or more");
  const { probabilities: p, wanted: t, isClasses } = mapsOf("focal", logits, target);
  if (alpha !== undefined) {
    const rule = isClasses ? "left out beside classes" : "from 0 to 1";
    checkSetting("focal", "alpha", alpha, alpha >= 0 && alpha <= 1 && !isClasses, rule);
  }
  // 1 − p of what is right, without the digits that subtracting from 1 would lose.
  const wrong = isClasses ? sum(mul(p, sub(1, t)), 1) : add(mul(t, sigmoid(neg(logits))), mul(sub(1, t), p));
  const none = { reduction: "none" } as const;
  const terms: Tensor = isClasses ? crossEntropy(logits, target, none) : bceWithLogits(logits, t, none);
  // Below 1, the power's slope at 0 is infinite, where that of the product is 0.
  const base = gamma < 1 ? clamp(wrong, 1e-30) : wrong;
  const eased = gamma === 0 ? terms : mul(pow(base, gamma), terms);
  const weighted = alpha === undefined ? eased : mul(add(mul(t, alpha), mul(sub(1, t), 1 - alpha)), eased);
  return reduceTerms(weighted, reduction);
}
