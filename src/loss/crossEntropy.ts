import { apply } from "../core/apply.ts";
import { isFloat } from "../core/dtype.ts";
import { DTypeError, ShapeError, ValueError } from "../core/errors.ts";
import type { Op } from "../core/op.ts";
import { formatShape, type Shape, sameShape, sizeOf } from "../core/shape.ts";
import type { AnyShape, ClassesOrShares, Lost, Optional } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { TensorLike } from "../create.ts";
import { add } from "../ops/add.ts";
import { mean } from "../ops/mean.ts";
import { mul } from "../ops/mul.ts";
import { neg } from "../ops/neg.ts";
import { reshape } from "../ops/reshape.ts";
import { logSoftmax } from "../ops/softmax.ts";
import { sum } from "../ops/sum.ts";
import { weighted as product } from "../ops/weighted.ts";
import { where } from "../ops/where.ts";
import type { Tensor } from "../tensor.ts";
import {
  type ClassOptions,
  choose,
  classAxis,
  classOptions,
  classTarget,
  likelihoods,
  placeOf,
  refuseFractions,
  squeezeHint,
  weightOf,
} from "./classes.ts";
import { checkSetting } from "./pair.ts";
import { reduceTerms, reduceWeighted, reductionOf } from "./reduction.ts";

/** Options of {@link crossEntropy}. */
export interface CrossEntropyOptions extends ClassOptions {
  /** This share of each target, from 0 to 1, is spread evenly over all classes (Szegedy et al., 2016); 0 by default. */
  readonly labelSmoothing?: number;
}

/**
 * Cross entropy of a classifier: −log of the probability that the softmax of the logits gives to the right class, by
 * default its mean over all places.
 *
 * The classes lie on axis 1 (`[batch, classes]`, `[batch, classes, height, width]`), or on axis 0 of a vector. The
 * target says for each place either the class, as an int32 index, or the probability of each class. Logits of any size
 * are safe, −∞ included: a class with logit −∞ and a probability or weight of 0 counts for nothing (PyTorch: NaN).
 *
 * With `weight` or `ignoreIndex`, the mean over classes is over the weights of the right classes, those that are ignored having none; over probabilities, it is over the places.
 *
 * @param logits - a floating tensor with one axis or more: scores before the softmax.
 * @param target - int32 class indices, of the logits' shape without the class axis; or probabilities in a floating
 * tensor of the logits' shape (they need not add up to 1). Or numbers in arrays of either shape.
 * @param options - `reduction`: `"mean"` (over the places, not the classes), `"sum"` or `"none"`; `weight`, `ignoreIndex`, `labelSmoothing`.
 * @returns a scalar, or for `"none"` one value per place. The mean over no places is NaN.
 * @throws {@link IndexError} for a class that does not exist; {@link ShapeError} and {@link DTypeError} for a target or weight
 * that does not fit; {@link ValueError} for a NaN among the probabilities, an `ignoreIndex` beside probabilities, or an option out of range.
 * @example
 * const logits = tensor([[0, 0], [0, 1000]]);
 * crossEntropy(logits, tensor([0, 1], { dtype: "int32" }), { reduction: "sum" }).item().toFixed(4); // → 0.6931
 */
export function crossEntropy<
  P extends Tensor,
  T extends TensorLike,
  const O extends CrossEntropyOptions | undefined = undefined,
>(logits: P, target: T & ClassesOrShares<P, T>, options: Optional<O>): Tensor<Lost<AnyShape, O>>;
export function crossEntropy(logits: Tensor, target: TensorLike, options: CrossEntropyOptions = {}): Tensor {
  refuseMore("crossEntropy", arguments, 3);
  const reduction = reductionOf("crossEntropy", options, { ...classOptions, labelSmoothing: "number" });
  const { labelSmoothing = 0 } = options;
  checkSetting(
    "crossEntropy",
    "labelSmoothing",
    labelSmoothing,
    labelSmoothing >= 0 && labelSmoothing <= 1,
    "from 0 to 1",
  );
  const axis = classAxis("crossEntropy", logits, target);
  const own = classTarget("crossEntropy", target, logits, axis);
  if (own.dtype !== "int32") return reduceTerms(byProbability(logits, own, axis, options), reduction);
  const { terms, weights } = byClass(logits, own, axis, options);
  return reduceWeighted(terms, weights, reduction);
}

