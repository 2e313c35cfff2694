import type { OptionKinds } from "../core/options.ts";
import type { Target } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { TensorLike } from "../create.ts";
import { clamp } from "../ops/clamp.ts";
import { eq } from "../ops/compare.ts";
import { mul } from "../ops/mul.ts";
import { relu } from "../ops/relu.ts";
import { sub } from "../ops/sub.ts";
import { where } from "../ops/where.ts";
import type { Tensor } from "../tensor.ts";
import { checkPair, checkSetting, inFloats } from "./pair.ts";
import { type LossOptions, lossOptions, reduceTerms, reductionOf } from "./reduction.ts";
import { checkSigns } from "./signs.ts";

/** Options of losses with a margin. */
export interface MarginOptions extends LossOptions {
  /** How far apart is far enough. */
  readonly margin?: number;
}

export const marginOptions: OptionKinds<MarginOptions> = { ...lossOptions, margin: "number" };

/**
 * Hinge loss of support vector machines (Cortes and Vapnik, 1995): `max(0, margin − target · prediction)`.
 *
 * @param prediction - a score of any size; a tensor of any shape.
 * @param target - 1 or −1 for each, of the same shape and any dtype; a tensor, or numbers in arrays.
 * @param options - `margin` (1 by default), `reduction`.
 * @returns a scalar, or the terms in the prediction's shape for `"none"`. The mean over no elements is NaN. At the margin, the gradient is 0.
 * @throws {@link ShapeError} if the shapes differ; {@link ValueError} for a target that is neither 1 nor −1, or another reduction.
 * @example
 * hinge(tensor([0.5, -2, 3]), tensor([1, 1, 1]), { reduction: "none" }).toArray(); // → [0.5, 3, 0]
 */
export function hinge<P extends Tensor, T extends TensorLike>(
  prediction: P,
  target: T & Target<P, T>,
  options?: MarginOptions,
): Tensor;
export function hinge(prediction: Tensor, target: TensorLike, options: MarginOptions = {}): Tensor {
  const reduction = reductionOf("hinge", options, marginOptions);
  refuseMore("hinge", arguments, 3);
  const { margin = 1 } = options;
  checkSetting("hinge", "margin", margin, margin === margin, "a number");
  const signs = checkSigns("hinge", checkPair("hinge", prediction, target));
  return inFloats([prediction, signs], (p, t) => reduceTerms(relu(sub(margin, mul(t, p))), reduction));
}

/**
 * Loss for distances of pairs: the distance for pairs that belong together (target 1), and `max(0, margin − distance)` for pairs that do not (target −1).
 *
 * @param distance - a tensor of any shape.
 * @param target - 1 or −1 for each, of the same shape and any dtype; a tensor, or numbers in arrays.
 * @param options - `margin` (1 by default), `reduction`.
 * @returns a scalar, or the terms in the distance's shape for `"none"`. The mean over no elements is NaN. At the margin, the gradient is that of the inside, as in PyTorch.
 * @throws {@link ShapeError} if the shapes differ; {@link ValueError} for a target that is neither 1 nor −1, or another reduction.
 * @example
 * hingeEmbedding(tensor([0.5, 0.25, 3]), tensor([1, -1, -1]), { reduction: "none" }).toArray(); // → [0.5, 0.75, 0]
 */
export function hingeEmbedding<P extends Tensor, T extends TensorLike>(
  distance: P,
  target: T & Target<P, T>,
  options?: MarginOptions,
): Tensor;
export function hingeEmbedding(distance: Tensor, target: TensorLike, options: MarginOptions = {}): Tensor {
  const reduction = reductionOf("hingeEmbedding", options, marginOptions);
  refuseMore("hingeEmbedding", arguments, 3);
  const { margin = 1 } = options;
  checkSetting("hingeEmbedding", "margin", margin, margin === margin, "a number");
  const own = checkPair("hingeEmbedding", distance, target);
  const isTogether = eq(checkSigns("hingeEmbedding", own), 1);
  return inFloats([distance, own], (d, _) => reduceTerms(where(isTogether, d, clamp(sub(margin, d), 0)), reduction));
}
