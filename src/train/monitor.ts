import { ValueError } from "../core/errors.ts";
import { nearestOf } from "../core/options.ts";
import type { Run } from "./callbacks.ts";
import { type EpochRecord, monitored } from "./history.ts";

/** What to look at, and which way is better. */
export interface MonitorOptions {
  /** The number of the epoch: `"validation.loss"` by default; `"loss"`, or a metric such as `"validation.accuracy"`. */
  readonly monitor?: string;
  /**
   * Whether it should become small, `"min"`, or large, `"max"`. Leave it out for losses, the metrics of this module, your own that say `higherIsBetter`, and those whose name says it: they end in
   * `loss` or `error`, or are called `accuracy`, `recall`, `mae` and the like. For others it must be given.
   */
  readonly mode?: "min" | "max";
}

/** The best number of an epoch so far. */
export class Best {
  readonly monitor: string;
  /** The best number; null before the first one. */
  value: number | null = null;
  readonly #op: string;
  readonly #mode: "min" | "max" | undefined;

  constructor(op: string, { monitor = "validation.loss", mode }: MonitorOptions) {
    this.#op = op;
    this.monitor = monitor;
    this.#mode = mode;
  }

  /** What it is saved as: the best loss is no best accuracy. */
  get key(): string {
    return `best.${this.monitor}`;
  }

  /** Refuses, before the first step, what the epochs' records will not have, and what has no direction. */
  check(run: Run): void {
    const names = ["loss", "lr", ...Object.keys(run.metrics)];
    if (run.hasValidation) names.push(...names.filter((name) => name !== "lr").map((name) => `validation.${name}`));
    if (!names.includes(this.monitor)) {
      const hint = hintFor(this.monitor, names, run.hasValidation);
      throw new ValueError(this.#op, `monitor must be one of ${names.join(", ")}`, this.monitor, hint);
    }
    this.#sign(run);
  }

  /** Whether this epoch is better by more than that. NaN is not. */
  take(epoch: EpochRecord, run: Run, minDelta: number): boolean {
    const sign = this.#sign(run);
    const value = sign * monitored(this.#op, epoch, this.monitor);
    const best = this.value === null ? Number.NEGATIVE_INFINITY : sign * this.value;
    if (!(value > best + minDelta) || value === Number.NEGATIVE_INFINITY) return false;
    this.value = sign * value;
    return true;
  }

  #sign(run: Run): 1 | -1 {
    const name = this.monitor.replace(/^validation\./, "");
    const metric = Object.hasOwn(run.metrics, name) ? run.metrics[name] : undefined;
    const declared = name === "loss" ? false : metric?.higherIsBetter;
    const mode = this.#mode;
    if (declared !== undefined && mode !== undefined && declared !== (mode === "max")) {
      const rule = `of ${this.monitor}, ${declared ? "more" : "less"} is better`;
      throw new ValueError(this.#op, rule, `mode "${mode}"`, "leave mode out");
    }
    const isUp = declared ?? (mode === undefined ? directionOf(name) : mode === "max");
    if (isUp !== undefined) return isUp ? 1 : -1;
    const hint = `write mode: "max" if more of it is better, "min" if less; or put higherIsBetter on the metric`;
    throw new ValueError(this.#op, `mode must be given for ${this.monitor}`, "none", hint);
  }
}

/** What an unknown name most likely stands for: `val_loss` and `valLoss` are what others call `validation.loss`. */
function hintFor(name: string, names: readonly string[], hasValidation: boolean): string {
  const own = name.replace(/^(val|Val|VAL)(id(ation)?)?([^A-Za-z0-9]+|(?=[A-Z]))/, "");
  if (own === name) {
    const near = nearestOf(name, names);
    return near === undefined ? "" : `did you mean ${near}?`;
  }
  const ofTraining = names.filter((other) => other !== "lr" && !other.startsWith("validation."));
  const near = nearestOf(own, ofTraining);
  if (near === undefined) return "";
  return hasValidation ? `did you mean validation.${near}?` : `pass validation to fit, or { monitor: "${near}" }`;
}

const up =
  /^(top\d*|topk|binary|balanced|sparse|categorical|mean|macro|micro)*(accuracy|acc|precision|recall|sensitivity|specificity|f1|f1score|fscore|auc|auroc|rocauc|aucroc|prauc|r2|r2score|iou|dice|bleu|rouge|psnr|ssim)$/;
const down = /(loss|error|^(mae|mse|rmse|mape|nll|bce|perplexity))$/;

/** Whether more is better, as far as a metric's name says. */
function directionOf(name: string): boolean | undefined {
  const word = name
    .toLowerCase()
    .replace(/²/g, "2")
    .replace(/[^a-z0-9]/g, "");
  if (down.test(word)) return false;
  return up.test(word) ? true : undefined;
}
