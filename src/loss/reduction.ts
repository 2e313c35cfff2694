import { ValueError } from "../core/errors.ts";
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

/** The reduction that was asked for, or the error that there is no such. */
export function reductionOf(op: string, { reduction = "mean" }: LossOptions): Reduction {
  if (reduction !== "mean" && reduction !== "sum" && reduction !== "none") {
    throw new ValueError(op, 'the reduction must be "mean", "sum" or "none"', String(reduction));
  }
  return reduction;
}

/** Reduces the terms of a loss. The mean of none is NaN. */
export function reduceTerms(terms: Tensor, reduction: Reduction): Tensor {
  if (reduction === "none") return terms;
  return reduction === "mean" ? mean(terms) : sum(terms);
}

/** The same, where the mean is over weights; null if all weigh 1. */
export function reduceWeighted(terms: Tensor, weights: Tensor | null, reduction: Reduction): Tensor {
  return weights === null || reduction !== "mean" ? reduceTerms(terms, reduction) : div(sum(terms), sum(weights));
}
