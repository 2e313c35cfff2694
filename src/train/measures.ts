import { noGrad } from "../core/apply.ts";
import { textOf, ValueError } from "../core/errors.ts";
import { cat } from "../ops/cat.ts";
import type { Tensor } from "../tensor.ts";
import type { Accumulator, Metric } from "./metric.ts";

/** The loss and metrics of an epoch, or of a validation, added up batch by batch. */
export class Measures {
  /** The sum of the samples' losses. */
  loss = 0;
  /** How many samples there were. */
  count = 0;
  /** What metrics add up, by name. */
  readonly sums = new Map<string, Accumulator>();
  /** Outputs and targets: none, unless a metric is a function of all of them. */
  readonly kept: [outputs: Tensor, targets: Tensor][] = [];
  readonly #whole: (readonly [name: string, metric: (outputs: Tensor, targets: Tensor) => number])[] = [];
  readonly #names: readonly string[];

  constructor(metrics: { readonly [name: string]: Metric }) {
    this.#names = Object.keys(metrics);
    for (const [name, metric] of Object.entries(metrics)) {
      if ("start" in metric) this.sums.set(name, started(name, metric.start()));
      else this.#whole.push([name, metric]);
    }
  }

  add(loss: number, outputs: Tensor, targets: Tensor): void {
    const size = targets.shape[0] ?? 1;
    this.loss += loss * size;
    this.count += size;
    noGrad(() => {
      for (const sum of this.sums.values()) sum.add(outputs, targets);
    });
    if (this.#whole.length > 0) this.kept.push([outputs.detach(), targets.detach()]); // whoever made the batch may assign to it again
  }

  measure(): { loss: number; metrics: Record<string, number> } {
    const values = new Map<string, unknown>();
    for (const [name, sum] of this.sums) values.set(name, sum.value());
    if (this.kept.length > 0) {
      const [outputs, targets] = [0, 1].map((i) => noGrad(() => cat(this.kept.map((pair) => pair[i]!))));
      noGrad(() => {
        for (const [name, metric] of this.#whole) values.set(name, metric(outputs!, targets!));
      });
    }
    const metrics: Record<string, number> = {};
    for (const name of this.#names) {
      const value = values.has(name) ? values.get(name) : Number.NaN;
      if (typeof value !== "number") {
        const isPromise = typeof (value as PromiseLike<unknown> | null | undefined)?.then === "function";
        const hint = isPromise
          ? "no metric is waited for: make it a function that is not async"
          : "write .item() of a tensor";
        throw new ValueError("fit", `metrics.${name} must return a number`, textOf(value), hint);
      }
      metrics[name] = value;
    }
    return { loss: this.loss / this.count, metrics };
  }
}

function started(name: string, sum: Accumulator): Accumulator {
  if (typeof sum?.add === "function" && typeof sum.value === "function") return sum;
  throw new ValueError("fit", `metrics.${name}.start() must return { add, value }`, textOf(sum));
}
