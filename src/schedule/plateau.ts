import { refuseProxy } from "../core/arguments.ts";
import { textOf, ValueError } from "../core/errors.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import { isTensor } from "../core/runtime.ts";
import { refuseMore } from "../core/surplus.ts";
import { inspectable } from "../format.ts";
import { restoreState, type StateDict, snapshotState } from "../state.ts";
import type { Tensor } from "../tensor.ts";
import { checkScheduled, type Scheduled, scalar, setRate } from "./schedule.ts";

/** Options of {@link ReduceOnPlateau}. */
export interface ReduceOnPlateauOptions {
  /** Whether the metric should become small, as a loss, or large, as a score: `"min"` by default, or `"max"`. */
  readonly mode?: "min" | "max";
  /** What the rates are multiplied by; from 0 to below 1, 0.1 by default. */
  readonly factor?: number;
  /** How many steps without improvement are borne; 10 by default. */
  readonly patience?: number;
  /** How much better than the best counts as improvement; 0.0001 by default. */
  readonly threshold?: number;
  /** Whether `threshold` is a share of the best's magnitude, `"rel"` by default, or a difference from it, `"abs"`. */
  readonly thresholdMode?: "rel" | "abs";
  /** How many steps after a reduction are not counted; 0 by default. */
  readonly cooldown?: number;
  /** The lowest rate; 0 by default. */
  readonly minLr?: number;
  /** A reduction by less than this is not made; 1e-8 by default. */
  readonly eps?: number;
}

/**
 * Lowers the learning rates of an optimizer when a metric no longer improves. PyTorch's `ReduceLROnPlateau`, except for metrics below 0: a relative threshold is a share of
 * the best's magnitude, so a loss of −1.5 is better than one of −1. (PyTorch's is a share of the best itself, which takes −1 for better than −1 again.)
 *
 * @example
 * const optimizer = new SGD([tensor([1], { requiresGrad: true })], { lr: 0.5 });
 * const schedule = new ReduceOnPlateau(optimizer, { patience: 1 });
 * const rates = [1, 0.9, 0.9, 0.9, 0.9].map((loss) => {
 *   schedule.step(loss);
 *   return optimizer.lr;
 * });
 * rates; // → [0.5, 0.5, 0.5, 0.05, 0.05]
 */
export class ReduceOnPlateau extends /* @__PURE__ */ inspectable() {
  /** The optimizer whose rates it moves. */
  readonly optimizer: Scheduled;
  readonly #options: Required<ReduceOnPlateauOptions>;
  readonly #best: Tensor;
  readonly #bad = scalar(0);
  readonly #cooldown = scalar(0);

