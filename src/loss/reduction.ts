import { checkOptions, type OptionKinds } from "../core/options.ts";
import { runtime } from "../core/runtime.ts";
import { div } from "../ops/div.ts";
import { mean } from "../ops/mean.ts";
import { sum } from "../ops/sum.ts";
import type { Tensor } from "../tensor.ts";

/** What a loss makes of its terms: their mean, their sum, or all of them as they are. */
export type Reduction = "mean" | "sum" | "none";

/** Options that all losses have. */
export interface LossOptions {
  /** `"mean"` by default. */
  readonly reduction?: Reduction;
}

export const lossOptions: OptionKinds<LossOptions> = { reduction: ["mean", "sum", "none"] };

/** What PyTorch, once, and Keras call options of losses. */
const names = {
  sizeAverage: 'write reduction: "mean" or "sum"',
  reduce: 'write reduction: "mean", "sum" or "none"',
  logInput: "isLog",
};

/** Checks a loss's options, and gives the reduction that they ask for. */
export function reductionOf<T extends LossOptions>(op: string, options: T, kinds: OptionKinds<T>): Reduction {
  return checkOptions(op, options, kinds, { names }).reduction ?? "mean";
}

/** Reduces the terms of a loss. The mean of none is NaN. */
export function reduceTerms(terms: Tensor, reduction: Reduction): Tensor {
  if (reduction === "none") return terms;
  return reduction === "mean" ? mean(terms) : sum(terms);
}

/** The same, where the mean is over weights; null if all weigh 1. */
export function reduceWeighted(terms: Tensor, weights: Tensor | null, reduction: Reduction): Tensor {
  if (weights === null || reduction !== "mean") return reduceTerms(terms, reduction);
  return div(sum(terms), runtime.divisor?.(weights) ?? sum(weights));
}
