import type { AnyShape, Channels } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import { type BatchNormOptions, ChannelNorm } from "./channelNorm.ts";

/**
 * Normalizes each channel of each sequence over its places (Ulyanov et al., 2016): `y = (x − mean) / √(variance + eps)`, with the mean and variance of the sequence's channel itself. A scale and
 * a shift are learned if you ask for them (`affine: true`).
 *
 * With `tracksStatistics: true`, it keeps running statistics in training, and uses them after {@link Layer.eval}: the means over the batch of each sequence's statistics.
 *
 * @example
 * const layer = new InstanceNorm1d(2, { eps: 0 });
 * layer.forward(tensor([[[1, 3], [10, 30]]])).toArray(); // → [[[-1, 1], [-1, 1]]]
 */
export class InstanceNorm1d<C extends number = AnyShape> extends ChannelNorm<Channels<C, 1>> {
  /** @internal */
  static readonly isOwn = true;

  /**
   * @param features - number of channels: size of axis 1.
   * @param options - {@link BatchNormOptions}; `affine` and `tracksStatistics` are false by default.
   * @throws {@link ShapeError} for features that are no count; {@link ValueError} for an option that is out of range, or that there is not.
   */
  constructor(features: C, options: BatchNormOptions = {}) {
    super("InstanceNorm", 1, features, options);
    refuseMore("InstanceNorm1d", arguments, 2);
  }

  /** `InstanceNorm1d(features)`. */
  override describe(): string {
    return `InstanceNorm1d(${this.features})`;
  }

  /** `[features, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return this.given();
  }
}

/**
 * Normalizes each channel of each image over its places (Ulyanov et al., 2016): `y = (x − mean) / √(variance + eps)`, with the mean and variance of the image's channel itself. A scale and
 * a shift are learned if you ask for them (`affine: true`).
 *
 * With `tracksStatistics: true`, it keeps running statistics in training, and uses them after {@link Layer.eval}: the means over the batch of each image's statistics.
 *
 * @example
 * new InstanceNorm2d(8, { affine: true }).forward(randn([4, 8, 16, 16])).shape; // → [4, 8, 16, 16]
 */
export class InstanceNorm2d<C extends number = AnyShape> extends ChannelNorm<Channels<C, 2>> {
  /** @internal */
  static readonly isOwn = true;

  /**
   * @param features - number of channels: size of axis 1.
   * @param options - {@link BatchNormOptions}; `affine` and `tracksStatistics` are false by default.
   * @throws {@link ShapeError} for features that are no count; {@link ValueError} for an option that is out of range, or that there is not.
   */
  constructor(features: C, options: BatchNormOptions = {}) {
    super("InstanceNorm", 2, features, options);
    refuseMore("InstanceNorm2d", arguments, 2);
  }

  /** `InstanceNorm2d(features)`. */
  override describe(): string {
    return `InstanceNorm2d(${this.features})`;
  }

  /** `[features, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return this.given();
  }
}

/**
 * Normalizes each channel of each volume over its places (Ulyanov et al., 2016): `y = (x − mean) / √(variance + eps)`, with the mean and variance of the volume's channel itself. A scale and
 * a shift are learned if you ask for them (`affine: true`).
 *
 * With `tracksStatistics: true`, it keeps running statistics in training, and uses them after {@link Layer.eval}: the means over the batch of each volume's statistics.
 *
 * @example
 * new InstanceNorm3d(4).forward(randn([2, 4, 5, 8, 8])).shape; // → [2, 4, 5, 8, 8]
 */
export class InstanceNorm3d<C extends number = AnyShape> extends ChannelNorm<Channels<C, 3>> {
  /** @internal */
  static readonly isOwn = true;

  /**
   * @param features - number of channels: size of axis 1.
   * @param options - {@link BatchNormOptions}; `affine` and `tracksStatistics` are false by default.
   * @throws {@link ShapeError} for features that are no count; {@link ValueError} for an option that is out of range, or that there is not.
   */
  constructor(features: C, options: BatchNormOptions = {}) {
    super("InstanceNorm", 3, features, options);
    refuseMore("InstanceNorm3d", arguments, 2);
  }

  /** `InstanceNorm3d(features)`. */
  override describe(): string {
    return `InstanceNorm3d(${this.features})`;
  }

  /** `[features, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return this.given();
  }
}
