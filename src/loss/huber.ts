import type { Lost, Optional, ShapeOf, Target } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { TensorLike } from "../create.ts";
import { abs } from "../ops/abs.ts";
import { clamp } from "../ops/clamp.ts";
import { mul } from "../ops/mul.ts";
import { sub } from "../ops/sub.ts";
import type { Tensor } from "../tensor.ts";
import { checkPair, checkSetting, inFloats } from "./pair.ts";
import { type LossOptions, lossOptions, reduceTerms, reductionOf } from "./reduction.ts";

/** Options of {@link huber}. */
export interface HuberOptions extends LossOptions {
  /** Where squared error turns into absolute error; above 0, 1 by default. */
  readonly delta?: number;
}

/** Options of {@link smoothL1}. */
export interface SmoothL1Options extends LossOptions {
  /** Where squared error turns into absolute error; 0 or more, 1 by default. With 0, it is {@link l1}. */
  readonly beta?: number;
}

/**
 * Huber's loss (1964): half the squared error up to `delta`, and beyond `delta (|error| − delta/2)`, whose gradient does not grow: outliers count less than
 * in {@link mse}.
 *
 * @param prediction - a tensor of any shape.
 * @param target - of the same shape, of any dtype; a tensor, or numbers in arrays. Gradients flow to both.
 * @param options - `delta`, `reduction`.
 * @returns a scalar, or the terms in the prediction's shape for `"none"`. The mean over no elements is NaN.
 * @throws {@link ShapeError} if the shapes differ; {@link ValueError} for a delta that is not above 0, or another reduction.
 * @example
 * huber(tensor([0, 0]), tensor([1, 3]), { reduction: "none" }).toArray(); // → [0.5, 2.5]
 */
export function huber<P extends Tensor, T extends TensorLike, const O extends HuberOptions | undefined = undefined>(
  prediction: P,
  target: T & Target<P, T>,
  options: Optional<O>,
): Tensor<Lost<ShapeOf<P>, O>>;
export function huber(prediction: Tensor, target: TensorLike, options: HuberOptions = {}): Tensor {
  const reduction = reductionOf("huber", options, { ...lossOptions, delta: "number" });
  refuseMore("huber", arguments, 3);
  const { delta = 1 } = options;
  checkSetting("huber", "delta", delta, delta > 0, "a number above 0");
  const own = checkPair("huber", prediction, target);
  return inFloats([prediction, own], (p, t) => reduceTerms(bent(p, t, delta), reduction));
}

/**
 * {@link huber} divided by its threshold: `error²/(2 beta)` up to `beta`, and `|error| − beta/2` beyond.
 *
 * @param prediction - a tensor of any shape.
 * @param target - of the same shape, of any dtype; a tensor, or numbers in arrays. Gradients flow to both.
 * @param options - `beta`, `reduction`.
 * @returns a scalar, or the terms in the prediction's shape for `"none"`. The mean over no elements is NaN.
 * @throws {@link ShapeError} if the shapes differ; {@link ValueError} for a beta below 0, or another reduction.
 * @example
 * smoothL1(tensor([0, 0]), tensor([1, 3]), { beta: 2, reduction: "none" }).toArray(); // → [0.25, 2]
 */
export function smoothL1<
  P extends Tensor,
  T extends TensorLike,
  const O extends SmoothL1Options | undefined = undefined,
>(prediction: P, target: T & Target<P, T>, options: Optional<O>): Tensor<Lost<ShapeOf<P>, O>>;
export function smoothL1(prediction: Tensor, target: TensorLike, options: SmoothL1Options = {}): Tensor {
  const reduction = reductionOf("smoothL1", options, { ...lossOptions, beta: "number" });
  refuseMore("smoothL1", arguments, 3);
  const { beta = 1 } = options;
  checkSetting("smoothL1", "beta", beta, beta >= 0, "a number from 0 on");
  const own = checkPair("smoothL1", prediction, target);
  return inFloats([prediction, own], (p, t) => {
    if (beta === 0) return reduceTerms(abs(sub(p, t)), reduction);
    return reduceTerms(mul(bent(p, t, beta), 1 / beta), reduction);
  });
}

/** With c the error, but from −t to t: c (error − c/2), which is error²/2 up to t, and t (|error| − t/2) beyond; with no square that overflows. */
function bent(prediction: Tensor, target: Tensor, threshold: number): Tensor {
  const error = sub(prediction, target);
  const near = clamp(error, -threshold, threshold);
  return mul(near, sub(error, mul(near, 0.5)));
}
