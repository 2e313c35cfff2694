import { noGrad } from "../core/apply.ts";
import { type FloatDType, floatDtypes, isFloat } from "../core/dtype.ts";
import { DTypeError, ShapeError, ValueError } from "../core/errors.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import { describe } from "../core/shape.ts";
import type { Input, Keeps, Output } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import { ones, zeros } from "../create.ts";
import { add } from "../ops/add.ts";
import { centre } from "../ops/centre.ts";
import { div } from "../ops/div.ts";
import { mean } from "../ops/mean.ts";
import { mul } from "../ops/mul.ts";
import { over } from "../ops/over.ts";
import { spread } from "../ops/spread.ts";
import { sqrt } from "../ops/sqrt.ts";
import { sub } from "../ops/sub.ts";
import type { Tensor } from "../tensor.ts";
import { checkInput, checkSizes } from "./doors.ts";
import { perChannel } from "./groupNorm.ts";
import { Layer } from "./layer.ts";
import { checkEps, normNames, overSpread } from "./layerNorm.ts";

/** Options of {@link BatchNorm1d}, {@link InstanceNorm1d}, and those of more axes. */
export interface BatchNormOptions {
  /** Added to the variance; 1e-5 by default. */
  readonly eps?: number;
  /** How much of a batch's statistics goes into the running ones, from 0 to 1; 0.1 by default. Null: the running ones are the mean over all batches. */
  readonly momentum?: number | null;
  /** Whether scale and shift are learned; by default, batch normalization does and instance normalization does not, as in PyTorch. */
  readonly affine?: boolean;
  /** Whether running statistics are kept, and used out of training; by default, batch normalization does and instance normalization does not. */
  readonly tracksStatistics?: boolean;
  /** Floating dtype of parameters and statistics; the default one if left out. */
  readonly dtype?: FloatDType;
}

const batchNormOptions: OptionKinds<BatchNormOptions> = {
  eps: "number",
  momentum: "number or null",
  affine: "boolean",
  tracksStatistics: "boolean",
  dtype: floatDtypes,
};

/** Names of the axes that come after the features, by how many there are. */
const places = ["length", "height, width", "depth, height, width"] as const;

/**
 * Layers that normalize channels, and keep running statistics: over the batch and the places, or over the places of each sample. They also differ
 * by the ranks that they take.
 */
export abstract class ChannelNorm<Change = Keeps> extends Layer<Change> {
  /** Scale, shape `[features]`, or null; it starts as 1. */
  weight: Tensor | null;
  /** Shift, shape `[features]`, or null; it starts as 0. */
  bias: Tensor | null;
  /** Running mean, shape `[features]`, or null. A buffer. */
  runningMean: Tensor | null;
  /** Running variance, shape `[features]`, or null. A buffer. */
  runningVariance: Tensor | null;
  /** How many batches were seen in training; int32, or null. A buffer. */
  batches: Tensor | null;
  /** Number of features. */
  readonly features: number;
  /** Added to the variance. */
  readonly eps: number;
  /** Share of a batch in the running statistics; null for the mean over all batches. */
  readonly momentum: number | null;

  readonly #kind: "BatchNorm" | "InstanceNorm";
  /** Number of axes after the features. */
  readonly #axes: number;
  #across: Across | null = null;

  protected constructor(
    kind: "BatchNorm" | "InstanceNorm",
    axes: 1 | 2 | 3,
    features: number,
    options: BatchNormOptions,
  ) {
    super();
    this.#kind = kind;
    this.#axes = axes;
    const name = this.#name;
    const isBatch = kind === "BatchNorm";
    checkSizes(name, { features });
    checkOptions(name, options, batchNormOptions, { names: normNames });
    const { eps = 1e-5, momentum = 0.1, affine = isBatch, tracksStatistics = isBatch, ...given } = options;
    const shape = [features];
    if (momentum !== null && !(momentum >= 0 && momentum <= 1)) {
      throw new ValueError(name, "momentum must be from 0 to 1, or null", String(momentum));
    }
    this.features = features;
    this.eps = checkEps(name, eps, 0);
    this.momentum = momentum;
    this.weight = affine ? ones(shape, { ...given, requiresGrad: true }) : null;
    this.bias = affine ? zeros(shape, { ...given, requiresGrad: true }) : null;
    this.runningMean = tracksStatistics ? zeros(shape, given) : null;
    this.runningVariance = tracksStatistics ? ones(shape, given) : null;
    this.batches = tracksStatistics ? zeros([], { dtype: "int32" }) : null;
  }

