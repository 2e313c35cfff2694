import type { Estimate } from "./estimate.ts";
import type { Measure } from "./search.ts";
import type { Task } from "./task.ts";

/** After so many times at about one width, it is looked whether that is enough. */
const stages = [10, 40, 160] as const;

/** With so many, no more are tried. */
export const mostEstimates = stages[2];

/** So many widths, the best, are tried with more than the first number of estimates. */
const mostFollowed = 2;

/** The error bar of a mean, in standard errors of it. */
const deviations = 4;

/** f must move by so many of its roundings over the steps: else they need not be as good as random. */
const leastMoved = 16;

/** Of what rounding limits. */
export interface Limits {
  /** How many times what rounding makes of it an error bar may be. */
  readonly most: number;
  /** The share of error bars that may be larger. */
  readonly outliers: number;
}

/** Estimates with steps of about one width, but never the same, and their mean. */
export class Mean {
  readonly #measure: Measure;
  readonly #unit: number;
  readonly #limits: Limits;
  readonly #known = new Map<number, Estimate>();
  #count = 0;
  #outliers = 0;
  readonly asked: number;

  /**
   * @param unit - one rounding of f.
   */
  constructor(measure: Measure, asked: number, unit: number, limits: Limits) {
    this.#measure = measure;
    this.asked = asked;
    this.#unit = unit;
    this.#limits = limits;
  }

  /**
   * The mean of so many: where rounding alone makes their error bars, it makes each of them another one, and most of it cancels. Of
   * formulas of several orders, the one that is known best is taken: its error bar comes from the scatter, and from how far the next
   * order is away on average. Null where rounding is not what limits them.
   */
  *of(count: number): Task<Estimate | null> {
    for (; this.#count < count; this.#count++) {
      const own = yield* this.#measure(this.asked, this.#count);
      if (own === null || own.swing * own.size < leastMoved * this.#unit) return null;
      if (own.error > this.#limits.most * own.floor && ++this.#outliers > this.#limits.outliers * count) return null;
      this.#known.set(own.size, own);
    }
    return meanOf([...this.#known.values()]);
  }
}

/**
 * The first mean that is good enough: at each of some widths of a few estimates, then of more at the widths where those give the smallest
 * error bars, if more can be enough.
 *
 * @param suffices - whether a mean is good enough; may ask for others.
 * @param wanted - an error bar that would be small enough.
 * @param isPatient - whether to take more than a few.
 */
export function* averaged<T>(
  means: readonly Mean[],
  suffices: (mean: Estimate, count: number) => Task<T | null>,
  wanted: (mean: Estimate) => number,
  isPatient: boolean,
): Task<T | null> {
  const hopeful: { readonly mean: Mean; readonly share: number }[] = [];
  for (const mean of means) {
    const first = yield* mean.of(stages[0]);
    if (first === null) continue;
    const found = yield* suffices(first, stages[0]);
    if (found !== null) return found;
    hopeful.push({ mean, share: first.error / wanted(first) });
  }
  // The error falls with the square root of the count; what is more by chance may be less later.
  const most = 2 * Math.sqrt(mostEstimates / stages[0]);
  const best = hopeful.filter(({ share }) => share <= most).sort((a, b) => a.share - b.share);
  for (const stage of isPatient ? stages.slice(1) : []) {
    for (const { mean } of best.slice(0, mostFollowed)) {
      const own = yield* mean.of(stage);
      const found = own === null ? null : yield* suffices(own, stage);
      if (found !== null) return found;
    }
  }
  return null;
}

function meanOf(all: readonly Estimate[]): Estimate {
  const mean = (of: (own: Estimate) => number): number => all.reduce((sum, own) => sum + of(own), 0) / all.length;
  const values = all[0]!.orders.map((_, k) => mean(({ orders }) => orders[k]!));
  const errors = values.map((value, k) => {
    const scatter = Math.sqrt(mean(({ orders }) => (orders[k]! - value) ** 2) / (all.length - 1));
    const next = Math.min(k + 1, values.length - 1);
    return deviations * scatter + Math.abs(values[next]! - values[next - 1]!);
  });
  const error = Math.min(...errors);
  return { ...all[0]!, value: values[errors.indexOf(error)]!, error };
}
