import { apply } from "../core/apply.ts";
import { ShapeError, ValueError } from "../core/errors.ts";
import type { Op } from "../core/op.ts";
import { broadcastShapes, describe, sameShape } from "../core/shape.ts";
import type { Lost, Optional, ShapeOf, Target } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { TensorLike } from "../create.ts";
import { add } from "../ops/add.ts";
import { bceOp } from "../ops/bce.ts";
import { lt } from "../ops/compare.ts";
import { applyBinary } from "../ops/define.ts";
import { mul } from "../ops/mul.ts";
import { neg } from "../ops/neg.ts";
import { softplus } from "../ops/softplus.ts";
import { sub } from "../ops/sub.ts";
import { weighted } from "../ops/weighted.ts";
import { where } from "../ops/where.ts";
import type { Tensor } from "../tensor.ts";
import { placeOf } from "./classes.ts";
import { besides, checkPair, inFloats } from "./pair.ts";
import { type LossOptions, lossOptions, reduceTerms, reductionOf } from "./reduction.ts";

/** Lets numbers from 0 to 1 through, and nothing else. An op, so compiled programs check them too. */
export const unitOp: Op<readonly [op: string, rule: string, hint: string]> = {
  name: "unit",
  shape: ([x], [op, rule, hint]) => {
    const { values, shape } = x!;
    const bad = values.findIndex((v) => !(v >= 0 && v <= 1));
    if (bad < 0) return shape;
    const got = `${values[bad]} at ${placeOf(bad, shape)}`;
    throw new ValueError(op, `${rule} from 0 to 1`, got, hint);
  },
  forward: "view",
  vjp: [({ g }) => g],
};

/** Refuses a target of which the loss would be negative: a class of 2, or a label of −1. */
export function unitTarget(op: string, target: Tensor): Tensor {
  if (target.dtype === "bool") return target;
  const hint = "for more than two classes, use crossEntropy; for labels of -1 and 1, write (target + 1) / 2";
  return apply(unitOp, [target], [op, "a target must be", hint]);
}

/**
 * Binary cross entropy of probabilities: `−(target log p + (1 − target) log(1 − p))`, where no logarithm counts as less than −100, as in PyTorch. For scores before a sigmoid, use
 * {@link bceWithLogits}, which loses no digits.
 *
 * @param prediction - probabilities; a floating tensor of any shape.
 * @param target - of the same shape, from 0 to 1, of any dtype; a tensor, or numbers in arrays. Gradients flow to both.
 * @param options - `reduction`: `"mean"`, `"sum"` or `"none"`.
 * @returns a scalar, or the terms in the prediction's shape for `"none"`. The mean over no elements is NaN.
 * @throws {@link ShapeError} if the shapes differ; {@link ValueError} for a prediction or a target outside of 0 to 1 or NaN, or another reduction.
 * @example
 * bce(tensor([0.5, 1]), tensor([1, 1]), { reduction: "sum" }).item().toFixed(4); // → 0.6931
 */
export function bce<P extends Tensor, T extends TensorLike, const O extends LossOptions | undefined = undefined>(
  prediction: P,
  target: T & Target<P, T>,
  options: Optional<O>,
): Tensor<Lost<ShapeOf<P>, O>>;
export function bce(prediction: Tensor, target: TensorLike, options: LossOptions = {}): Tensor {
  const reduction = reductionOf("bce", options, lossOptions);
  refuseMore("bce", arguments, 3);
  const own = unitTarget("bce", checkPair("bce", prediction, target));
  const rule = "predictions must be probabilities";
  const probabilities = apply(unitOp, [prediction], ["bce", rule, "bceWithLogits takes any score"]);
  return inFloats([probabilities, own], (p, t) => reduceTerms(applyBinary(bceOp, p, t), reduction));
}

/** Options of {@link bceWithLogits}. */
export interface BceWithLogitsOptions extends LossOptions {
  /** How much more a positive counts than a negative: a tensor, or numbers in an array, that broadcasts to the logits' shape, say one for each of several labels; 1 if left out. */
  readonly posWeight?: TensorLike | undefined;
}

/**
 * Binary cross entropy of scores before a sigmoid: `(1 − target) x + (1 + (posWeight − 1) target) log(1 + e^−x)`, stable for any x: 0 at ±∞ where the target agrees (PyTorch: NaN), ∞ where it
 * does not.
 *
 * @param logits - a tensor of any shape.
 * @param target - of the same shape, from 0 to 1, of any dtype; a tensor, or numbers in arrays. Gradients flow to both.
 * @param options - `posWeight`, `reduction`.
 * @returns a scalar, or the terms in the logits' shape for `"none"`. The mean over no elements is NaN.
 * @throws {@link ShapeError} if the shapes do not fit; {@link ValueError} for another reduction, and for a target outside of 0 to 1, where PyTorch's loss goes below 0. With
 * `"none"` such targets are computed with: you may mask their terms.
 * @example
 * bceWithLogits(tensor([1000, -1000]), tensor([1, 1]), { reduction: "none" }).toArray(); // → [0, 1000]
 */
export function bceWithLogits<
  P extends Tensor,
  T extends TensorLike,
  const O extends BceWithLogitsOptions | undefined = undefined,
>(logits: P, target: T & Target<P, T>, options: Optional<O>): Tensor<Lost<ShapeOf<P>, O>>;
export function bceWithLogits(logits: Tensor, target: TensorLike, options: BceWithLogitsOptions = {}): Tensor {
  const reduction = reductionOf("bceWithLogits", options, { ...lossOptions, posWeight: "any" });
  refuseMore("bceWithLogits", arguments, 3);
  const pair = checkPair("bceWithLogits", logits, target);
  const own = reduction === "none" ? pair : unitTarget("bceWithLogits", pair);
  if (options.posWeight === undefined) {
    return inFloats([logits, own], (x, t) => {
      const isBelow = lt(x, 0);
      return reduceTerms(add(straight(x, isBelow, t, t), tail(x, isBelow)), reduction);
    });
  }
  const posWeight = besides("bceWithLogits", "posWeight", options.posWeight, logits);
  if (!sameShape(broadcastShapes("bceWithLogits", logits.shape, posWeight.shape), logits.shape)) {
    throw new ShapeError("bceWithLogits", `posWeight must broadcast to ${describe(logits)}`, describe(posWeight));
  }
  return inFloats([logits, own, posWeight], (x, t, w) => {
    const isBelow = lt(x, 0);
    const curved = mul(add(mul(sub(w, 1), t), 1), tail(x, isBelow));
    return reduceTerms(add(straight(x, isBelow, t, mul(w, t)), curved), reduction);
  });
}

/** What the loss is far out, a line on either side: `(1 − target) x` from 0 on, `−positive x` below; 0 at ±∞ where the target agrees. */
function straight(x: Tensor, isBelow: Tensor, target: Tensor, positive: Tensor): Tensor {
  return weighted(where(isBelow, neg(positive), sub(1, target)), x);
}

/** log(1 + e^−|x|), written so that its derivatives at 0 are those from above, as the line's are. */
function tail(x: Tensor, isBelow: Tensor): Tensor {
  return softplus(where(isBelow, x, neg(x)));
}