  get #name(): string {
    return `${this.#kind}${this.#axes}d`;
  }

  /**
   * Normalizes a batch.
   *
   * @param x - `[batch, features, …]`, floating, with as many axes after the features as the layer's name says; BatchNorm1d takes `[batch, features]` too, and instance
   * normalization one sample `[features, …]`.
   * @throws {@link ShapeError} for another shape, and if there is but one value to take the statistics of: its variance would be 0; {@link DTypeError} if x is not floating.
   */
  override forward<Self extends Layer, T extends Tensor>(this: Self, x: T & Input<Self, T>): Tensor<Output<Self, T>>;
  override forward(x: Tensor): Tensor {
    checkInput(this, x);
    refuseMore(this.#name, arguments, 1);
    if (!isFloat(x.dtype)) throw new DTypeError(this.#name, "x must be floating", x.dtype, 'use to("float32")');
    if (this.#kind === "InstanceNorm" && x.shape.length === this.#axes + 1 && x.shape[0] === this.features) {
      return this.#scaled(x.unsqueeze(0)).squeeze(0);
    }
    this.#checkShape(x);
    return this.#scaled(x);
  }

  #scaled(x: Tensor): Tensor {
    const { runningMean, runningVariance } = this;
    const isRunning = !this.training && runningMean !== null && runningVariance !== null;
    const beside = (values: Tensor): Tensor => perChannel(this.#name, "values", x, values);
    const y = isRunning
      ? over(sub(x, beside(runningMean)), beside(sqrt(add(held(runningVariance), this.eps))))
      : this.#normalized(x);
    const scaled = this.weight === null ? y : mul(y, beside(this.weight));
    return this.bias === null ? scaled : add(scaled, beside(this.bias));
  }

  #checkShape(x: Tensor): void {
    const [kind, axes, features, { length }] = [this.#kind, this.#axes, this.features, x.shape];
    const isPlain = kind === "BatchNorm" && axes === 1; // without a length
    if (x.shape[1] === features && (length === axes + 2 || (isPlain && length === 2))) return;
    const full = `${features}, ${places[axes - 1]}]`;
    const other = kind === "BatchNorm" ? (isPlain ? `[batch, ${features}] or ` : "") : `[${full} or `;
    const isSample = length === axes + 1 && x.shape[0] === features;
    const fits = x.shape[1] === features && length >= (kind === "BatchNorm" ? 2 : 3) && length <= 5;
    const hint = fits ? `write new ${kind}${Math.max(length - 2, 1)}d(${features})` : "";
    const sample = "if it is one sample, write x.unsqueeze(0)";
    throw new ShapeError(this.#name, `x must be ${other}[batch, ${full}`, describe(x), isSample ? sample : hint);
  }

  /** Normalizes by mean and variance of each feature, in the batch or in each sample, which also go into the running ones. */
  #normalized(x: Tensor): Tensor {
    const isBatch = this.#kind === "BatchNorm";
    const axes = x.shape.map((_, axis) => axis).filter((axis) => axis > 1 || (isBatch && axis === 0));
    const count = axes.reduce((n, axis) => n * x.shape[axis]!, 1);
    if (this.training && isBatch && this.#across !== null) return this.#together(x, axes, count, this.#across);
    if (count === 1) {
      const hint = !isBatch
        ? "leave the layer out, or write new GroupNorm(groups, channels)"
        : this.runningMean === null
          ? "write tracksStatistics: true, to predict by running statistics"
          : "to predict, call model.eval(); a last batch of one sample goes with dropLast: true, or another batchSize";
      const rule = !isBatch
        ? "needs more than one place in each channel"
        : this.training
          ? "training needs more than one value for each feature"
          : "without running statistics, there must be more than one value for each feature";
      throw new ShapeError(this.#name, rule, describe(x), hint);
    }
    const centred = centre(this.#name, x, axes);
    if (this.training && this.runningMean !== null && x.size > 0) {
      noGrad(() => {
        const how = { divisor: count - 1, eps: 0, isRoot: false };
        const [average, variance] = [mean(x, axes), spread(this.#name, centred, axes, undefined, how)];
        this.#track(isBatch ? average : mean(average, 0), isBatch ? variance : mean(variance, 0));
      });
    }
    return overSpread(centred, axes, this.eps);
  }

  /** The same, by the statistics of the batches of all processes. */
  #together(x: Tensor, axes: readonly number[], count: number, across: Across): Tensor {
    const beside = (values: Tensor): Tensor => perChannel(this.#name, "values", x, values);
    const average = across.mean(mean(x, axes));
    const centred = sub(x, beside(average));
    const variance = across.mean(mean(mul(centred, centred), axes));
    noGrad(() => {
      const one = div(across.share, count); // by the number of all values
      this.#track(average, div(variance, sub(1, one)));
    });
    return div(centred, beside(sqrt(add(variance, this.eps))));
  }

  #track(average: Tensor, variance: Tensor): void {
    const { runningMean, runningVariance, batches } = this;
    if (runningMean === null || runningVariance === null || batches === null) return;
    const seen = add(batches, 1);
    const share = this.momentum ?? div(1, seen.to(runningMean.dtype));
    const towards = (from: Tensor, to: Tensor): Tensor => add(from, mul(sub(to, from), share)).to(from.dtype);
    const [nextMean, nextVariance] = [towards(runningMean, average), towards(runningVariance, variance)];
    runningMean.assign(nextMean);
    runningVariance.assign(nextVariance);
    batches.assign(seen);
  }

  /** @internal Takes statistics of the batches of many processes together, or no longer. */
  shareStatistics(across: Across | null): void {
    this.#across = across;
  }

  /** What the constructor takes. */
  protected given(): readonly unknown[] {
    const { features, eps, momentum, weight, runningMean } = this;
    const dtype = (weight ?? runningMean)?.dtype;
    return [features, { eps, momentum, affine: weight !== null, tracksStatistics: runningMean !== null, dtype }];
  }
}

/** Means over all processes, and the share that this one's samples are of all: a scalar. */
export interface Across {
  readonly share: Tensor;
  mean(x: Tensor): Tensor;
}

/** A variance as it is, but NaN for one that the dtype could not hold: divided by its infinite root, all would silently be 0. */
function held(variance: Tensor): Tensor {
  return add(variance, sub(variance, variance));
}
