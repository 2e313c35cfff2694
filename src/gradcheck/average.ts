import type { Estimate } from "./estimate.ts";
import type { Measure } from "./search.ts";
import type { Task } from "./task.ts";

/** After so many times at about one width, it is looked whether that is enough. */
const stages = [10, 40, 160] as const;

/** The error bar of a mean, in standard errors of it. */
const deviations = 4;

/** f must move by so many of its roundings over the steps: else they need not be as good as random. */
const leastMoved = 16;

/** Estimates with steps of about one width, but never the same, and their mean. */
export class Mean {
  readonly #measure: Measure;
  readonly #unit: number;
  readonly #most: number;
  readonly #known = new Map<number, Estimate>();
  #count = 0;
  readonly asked: number;

  /**
   * @param unit - one rounding of f.
   * @param most - how many times what rounding makes of it an error bar may be.
   */
  constructor(measure: Measure, asked: number, unit: number, most: number) {
    this.#measure = measure;
    this.asked = asked;
    this.#unit = unit;
    this.#most = most;
  }

  /**
   * The mean of so many: where rounding alone makes their error bars, it makes each of them another one, and most of it cancels. Of
   * formulas of several orders, the one that is known best is taken: its error bar comes from the scatter, and from how far the next
   * order is away on average. Null where rounding is not what limits them.
   */
  *of(count: number): Task<Estimate | null> {
    for (; this.#count < count; this.#count++) {
      const own = yield* this.#measure(this.asked, this.#count);
      if (own === null || own.error > this.#most * own.floor || own.swing * own.size < leastMoved * this.#unit)
        return null;
      this.#known.set(own.size, own);
    }
    return meanOf([...this.#known.values()]);
  }
}

/**
 * The first mean that is good enough: at each of some widths of a few estimates, then of more at the width where that gives the smallest
 * error bar, as long as more can be enough.
 *
 * @param suffices - whether a mean is good enough; may ask for others.
 * @param wanted - an error bar that would be small enough.
 */
export function* averaged<T>(
  means: readonly Mean[],
  suffices: (mean: Estimate, count: number) => Task<T | null>,
  wanted: (mean: Estimate) => number,
): Task<T | null> {
  let best: Mean | null = null;
  let error = Number.POSITIVE_INFINITY;
  for (const mean of means) {
    const first = yield* mean.of(stages[0]);
    if (first === null) continue;
    const found = yield* suffices(first, stages[0]);
    if (found !== null) return found;
    const share = first.error / wanted(first);
    if (share < error) [best, error] = [mean, share];
  }
  for (const stage of stages.slice(1)) {
    // The error falls with the square root of the count; what is more by chance may be less later.
    if (best === null || error > 2 * Math.sqrt(stages.at(-1)! / stages[0])) return null;
    const mean = yield* best.of(stage);
    const found = mean === null ? null : yield* suffices(mean, stage);
    if (mean === null || found !== null) return found;
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
