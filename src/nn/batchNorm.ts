import type { AnyShape, Channels } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import { type BatchNormOptions, ChannelNorm } from "./channelNorm.ts";

/**
 * Normalizes each feature over the batch, and over the length if there is one (Ioffe and Szegedy, 2015): its mean becomes 0 and its variance 1. A learned scale and shift follow:
 * `y = (x − mean) / √(variance + eps) · weight + bias`.
 *
 * In training, it uses the statistics of the batch, and also updates running statistics (the variance with Bessel's correction, as PyTorch keeps it); after {@link Layer.eval}, the
 * running ones are used, so samples do not depend on each other.
 *
 * @example
 * const layer = new BatchNorm1d(2);
 * Array.from(layer.forward(tensor([[1, 10], [3, 30]])).data, Math.round); // → [-1, -1, 1, 1]
 * Array.from(layer.runningMean!.data, (v) => v.toFixed(1)); // → ["0.2", "2.0"]
 */
export class BatchNorm1d<C extends number = AnyShape> extends ChannelNorm<Channels<C>> {
  /** @internal */
  static readonly isOwn = true;

  /**
   * @param features - number of features, or channels of sequences: size of axis 1.
   * @param options - {@link BatchNormOptions}.
   * @throws {@link ShapeError} for features that are no count; {@link ValueError} for an option that is out of range or unknown.
   */
  constructor(features: C, options: BatchNormOptions = {}) {
    super("BatchNorm", 1, features, options);
    refuseMore("BatchNorm1d", arguments, 2);
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
 * Normalizes each channel of images over the batch, height and width (Ioffe and Szegedy, 2015): its mean becomes 0 and its variance 1. A learned scale and shift follow:
 * `y = (x − mean) / √(variance + eps) · weight + bias`.
 *
 * In training, it uses the statistics of the batch, and also updates running statistics (the variance with Bessel's correction, as PyTorch keeps it); after {@link Layer.eval}, the
 * running ones are used, so samples do not depend on each other.
 *
 * @example
 * const model = new Sequential(new Conv2d(1, 8, 3, { padding: 1, bias: false }), new BatchNorm2d(8), relu);
 * model.forward(randn([4, 1, 28, 28])).shape; // → [4, 8, 28, 28]
 */
export class BatchNorm2d<C extends number = AnyShape> extends ChannelNorm<Channels<C, 2>> {
  /** @internal */
  static readonly isOwn = true;

  /**
   * @param features - number of channels: size of axis 1.
   * @param options - {@link BatchNormOptions}.
   * @throws {@link ShapeError} for features that are no count; {@link ValueError} for an option that is out of range, or that there is not.
   */
  constructor(features: C, options: BatchNormOptions = {}) {
    super("BatchNorm", 2, features, options);
    refuseMore("BatchNorm2d", arguments, 2);
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
 * Normalizes each channel of volumes over the batch, depth, height and width (Ioffe and Szegedy, 2015): its mean becomes 0 and its variance 1. A learned scale and shift follow:
 * `y = (x − mean) / √(variance + eps) · weight + bias`.
 *
 * In training, it uses the statistics of the batch, and also updates running statistics (the variance with Bessel's correction, as PyTorch keeps it); after {@link Layer.eval}, the
 * running ones are used, so samples do not depend on each other.
 *
 * @example
 * new BatchNorm3d(4).forward(randn([2, 4, 5, 8, 8])).shape; // → [2, 4, 5, 8, 8]
 */
export class BatchNorm3d<C extends number = AnyShape> extends ChannelNorm<Channels<C, 3>> {
  /** @internal */
  static readonly isOwn = true;

  /**
   * @param features - number of channels: size of axis 1.
   * @param options - {@link BatchNormOptions}.
   * @throws {@link ShapeError} for features that are no count; {@link ValueError} for an option that is out of range, or that there is not.
   */
  constructor(features: C, options: BatchNormOptions = {}) {
    super("BatchNorm", 3, features, options);
    refuseMore("BatchNorm3d", arguments, 2);
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
