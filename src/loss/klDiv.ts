import { ValueError } from "../core/errors.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import type { Target } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { TensorLike } from "../create.ts";
import { eq } from "../ops/compare.ts";
import { div } from "../ops/div.ts";
import { exp } from "../ops/exp.ts";
import { log } from "../ops/log.ts";
import { mul } from "../ops/mul.ts";
import { sub } from "../ops/sub.ts";
import { sum } from "../ops/sum.ts";
import { weighted } from "../ops/weighted.ts";
import { where } from "../ops/where.ts";
import type { Tensor } from "../tensor.ts";
import { checkPair, inFloats } from "./pair.ts";
import { type Reduction, reduceTerms } from "./reduction.ts";

/** Options of {@link klDiv}. */
export interface KlDivOptions {
  /** `"batchMean"` (default): the sum divided by the size of the first axis, which is the divergence; `"mean"` of all elements, `"sum"`, `"none"`. */
  readonly reduction?: Reduction | "batchMean";
  /** Whether the target holds logarithms, too; false by default. */
  readonly isLogTarget?: boolean;
}

const klDivOptions: OptionKinds<KlDivOptions> = {
  reduction: ["batchMean", "mean", "sum", "none"],
  isLogTarget: "boolean",
};

/**
 * Kullback and Leibler's divergence of a distribution from the target's: `target (log target − logs)`. A target of 0 counts for nothing, beside a logarithm of −∞ too (PyTorch: NaN); a
 * probability of 0 for what the target holds possible costs ∞.
 *
 * Unlike PyTorch's, the default reduction is the one that gives the divergence of the formula.
 *
 * @param logs - logarithms of the predicted probabilities; a tensor with one axis or more.
 * @param target - probabilities of the same shape, or their logarithms.
 * @param options - `reduction`, `isLogTarget`.
 * @returns a scalar, or the terms in the logs' shape for `"none"`.
 * @throws {@link ShapeError} if the shapes differ; {@link ValueError} for another reduction, or `"batchMean"` of a scalar.
 * @example
 * const logs = log(tensor([[0.5, 0.5]]));
 * klDiv(logs, tensor([[1, 0]])).item().toFixed(4); // → 0.6931
 */
export function klDiv<P extends Tensor, T extends TensorLike>(
  logs: P,
  target: T & Target<P, T>,
  options?: KlDivOptions,
): Tensor;
export function klDiv(logs: Tensor, target: TensorLike, options: KlDivOptions = {}): Tensor {
  const { reduction = "batchMean", isLogTarget = false } = checkOptions("klDiv", options, klDivOptions, {
    names: { logTarget: "isLogTarget" },
  });
  refuseMore("klDiv", arguments, 3);
  const own = checkPair("klDiv", logs, target);
  return inFloats([logs, own], (l, t) => {
    const terms = isLogTarget ? weighted(exp(t), sub(finite(t), l)) : sub(entropy(t), weighted(t, l));
    if (reduction !== "batchMean") return reduceTerms(terms, reduction);
    const [batch] = logs.shape;
    if (batch === undefined) throw new ValueError("klDiv", '"batchMean" needs an axis', "a scalar", 'use "sum"');
    return div(sum(terms), batch);
  });
}

/** Logarithms, with 0 instead of that of a probability of 0, which counts for nothing. */
function finite(t: Tensor): Tensor {
  return where(eq(t, Number.NEGATIVE_INFINITY), 0, t);
}

/** t log t, which is 0 for 0. */
function entropy(t: Tensor): Tensor {
  const isZero = eq(t, 0);
  return where(isZero, 0, mul(t, log(where(isZero, 1, t))));
}
