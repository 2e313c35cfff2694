import { checkTensor } from "../core/apply.ts";
import { ShapeError } from "../core/errors.ts";
import { describe, sameShape } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import type { TensorLike } from "../create.ts";
import { abs } from "../ops/abs.ts";
import { clamp } from "../ops/clamp.ts";
import { eq } from "../ops/compare.ts";
import { div } from "../ops/div.ts";
import { max } from "../ops/max.ts";
import { mul } from "../ops/mul.ts";
import { over } from "../ops/over.ts";
import { spread } from "../ops/spread.ts";
import { sub } from "../ops/sub.ts";
import { sum } from "../ops/sum.ts";
import { where } from "../ops/where.ts";
import type { Tensor } from "../tensor.ts";
import { type MarginOptions, marginOptions } from "./hinge.ts";
import { besides, checkPair, checkSetting, inFloats } from "./pair.ts";
import { reduceTerms, reductionOf } from "./reduction.ts";
import { checkSigns } from "./signs.ts";

/** Added to squared lengths, as in PyTorch, so the cosine with a vector of zeros is 0. */
const eps = 1e-12;

/**
 * Loss for pairs of vectors: `1 − cosine` for pairs that belong together (target 1), and `max(0, cosine − margin)` for pairs that do not (target −1).
 *
 * @param a - vectors on the last axis; shape `[…, size]`.
 * @param b - of the same shape.
 * @param target - 1 or −1 for each pair, shape `[…]`, of any dtype.
 * @param options - `margin` (0 by default, sensibly up to 0.5), `reduction`.
 * @returns a scalar, or one term for each pair for `"none"`. The mean over no pairs is NaN.
 * @throws {@link ShapeError} if the shapes do not fit; {@link ValueError} for a target that is neither 1 nor −1, a margin outside of −1 to 1, or another reduction.
 * @example
 * cosineEmbedding(tensor([[1, 0], [1, 0]]), tensor([[0, 1], [2, 0]]), tensor([1, -1]), { reduction: "none" }).toArray(); // → [1, 1]
 */
export function cosineEmbedding(a: Tensor, b: Tensor, target: TensorLike, options: MarginOptions = {}): Tensor {
  const reduction = reductionOf("cosineEmbedding", options, marginOptions);
  refuseMore("cosineEmbedding", arguments, 4);
  const { margin = 0 } = options;
  checkSetting("cosineEmbedding", "margin", margin, margin >= -1 && margin <= 1, "from −1 to 1");
  checkTensor("cosineEmbedding", a);
  checkTensor("cosineEmbedding", b, 1);
  checkPair("cosineEmbedding", a, b);
  const own = besides("cosineEmbedding", "the target", target, a);
  if (a.shape.length === 0 || !sameShape(own.shape, a.shape.slice(0, -1))) {
    const rule = "needs vectors […, size] and a target […]";
    throw new ShapeError("cosineEmbedding", rule, `${describe(a)} and ${describe(own)}`);
  }
  const isTogether = eq(checkSigns("cosineEmbedding", own), 1);
  // Each vector is measured by its largest element, which the cosine does not depend on, and divided by its own length: so
  // vectors may have any size, and no product overflows or vanishes.
  const unit = (x: Tensor): Tensor => {
    if (x.size === 0) return x;
    const largest = max(abs(x.detach()), -1, { keepDims: true });
    const u = div(x, where(eq(largest, 0), 1, largest));
    return over(u, spread("cosineEmbedding", u, -1, { keepDims: true }, { divisor: 1, eps, isRoot: true }));
  };
  return inFloats([a, b], (x, y) => {
    const cosine = sum(mul(unit(x), unit(y)), -1);
    return reduceTerms(where(isTogether, sub(1, cosine), clamp(sub(cosine, margin), 0)), reduction);
  });
}
