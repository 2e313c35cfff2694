import type { Estimate } from "./estimate.ts";
import { isRounded, type Measure } from "./search.ts";
import type { Task } from "./task.ts";

/** After so many times at about one width, it is looked whether that is enough. */
const stages = [10, 20, 40] as const;

/** The error bar of a mean, in standard errors of it. */
const deviations = 4;

/** f must move by so many of its roundings over the steps: else they need not be as good as random. */
const leastMoved = 16;

/**
 * The mean of estimates with steps of about one width, but never the same: where rounding alone makes their error bars, it makes each of them
 * another one, and most of it cancels. Of formulas of several orders, the one that is known best is taken: its error bar comes from the
 * scatter, and from how far the next order is away on average. Null where rounding is not what limits them, or the mean is not good enough.
 *
 * @param unit - one rounding of f.
 */
export function* averaged(
  measure: Measure,
  asked: number,
  unit: number,
  suffices: (mean: Estimate) => boolean,
): Task<Estimate | null> {
  const known = new Map<number, Estimate>();
  let variant = 0;
  for (const stage of stages) {
    for (; variant < stage; variant++) {
      const own = yield* measure(asked, variant);
      if (own === null || !isRounded(own) || own.swing * own.size < leastMoved * unit) return null;
      known.set(own.size, own);
    }
    const mean = meanOf([...known.values()]);
    if (suffices(mean)) return mean;
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