  /**
   * @param optimizer - whose rates to lower.
   * @param options - see {@link ReduceOnPlateauOptions}.
   * @throws {@link ValueError} for anything that is not an optimizer, and for an option that is out of range or unknown.
   */
  constructor(optimizer: Scheduled, options: ReduceOnPlateauOptions = {}) {
    super();
    checkScheduled("ReduceOnPlateau", optimizer, "{ … }");
    this.optimizer = optimizer;
    this.#options = { ...defaults, ...checkOptions("ReduceOnPlateau", options, kinds) };
    refuseMore("ReduceOnPlateau", arguments, 2);
    checkRanges(this.#options);
    this.#best = scalar(this.#options.mode === "min" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY);
  }

  /** Whether the metric should become small or large. */
  get mode(): "min" | "max" {
    return this.#options.mode;
  }

  /** `ReduceOnPlateau(best 0.9, 2 of 10 bad steps)`. */
  override toString(): string {
    return `ReduceOnPlateau(best ${this.#best.item()}, ${this.#bad.item()} of ${this.#options.patience} bad steps)`;
  }

  /**
   * Takes the metric in, and lowers the rates if it has been no better for more than `patience` steps.
   *
   * @param metric - a number, or a tensor with one element; NaN counts as no improvement, and never as the best.
   * @throws {@link ValueError} for anything else.
   */
  step(metric: number | Tensor): void {
    refuseMore("ReduceOnPlateau.step", arguments, 1);
    refuseProxy("ReduceOnPlateau.step", #best in this);
    const value = typeof metric === "number" ? metric : isTensor(metric) ? metric.item() : undefined;
    if (value === undefined) {
      const hint = "write step(loss), a number or a tensor with one element";
      throw new ValueError("ReduceOnPlateau.step", "needs the metric", textOf(metric), hint);
    }
    const { factor, patience, cooldown, minLr, eps } = this.#options;
    const isBetter = this.#isBetter(value);
    const rest = this.#cooldown.item();
    const bad = isBetter || rest > 0 ? 0 : this.#bad.item() + 1;
    const isOver = bad > patience;
    if (isOver) {
      for (const group of this.optimizer.groups) {
        const before = group.lr.item();
        const after = Math.max(before * factor, minLr);
        if (before - after > eps) setRate(group, after);
      }
    }
    if (isBetter) this.#best.assign(value);
    this.#bad.assign(isOver ? 0 : bad);
    this.#cooldown.assign(isOver ? cooldown : Math.max(rest - 1, 0));
  }

  /**
   * The best metric, and the counts of bad and of uncounted steps: `best`, `bad`, `cooldown`. The rates are in the optimizer's state.
   *
   * @returns snapshots, as those of {@link Layer.stateDict}.
   */
  stateDict(): Map<string, Tensor> {
    refuseMore("ReduceOnPlateau.stateDict", arguments, 0);
    refuseProxy("ReduceOnPlateau.stateDict", #best in this);
    return snapshotState(this.#entries());
  }

  /**
   * Goes on from where another stood that was made with the same options.
   *
   * @param state - tensors by name, in a Map or a plain object, as {@link ReduceOnPlateau.stateDict} returns them.
   * @throws {@link StateError} naming what does not fit, {@link ValueError} for numbers out of range: then nothing has changed.
   */
  loadStateDict(state: StateDict, ...extra: readonly never[]): void {
    refuseProxy("ReduceOnPlateau.loadStateDict", #best in this);
    const check = (name: string, x: Tensor): void => {
      const value = x.item();
      if (name === "best" ? !Number.isNaN(value) : Number.isSafeInteger(value) && value >= 0) return;
      const rule = name === "best" ? "a number" : "a whole number, 0 or more";
      throw new ValueError("ReduceOnPlateau.loadStateDict", `${name} must be ${rule}`, String(value));
    };
    restoreState("ReduceOnPlateau.loadStateDict", this.#entries(), state, check, extra);
  }

  #isBetter(value: number): boolean {
    const { mode, threshold, thresholdMode } = this.#options;
    const sign = mode === "min" ? -1 : 1;
    const best = this.#best.item();
    // Beyond the first metric, or an infinite one, there is no share of the best to ask for.
    if (!Number.isFinite(best)) return sign * value > sign * best;
    const wanted = thresholdMode === "rel" ? best * (1 + sign * Math.sign(best) * threshold) : best + sign * threshold;
    return sign * value > sign * wanted;
  }

  #entries(): [string, Tensor][] {
    return [
      ["best", this.#best],
      ["bad", this.#bad],
      ["cooldown", this.#cooldown],
    ];
  }
}

const defaults = {
  mode: "min",
  factor: 0.1,
  patience: 10,
  threshold: 1e-4,
  thresholdMode: "rel",
  cooldown: 0,
  minLr: 0,
  eps: 1e-8,
} as const;

const kinds: OptionKinds<ReduceOnPlateauOptions> = {
  mode: ["min", "max"],
  factor: "number",
  patience: "number",
  threshold: "number",
  thresholdMode: ["rel", "abs"],
  cooldown: "number",
  minLr: "number",
  eps: "number",
};

function checkRanges(options: Required<ReduceOnPlateauOptions>): void {
  const rules = {
    factor: [options.factor >= 0 && options.factor < 1, "from 0 to below 1"],
    patience: [Number.isSafeInteger(options.patience) && options.patience >= 0, "a whole number, 0 or more"],
    threshold: [options.threshold >= 0, "0 or more"],
    cooldown: [Number.isSafeInteger(options.cooldown) && options.cooldown >= 0, "a whole number, 0 or more"],
    minLr: [options.minLr >= 0, "0 or more"],
    eps: [options.eps >= 0, "0 or more"],
  } as const;
  for (const [name, [isFine, rule]] of Object.entries(rules)) {
    if (isFine) continue;
    throw new ValueError("ReduceOnPlateau", `${name} must be ${rule}`, textOf(options[name as keyof typeof rules]));
  }
}
