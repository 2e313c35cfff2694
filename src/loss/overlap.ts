import { apply } from "../core/apply.ts";
import { isFloat } from "../core/dtype.ts";
import { DTypeError, ShapeError } from "../core/errors.ts";
import type { OptionKinds } from "../core/options.ts";
import { isTensor } from "../core/runtime.ts";
import { describe, formatShape, sameShape } from "../core/shape.ts";
import type { ClassesOrShares } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import { asTensor, type TensorLike } from "../create.ts";
import { add } from "../ops/add.ts";
import { cast } from "../ops/cast.ts";
import { div } from "../ops/div.ts";
import { mul } from "../ops/mul.ts";
import { oneHot } from "../ops/oneHot.ts";
import { permute } from "../ops/permute.ts";
import { sigmoid } from "../ops/sigmoid.ts";
import { softmax } from "../ops/softmax.ts";
import { sub } from "../ops/sub.ts";
import { sum } from "../ops/sum.ts";
import type { Tensor } from "../tensor.ts";
import { unitTarget } from "./bce.ts";
import { classesOp, refuseFractions } from "./classes.ts";
import { checkPrediction, checkSetting } from "./pair.ts";
import { type LossOptions, lossOptions, reduceTerms, reductionOf } from "./reduction.ts";

/** Options of {@link dice} and {@link iou}. */
export interface OverlapOptions extends LossOptions {
  /** Added to both sides of the fraction, in pixels: what is empty on both sides agrees, and gradients stay finite; 1 by default. */
  readonly smooth?: number;
}

const overlapOptions: OptionKinds<OverlapOptions> = { ...lossOptions, smooth: "number" };

/**
 * Dice loss for segmentation (Milletari et al., 2016): `1 − (2 Σ p t + smooth) / (Σ p + Σ t + smooth)` for each sample and channel, over the pixels. It weighs a small object as much as a large one.
 *
 * With int32 classes as the target, p is the softmax over the channels; with a target in the logits' shape, p is the sigmoid, and each channel a question of its own.
 *
 * @param logits - `[batch, channels, …]`, floating: scores before the sigmoid or softmax.
 * @param target - `[batch, …]` classes, int32; or from 0 to 1 in the logits' shape, of any other dtype. Arrays of numbers are read as classes where they have that shape.
 * @param options - `smooth`, `reduction`.
 * @returns a scalar, or for `"none"` a term for each sample and channel, `[batch, channels]`, from 0 to 1.
 * @throws {@link ShapeError} and {@link DTypeError} for a target that does not fit; {@link IndexError} for a class that does not exist; {@link ValueError} for a target outside of 0 to 1, or an unknown option.
 * @example
 * const logits = tensor([[[40, -40, -40]]]); // one sample, one channel, three pixels
 * dice(logits, tensor([[[1, 1, 0]]]), { smooth: 0 }).item().toFixed(4); // → 0.3333
 */
export function dice<P extends Tensor, T extends TensorLike>(
  logits: P,
  target: T & ClassesOrShares<P, T>,
  options?: OverlapOptions,
): Tensor;
export function dice(logits: Tensor, target: TensorLike, options: OverlapOptions = {}): Tensor {
  refuseMore("dice", arguments, 3);
  return overlap("dice", logits, target, options, (both, either, smooth) => {
    return div(add(mul(both, 2), smooth), add(either, smooth));
  });
}

/**
 * Jaccard loss for segmentation, 1 less the intersection over the union: `1 − (Σ p t + smooth) / (Σ p + Σ t − Σ p t + smooth)` for each sample and channel, over the pixels.
 *
 * With int32 classes as the target, p is the softmax over the channels; with a target in the logits' shape, p is the sigmoid, and each channel a question of its own. The metric of this name, in `tinygrad-ts/train`, counts pixels instead.
 *
 * @param logits - `[batch, channels, …]`, floating: scores before the sigmoid or softmax.
 * @param target - `[batch, …]` classes, int32; or from 0 to 1 in the logits' shape, of any other dtype. Arrays of numbers are read as classes where they have that shape.
 * @param options - `smooth`, `reduction`.
 * @returns a scalar, or for `"none"` a term for each sample and channel, `[batch, channels]`, from 0 to 1.
 * @throws {@link ShapeError} and {@link DTypeError} for a target that does not fit; {@link IndexError} for a class that does not exist; {@link ValueError} for a target outside of 0 to 1, or an unknown option.
 * @example
 * const logits = tensor([[[40, -40, -40]]]);
 * iou(logits, tensor([[[1, 1, 0]]]), { smooth: 0 }).item(); // → 0.5
 */
