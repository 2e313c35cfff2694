import type { Input, Output, Pools } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import { adaptive, type PooledSize, pooledSizes } from "../ops/adaptivePool.ts";
import type { Tensor } from "../tensor.ts";
import { settingText } from "./described.ts";
import { checkInput } from "./doors.ts";
import { Layer } from "./layer.ts";

/** A layer of so many windows, whatever the size of its input. */
abstract class AdaptivePool<Axes extends number> extends Layer<Pools<Axes>> {
  /** How many windows along each axis; null for an axis that stays as it is. */
  readonly size: readonly (number | null)[];
  /** @internal What the class is called, and what it takes of each window. */
  protected readonly own: { readonly kind: string; readonly what: "mean" | "max" };

  protected constructor(kind: string, axes: number, what: "mean" | "max", size: PooledSize) {
    super();
    this.size = pooledSizes(kind, size, axes);
    this.own = { kind, what };
  }

  /**
   * The mean, or the largest element, of each window.
   *
   * @param x - `[batch, channels, …]`, or without the batch.
   * @throws {@link ShapeError} for a shape that does not fit; {@link DTypeError} for anything that is not a tensor of floats.
   */
  override forward<Self extends Layer, T extends Tensor>(this: Self, x: T & Input<Self, T>): Tensor<Output<Self, T>>;
  override forward(x: Tensor): Tensor {
    checkInput(this, x);
    refuseMore(this.describe(), arguments, 1);
    return adaptive(this.describe(), this.size.length, this.own.what, x, this.size);
  }

  /** `AdaptiveAvgPool2d(size)`. */
  override describe(): string {
    return `${this.own.kind}(${settingText(this.size)})`;
  }

  /** What the constructor takes. */
  protected given(): readonly unknown[] {
    return [this.size];
  }
}

/**
 * {@link adaptiveAvgPool1d} as a layer: divides `[batch, channels, length]` into a given number of windows, and returns the mean of each.
 *
 * @example
 * new AdaptiveAvgPool1d(7).forward(zeros([4, 2, 100])).shape; // → [4, 2, 7]
 */
export class AdaptiveAvgPool1d extends AdaptivePool<1> {
  /** @internal */
  static readonly isOwn = true;

  /**
   * @param size - how many windows.
   * @throws {@link ValueError} for a size that is none.
   */
  constructor(size: PooledSize) {
    super("AdaptiveAvgPool1d", 1, "mean", size);
    refuseMore("AdaptiveAvgPool1d", arguments, 1);
  }

  /** `[size]`, as the constructor takes it. */
  override arguments(): readonly unknown[] {
    return this.given();
  }
}

/**
 * {@link adaptiveAvgPool2d} as a layer: divides `[batch, channels, height, width]` into a given number of windows, and returns the mean of each. With 1, the mean of each channel (global average pooling).
 *
 * @example
 * new AdaptiveAvgPool2d(7).forward(zeros([8, 16, 30, 20])).shape; // → [8, 16, 7, 7]
 */
export class AdaptiveAvgPool2d extends AdaptivePool<2> {
  /** @internal */
  static readonly isOwn = true;

  /**
   * @param size - height and width of the result: a number for both, or `[height, width]`, where null leaves an axis as it is.
   * @throws {@link ValueError} for a size that is none.
   */
  constructor(size: PooledSize) {
    super("AdaptiveAvgPool2d", 2, "mean", size);
    refuseMore("AdaptiveAvgPool2d", arguments, 1);
  }

  /** `[size]`, as the constructor takes it. */
  override arguments(): readonly unknown[] {
    return this.given();
  }
}

/**
 * {@link adaptiveAvgPool3d} as a layer: divides `[batch, channels, depth, height, width]` into a given number of windows, and returns the mean of each.
 *
 * @example
 * new AdaptiveAvgPool3d([null, 4, 4]).forward(zeros([2, 3, 5, 8, 8])).shape; // → [2, 3, 5, 4, 4]
 */
export class AdaptiveAvgPool3d extends AdaptivePool<3> {
  /** @internal */
  static readonly isOwn = true;

  /**
   * @param size - the result's depth, height and width: a number for all, or a list, where null leaves an axis as it is.
   * @throws {@link ValueError} for a size that is none.
   */
  constructor(size: PooledSize) {
    super("AdaptiveAvgPool3d", 3, "mean", size);
    refuseMore("AdaptiveAvgPool3d", arguments, 1);
  }

  /** `[size]`, as the constructor takes it. */
  override arguments(): readonly unknown[] {
    return this.given();
  }
}

/**
 * {@link adaptiveMaxPool1d} as a layer: divides `[batch, channels, length]` into a given number of windows, and returns the largest element of each.
 *
 * @example
 * new AdaptiveMaxPool1d(7).forward(zeros([4, 2, 100])).shape; // → [4, 2, 7]
 */
export class AdaptiveMaxPool1d extends AdaptivePool<1> {
  /** @internal */
  static readonly isOwn = true;

  /**
   * @param size - how many windows.
   * @throws {@link ValueError} for a size that is none.
   */
  constructor(size: PooledSize) {
    super("AdaptiveMaxPool1d", 1, "max", size);
    refuseMore("AdaptiveMaxPool1d", arguments, 1);
  }

  /** `[size]`, as the constructor takes it. */
  override arguments(): readonly unknown[] {
    return this.given();
  }
}

/**
 * {@link adaptiveMaxPool2d} as a layer: divides `[batch, channels, height, width]` into a given number of windows, and returns the largest element of each.
 *
 * @example
 * new AdaptiveMaxPool2d(7).forward(zeros([8, 16, 30, 20])).shape; // → [8, 16, 7, 7]
 */
export class AdaptiveMaxPool2d extends AdaptivePool<2> {
  /** @internal */
  static readonly isOwn = true;

  /**
   * @param size - height and width of the result: a number for both, or `[height, width]`, where null leaves an axis as it is.
   * @throws {@link ValueError} for a size that is none.
   */
  constructor(size: PooledSize) {
    super("AdaptiveMaxPool2d", 2, "max", size);
    refuseMore("AdaptiveMaxPool2d", arguments, 1);
  }

  /** `[size]`, as the constructor takes it. */
  override arguments(): readonly unknown[] {
    return this.given();
  }
}

/**
 * {@link adaptiveMaxPool3d} as a layer: divides `[batch, channels, depth, height, width]` into a given number of windows, and returns the largest element of each.
 *
 * @example
 * new AdaptiveMaxPool3d([null, 4, 4]).forward(zeros([2, 3, 5, 8, 8])).shape; // → [2, 3, 5, 4, 4]
 */
export class AdaptiveMaxPool3d extends AdaptivePool<3> {
  /** @internal */
  static readonly isOwn = true;

  /**
   * @param size - the result's depth, height and width: a number for all, or a list, where null leaves an axis as it is.
   * @throws {@link ValueError} for a size that is none.
   */
  constructor(size: PooledSize) {
    super("AdaptiveMaxPool3d", 3, "max", size);
    refuseMore("AdaptiveMaxPool3d", arguments, 1);
  }

  /** `[size]`, as the constructor takes it. */
  override arguments(): readonly unknown[] {
    return this.given();
  }
}