function byClass(
  logits: Tensor,
  target: Tensor,
  axis: number,
  options: CrossEntropyOptions,
): { readonly terms: Tensor; readonly weights: Tensor | null } {
  const places = placesOf(logits.shape, axis);
  if (!sameShape(target.shape, places)) {
    const isOneHot = sameShape(target.shape, logits.shape);
    const rows = 'for probabilities (or one-hot rows) use target.to("float32")';
    throw unfit(places, target, logits, isOneHot ? rows : squeezeHint(target, places, axis));
  }
  const chosen = choose("crossEntropy", logits, target, axis, options);
  const logs = logSoftmax(logits, axis);
  const terms = likelihoods(logs, axis, chosen);
  const { weights, isIgnored } = chosen;
  const { labelSmoothing = 0 } = options;
  if (labelSmoothing === 0) return { terms, weights };
  const all = neg(mean(weighted(logs, axis, weightOf("crossEntropy", options, logits, axis)), axis));
  const spread = isIgnored === null ? all : where(isIgnored, 0, all);
  return { terms: add(mul(terms, 1 - labelSmoothing), mul(spread, labelSmoothing)), weights };
}

function byProbability(logits: Tensor, target: Tensor, axis: number, options: CrossEntropyOptions): Tensor {
  const places = placesOf(logits.shape, axis);
  const indices = 'class indices must be int32: use target.to("int32")';
  if (!sameShape(target.shape, logits.shape)) {
    const isPlaces = sameShape(target.shape, places);
    if (isPlaces) refuseFractions("crossEntropy", target);
    throw unfit(places, target, logits, isPlaces ? indices : squeezeHint(target, places, axis));
  }
  if (!isFloat(target.dtype)) {
    throw new DTypeError("crossEntropy", "probabilities must be floating", target.dtype, 'use to("float32")');
  }
  const { ignoreIndex, labelSmoothing = 0 } = options;
  if (ignoreIndex !== undefined) {
    throw new ValueError("crossEntropy", "ignoreIndex is for targets of classes", `${ignoreIndex} with probabilities`);
  }
  const weight = weightOf("crossEntropy", options, logits, axis);
  const given = apply(probabilitiesOp, [target], undefined);
  const even = labelSmoothing / logits.shape[axis]!;
  const smooth = labelSmoothing === 0 ? given : add(mul(given, 1 - labelSmoothing), even);
  return neg(sum(product(smooth, weighted(logSoftmax(logits, axis), axis, weight)), axis));
}

/** Logarithms times the weights of their classes. */
function weighted(logs: Tensor, axis: number, weight: Tensor | undefined): Tensor {
  if (weight === undefined) return logs;
  const beside = logs.shape.map((n, i) => (i === axis ? n : 1));
  return product(reshape(weight, beside), logs);
}

function placesOf(shape: Shape, axis: number): Shape {
  return shape.filter((_, i) => i !== axis);
}

function unfit(places: Shape, target: Tensor, logits: Tensor, hint: string): ShapeError | DTypeError {
  const shape = formatShape(logits.shape);
  const either = `classes, int32${formatShape(places)}, or probabilities, ${logits.dtype}${shape}`;
  const rule = `for logits ${shape} the target must be ${either}`;
  const Kind = sameShape(target.shape, places) ? DTypeError : ShapeError;
  const isOne = logits.size === sizeOf(places) && logits.size > 0; // a softmax over one class is always 1
  const lead = isOne ? "of one logit for two classes, write bceWithLogits" : hint;
  return new Kind("crossEntropy", rule, `${target.dtype}${formatShape(target.shape)}`, lead);
}

/** Lets numbers through that are not NaN. */
export const probabilitiesOp: Op<undefined> = {
  name: "probabilities",
  shape: ([target]) => {
    const { values, shape } = target!;
    const nan = values.findIndex(Number.isNaN);
    if (nan < 0) return shape;
    throw new ValueError("crossEntropy", "probabilities must not be NaN", `NaN at ${placeOf(nan, shape)}`);
  },
  forward: "view",
  vjp: [({ g }) => g],
};
