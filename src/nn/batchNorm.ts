import { noGrad } from "../core/apply.ts";
import { type FloatDType, floatDtypes, isFloat } from "../core/dtype.ts";
import { DTypeError, ShapeError, ValueError } from "../core/errors.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import { describe } from "../core/shape.ts";
import type { Keeps, ShapeOf } from "../core/shapeTypes.ts";
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

/** Options of {@link BatchNorm1d}. */
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

/**
 * Normalizes each feature over the batch (Ioffe and Szegedy, 2015): its mean becomes 0 and its variance 1; then comes a learned scale and shift.
 *
 * In training, the statistics are the batch's, and running ones are kept beside (the variance with Bessel's correction, as PyTorch keeps it); after {@link Layer.eval}, the
 * running ones are used, so that samples do not depend on each other.
 *
 * @example
 * const layer = new BatchNorm1d(2);
 * Array.from(layer.forward(tensor([[1, 10], [3, 30]])).data, Math.round); // → [-1, -1, 1, 1]
 * Array.from(layer.runningMean!.data, (v) => v.toFixed(1)); // → ["0.2", "2.0"]
 */
export class BatchNorm1d extends Layer<Keeps> {
  /** @internal */
  static readonly isOwn = true;
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

  /**
   * @param features - size of axis 1.
   * @param options - {@link BatchNormOptions}.
   * @throws {@link ShapeError} for features that are no count; {@link ValueError} for an option that is out of range, or that there is not.
   */
  constructor(features: number, options: BatchNormOptions = {}) {
    super();
    checkSizes("BatchNorm1d", { features });
    checkOptions("BatchNorm1d", options, batchNormOptions, { names: normNames });
    const { eps = 1e-5, momentum = 0.1, affine = true, tracksStatistics = true, ...given } = options;
    const shape = [features];
    if (momentum !== null && !(momentum >= 0 && momentum <= 1)) {
      throw new ValueError("BatchNorm1d", "momentum must be from 0 to 1, or null", String(momentum));
    }
    this.features = features;
    this.eps = checkEps("BatchNorm1d", eps, 0);
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
   * @param x - `[batch, features]` or `[batch, features, length]`, floating.
   * @throws {@link ShapeError} for another shape, and in training if there is but one value for each feature: its variance would be 0; {@link DTypeError} if x is not floating.
   */
  override forward<T extends Tensor>(x: T): Tensor<ShapeOf<T>>;
  override forward(x: Tensor): Tensor {
    checkInput(this, x);
    if (!isFloat(x.dtype)) throw new DTypeError("BatchNorm1d", "x must be floating", x.dtype, 'use to("float32")');
    if (x.shape.length < 2 || x.shape.length > 3 || x.shape[1] !== this.features) {
      const rule = `x must be [batch, ${this.features}] or [batch, ${this.features}, length]`;
      throw new ShapeError("BatchNorm1d", rule, describe(x));
    }
    const { runningMean, runningVariance } = this;
    const isRunning = !this.training && runningMean !== null && runningVariance !== null;
    const beside = (values: Tensor): Tensor => perChannel("BatchNorm1d", "values", x, values);
    const y = isRunning
      ? over(sub(x, beside(runningMean)), beside(sqrt(add(held(runningVariance), this.eps))))
      : this.#normalized(x);
    const scaled = this.weight === null ? y : mul(y, beside(this.weight));
    return this.bias === null ? scaled : add(scaled, beside(this.bias));
  }

  /** Normalizes by mean and variance of each feature in the batch, which also go into the running ones. */
  #normalized(x: Tensor): Tensor {
    const count = x.size / this.features;
    if (this.training && count === 1) {
      const hint =
        "to predict, call model.eval(); a last batch of one sample goes with dropLast: true, or another batchSize";
      throw new ShapeError("BatchNorm1d", "training needs more than one value for each feature", describe(x), hint);
    }
    const axes = x.shape.length === 2 ? [0] : [0, 2];
    const centred = centre("BatchNorm1d", x, axes);
    if (this.training && count > 0) {
      noGrad(() => {
        const how = { divisor: count - 1, eps: 0, isRoot: false };
        this.#track(mean(x, axes), spread("BatchNorm1d", centred, axes, undefined, how));
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

  /** `BatchNorm1d(features)`. */
  override describe(): string {
    return `BatchNorm1d(${this.features})`;
  }

  /** `[features, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    const { features, eps, momentum, weight, runningMean } = this;
    const dtype = (weight ?? runningMean)?.dtype;
    return [features, { eps, momentum, affine: weight !== null, tracksStatistics: runningMean !== null, dtype }];
  }
}

/** A variance as it is, but NaN for one that the dtype could not hold: divided by its infinite root, all would silently be 0. */
function held(variance: Tensor): Tensor {
  return add(variance, sub(variance, variance));
}
