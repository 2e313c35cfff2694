import { noGrad } from "../core/apply.ts";
import { type FloatDType, floatDtypes, isFloat } from "../core/dtype.ts";
import { DTypeError, ShapeError, ValueError } from "../core/errors.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import { describe } from "../core/shape.ts";
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

/** Options of {@link BatchNorm1d}, {@link BatchNorm2d} and {@link BatchNorm3d}. */
export interface BatchNormOptions {
  /** Added to the variance; 1e-5 by default. */
  readonly eps?: number;
  /** How much of a batch's statistics goes into the running ones, from 0 to 1; 0.1 by default. Null: the running ones are the mean over all batches. */
  readonly momentum?: number | null;
  /** Whether scale and shift are learned; true by default. */
  readonly affine?: boolean;
  /** Whether running statistics are kept, and used out of training; true by default. */
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

/** What the layers have in common: they differ by the ranks that they take. */
abstract class BatchNorm extends Layer {
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

  /** Number of axes after the features. */
  readonly #axes: number;
  /** How the class is called. */
  readonly #name: string;

  protected constructor(axes: 1 | 2 | 3, features: number, options: BatchNormOptions) {
    super();
    const name = `BatchNorm${axes}d`;
    checkSizes(name, { features });
    checkOptions(name, options, batchNormOptions, { names: normNames });
    this.#axes = axes;
    this.#name = name;
    const { eps = 1e-5, momentum = 0.1, affine = true, tracksStatistics = true, ...given } = options;
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

  /**
   * Normalizes a batch.
   *
   * @param x - `[batch, features, …]`, floating, with as many axes after the features as the layer's name says; BatchNorm1d takes `[batch, features]` too.
   * @throws {@link ShapeError} for another shape, and in training if there is but one value for each feature: its variance would be 0; {@link DTypeError} if x is not floating.
   */
  override forward(x: Tensor): Tensor {
    checkInput(this, x);
    if (!isFloat(x.dtype)) throw new DTypeError(this.#name, "x must be floating", x.dtype, 'use to("float32")');
    this.#checkShape(x);
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
    const [name, axes, { length }] = [this.#name, this.#axes, x.shape];
    if (x.shape[1] === this.features && (length === axes + 2 || (axes === 1 && length === 2))) return;
    const full = `[batch, ${this.features}, ${places[axes - 1]}]`;
    const rule = `x must be ${axes === 1 ? `[batch, ${this.features}] or ` : ""}${full}`;
    const isSample = length === axes + 1 && x.shape[0] === this.features;
    const isOther = x.shape[1] === this.features && length >= 2 && length <= 5;
    const other = isOther ? `write new BatchNorm${Math.max(length - 2, 1)}d(${this.features})` : "";
    throw new ShapeError(name, rule, describe(x), isSample ? "if it is one sample, write x.unsqueeze(0)" : other);
  }

  /** Normalizes by mean and variance of each feature in the batch, which also go into the running ones. */
  #normalized(x: Tensor): Tensor {
    const count = x.size / this.features;
    if (this.training && count === 1) {
      const hint =
        "to predict, call model.eval(); a last batch of one sample goes with dropLast: true, or another batchSize";
      throw new ShapeError(this.#name, "training needs more than one value for each feature", describe(x), hint);
    }
    const axes = x.shape.map((_, axis) => axis).filter((axis) => axis !== 1);
    const centred = centre(this.#name, x, axes);
    if (this.training && count > 0) {
      noGrad(() => {
        const how = { divisor: count - 1, eps: 0, isRoot: false };
        this.#track(mean(x, axes), spread(this.#name, centred, axes, undefined, how));
      });
    }
    return overSpread(centred, axes, this.eps);
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

  /** What the constructor takes. */
  protected given(): readonly unknown[] {
    const { features, eps, momentum, weight, runningMean } = this;
    const dtype = (weight ?? runningMean)?.dtype;
    return [features, { eps, momentum, affine: weight !== null, tracksStatistics: runningMean !== null, dtype }];
  }
}

/**
 * Normalizes each feature over the batch, and over the length if there is one (Ioffe and Szegedy, 2015): its mean becomes 0 and its variance 1; then comes a learned scale and shift:
 * `y = (x − mean) / √(variance + eps) · weight + bias`.
 *
 * In training, the statistics are the batch's, and running ones are kept beside (the variance with Bessel's correction, as PyTorch keeps it); after {@link Layer.eval}, the
 * running ones are used, so that samples do not depend on each other.
 *
 * @example
 * const layer = new BatchNorm1d(2);
 * Array.from(layer.forward(tensor([[1, 10], [3, 30]])).data, Math.round); // → [-1, -1, 1, 1]
 * Array.from(layer.runningMean!.data, (v) => v.toFixed(1)); // → ["0.2", "2.0"]
 */
export class BatchNorm1d extends BatchNorm {
  /** @internal */
  static readonly isOwn = true;

  /**
   * @param features - number of features, or channels of sequences: size of axis 1.
   * @param options - {@link BatchNormOptions}.
   * @throws {@link ShapeError} for features that are no count; {@link ValueError} for an option that is out of range, or that there is not.
   */
  constructor(features: number, options: BatchNormOptions = {}) {
    super(1, features, options);
  }

  /** `BatchNorm1d(features)`. */
  override describe(): string {
    return `BatchNorm1d(${this.features})`;
  }

  /** `[features, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return this.given();
  }
}

/**
 * Normalizes each channel of images over the batch, height and width (Ioffe and Szegedy, 2015): its mean becomes 0 and its variance 1; then comes a learned scale and shift:
 * `y = (x − mean) / √(variance + eps) · weight + bias`.
 *
 * In training, the statistics are the batch's, and running ones are kept beside (the variance with Bessel's correction, as PyTorch keeps it); after {@link Layer.eval}, the
 * running ones are used, so that samples do not depend on each other.
 *
 * @example
 * const model = new Sequential(new Conv2d(1, 8, 3, { padding: 1, bias: false }), new BatchNorm2d(8), relu);
 * model.forward(randn([4, 1, 28, 28])).shape; // → [4, 8, 28, 28]
 */
export class BatchNorm2d extends BatchNorm {
  /** @internal */
  static readonly isOwn = true;

  /**
   * @param features - number of channels: size of axis 1.
   * @param options - {@link BatchNormOptions}.
   * @throws {@link ShapeError} for features that are no count; {@link ValueError} for an option that is out of range, or that there is not.
   */
  constructor(features: number, options: BatchNormOptions = {}) {
    super(2, features, options);
  }

  /** `BatchNorm2d(features)`. */
  override describe(): string {
    return `BatchNorm2d(${this.features})`;
  }

  /** `[features, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return this.given();
  }
}

/**
 * Normalizes each channel of volumes over the batch, depth, height and width (Ioffe and Szegedy, 2015): its mean becomes 0 and its variance 1; then comes a learned scale and shift:
 * `y = (x − mean) / √(variance + eps) · weight + bias`.
 *
 * In training, the statistics are the batch's, and running ones are kept beside (the variance with Bessel's correction, as PyTorch keeps it); after {@link Layer.eval}, the
 * running ones are used, so that samples do not depend on each other.
 *
 * @example
 * new BatchNorm3d(4).forward(randn([2, 4, 5, 8, 8])).shape; // → [2, 4, 5, 8, 8]
 */
export class BatchNorm3d extends BatchNorm {
  /** @internal */
  static readonly isOwn = true;

  /**
   * @param features - number of channels: size of axis 1.
   * @param options - {@link BatchNormOptions}.
   * @throws {@link ShapeError} for features that are no count; {@link ValueError} for an option that is out of range, or that there is not.
   */
  constructor(features: number, options: BatchNormOptions = {}) {
    super(3, features, options);
  }

  /** `BatchNorm3d(features)`. */
  override describe(): string {
    return `BatchNorm3d(${this.features})`;
  }

  /** `[features, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return this.given();
  }
}

/** A variance as it is, but NaN for one that the dtype could not hold: divided by its infinite root, all would silently be 0. */
function held(variance: Tensor): Tensor {
  return add(variance, sub(variance, variance));
}
