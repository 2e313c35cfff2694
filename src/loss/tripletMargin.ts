import { checkTensor } from "../core/apply.ts";
import { ShapeError } from "../core/errors.ts";
import type { OptionKinds } from "../core/options.ts";
import { describe } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import { add } from "../ops/add.ts";
import { clamp } from "../ops/clamp.ts";
import { minimum } from "../ops/maximum.ts";
import { norm } from "../ops/norm.ts";
import { sub } from "../ops/sub.ts";
import type { Tensor } from "../tensor.ts";
import { type MarginOptions, marginOptions } from "./hinge.ts";
import { checkPair, checkSetting, inFloats } from "./pair.ts";
import { reduceTerms, reductionOf } from "./reduction.ts";

/** Options of {@link tripletMargin}. */
export interface TripletMarginOptions extends MarginOptions {
  /** Which norm measures distances; 2 by default. */
  readonly p?: number;
  /** Added to differences, so the gradient of a distance of 0 exists; 1e-6 by default. */
  readonly eps?: number;
  /** Whether the positive's distance from the negative counts if it is smaller than the anchor's (Balntas et al., 2016); false by default. */
  readonly swap?: boolean;
}

const tripletOptions: OptionKinds<TripletMarginOptions> = {
  ...marginOptions,
  p: "number",
  eps: "number",
  swap: "boolean",
};

/**
 * For triples of vectors: `max(0, |anchor − positive| − |anchor − negative| + margin)`, so what belongs together comes to lie closer than what does not
 * (Schroff et al., 2015).
 *
 * @param anchor - vectors on the last axis; shape `[…, size]`.
 * @param positive - what belongs to the anchors, of the same shape.
 * @param negative - what does not, of the same shape.
 * @param options - `margin` (1 by default), `p`, `eps`, `swap`, `reduction`.
 * @returns a scalar, or one term for each triple for `"none"`. The mean over no triples is NaN.
 * @throws {@link ShapeError} if the shapes differ or have no axis; {@link ValueError} for an option out of range.
 * @example
 * tripletMargin(tensor([[0, 0]]), tensor([[0, 3]]), tensor([[4, 0]]), { eps: 0 }).item(); // → 0
 */
export function tripletMargin(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options: TripletMarginOptions = {},
): Tensor {
  const reduction = reductionOf("tripletMargin", options, tripletOptions);
  refuseMore("tripletMargin", arguments, 4);
  const { margin = 1, p = 2, eps = 1e-6, swap = false } = options;
  checkSetting("tripletMargin", "margin", margin, margin === margin, "a number");
  checkSetting("tripletMargin", "p", p, p > 0, "a number above 0");
  checkSetting("tripletMargin", "eps", eps, eps >= 0, "a number from 0 on");
  for (const [i, x] of [anchor, positive, negative].entries()) checkTensor("tripletMargin", x, i);
  checkPair("tripletMargin", anchor, positive);
  checkPair("tripletMargin", anchor, negative);
  if (anchor.shape.length === 0) throw new ShapeError("tripletMargin", "needs vectors […, size]", describe(anchor));
  const distance = (a: Tensor, b: Tensor): Tensor => norm(add(sub(a, b), eps), p, -1);
  return inFloats([anchor, positive, negative], (a, p, n) => {
    const far = distance(a, n);
    const nearest = swap ? minimum(far, distance(p, n)) : far;
    return reduceTerms(clamp(sub(add(distance(a, p), margin), nearest), 0), reduction);
  });
}