export function iou<P extends Tensor, T extends TensorLike>(
  logits: P,
  target: T & ClassesOrShares<P, T>,
  options?: OverlapOptions,
): Tensor;
export function iou(logits: Tensor, target: TensorLike, options: OverlapOptions = {}): Tensor {
  refuseMore("iou", arguments, 3);
  return overlap("iou", logits, target, options, (both, either, smooth) => {
    return div(add(both, smooth), add(sub(either, both), smooth));
  });
}

function overlap(
  op: string,
  logits: Tensor,
  target: TensorLike,
  options: OverlapOptions,
  share: (both: Tensor, either: Tensor, smooth: number) => Tensor,
): Tensor {
  const reduction = reductionOf(op, options, overlapOptions);
  const { smooth = 1 } = options;
  checkSetting(op, "smooth", smooth, smooth >= 0, "0 or more");
  const { probabilities, wanted } = mapsOf(op, logits, target);
  const pixels = Array.from({ length: logits.shape.length - 2 }, (_, i) => i + 2);
  const over = (x: Tensor): Tensor => (pixels.length === 0 ? x : sum(x, pixels));
  const either = add(over(probabilities), over(wanted));
  return reduceTerms(sub(1, share(over(mul(probabilities, wanted)), either, smooth)), reduction);
}

/** Probabilities of each channel at each pixel, and what they should be. */
export function mapsOf(
  op: string,
  logits: Tensor,
  target: TensorLike,
): { readonly probabilities: Tensor; readonly wanted: Tensor; readonly isClasses: boolean } {
  checkPrediction(op, logits, target, "the logits");
  if (!isFloat(logits.dtype)) {
    throw new DTypeError(op, "the logits must be floating", logits.dtype, 'use to("float32")');
  }
  const { shape } = logits;
  if (shape.length < 2) throw new ShapeError(op, "the logits must be [batch, channels, …]", describe(logits));
  const places = shape.filter((_, i) => i !== 1);
  const own = isTensor(target) ? target : asTensor(op, target, logits.dtype);
  const isClasses = sameShape(own.shape, places) && (own.dtype === "int32" || !isTensor(target));
  if (isClasses) {
    const channels = shape[1]!;
    if (channels === 1) {
      const hint = "with one channel, write target.unsqueeze(1): then each pixel has its own probability";
      throw new ShapeError(op, "classes need as many channels", describe(logits), hint);
    }
    if (!isTensor(target)) refuseFractions(op, own);
    const classes = isTensor(target) ? own : asTensor(op, target, "int32");
    const hot = oneHot(apply(classesOp, [classes], { op, size: channels, isWhole: true }), channels);
    const last = shape.length - 1;
    const axes = shape.map((_, i) => (i === 0 ? 0 : i === 1 ? last : i - 1));
    return { probabilities: softmax(logits, 1), wanted: cast(permute(hot, axes), logits.dtype), isClasses };
  }
  if (!sameShape(own.shape, shape) || own.dtype === "int32") {
    const rule = `the target must be classes, int32${formatShape(places)}, or floating or bool, ${formatShape(shape)}`;
    const hint = sameShape(own.shape, places)
      ? 'of classes, write target.to("int32")'
      : 'of zeros and ones, write target.to("float32")';
    const fits = sameShape(own.shape, places) || sameShape(own.shape, shape);
    throw new ShapeError(op, rule, describe(own), fits ? hint : "");
  }
  return { probabilities: sigmoid(logits), wanted: cast(unitTarget(op, own), logits.dtype), isClasses };
}
