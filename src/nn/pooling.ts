import type { Shape } from "../core/shape.ts";
import type { Input, Output, Pools } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import { copied } from "../ops/convOptions.ts";
import { averaged, largestOf } from "../ops/pooled.ts";
import {
  type AvgPoolOptions,
  checkAvgPoolOptions,
  checkMaxPoolOptions,
  kernelOf,
  type MaxPoolOptions,
  poolAttrs,
} from "../ops/poolOptions.ts";
import type { Tensor } from "../tensor.ts";
import { settingsText, settingText } from "./described.ts";
import { checkInput } from "./doors.ts";
import { Layer } from "./layer.ts";

/** A layer of windows of one size. */
abstract class Pool<Options extends MaxPoolOptions, Axes extends number> extends Layer<Pools<Axes>> {
  /** Size of the windows along each axis. */
  readonly kernelSize: Shape;
  /** @internal What the class is called, and how windows go over the input, as it was given. */
  protected readonly own: { readonly kind: string; readonly settings: Options };

  protected constructor(kind: string, axes: number, kernelSize: number | readonly number[], settings: Options) {
    super();
    this.kernelSize = kernelOf(kind, kernelSize, axes);
    poolAttrs(kind, settings, this.kernelSize);
    this.own = { kind, settings: copied(settings) };
  }

  /** `MaxPool2d(kernelSize)`, and the options that were given. */
  override describe(): string {
    const { kind, settings } = this.own;
    return `${kind}(${settingText(this.kernelSize)}${settingsText(settings)})`;
  }

  /** What the constructor takes. */
  protected given(): readonly unknown[] {
    return [this.kernelSize, this.own.settings];
  }
}

abstract class MaxPool<Axes extends number> extends Pool<MaxPoolOptions, Axes> {
  protected constructor(kind: string, axes: number, kernelSize: number | readonly number[], options: MaxPoolOptions) {
    super(kind, axes, kernelSize, checkMaxPoolOptions(kind, options));
  }

  /**
   * The largest element of each window.
   *
   * @param x - `[batch, channels, …]`, or without the batch.
   * @throws {@link ShapeError} for a shape that does not fit; {@link DTypeError} for anything that is not a tensor of floats.
   */
  override forward<Self extends Layer, T extends Tensor>(this: Self, x: T & Input<Self, T>): Tensor<Output<Self, T>>;
  override forward(x: Tensor): Tensor {
    checkInput(this, x);
    refuseMore(this.describe(), arguments, 1);
    return largestOf(this.describe(), this.kernelSize.length, x, this.kernelSize, this.own.settings);
  }
}

abstract class AvgPool<Axes extends number> extends Pool<AvgPoolOptions, Axes> {
  protected constructor(kind: string, axes: number, kernelSize: number | readonly number[], options: AvgPoolOptions) {
    super(kind, axes, kernelSize, checkAvgPoolOptions(kind, options));
  }

  /**
   * The mean of each window.
   *
   * @param x - `[batch, channels, …]`, or without the batch.
   * @throws {@link ShapeError} for a shape that does not fit; {@link DTypeError} for anything that is not a tensor of floats.
   */
  override forward<Self extends Layer, T extends Tensor>(this: Self, x: T & Input<Self, T>): Tensor<Output<Self, T>>;
  override forward(x: Tensor): Tensor {
    checkInput(this, x);
    refuseMore(this.describe(), arguments, 1);
    return averaged(this.describe(), this.kernelSize.length, x, this.kernelSize, this.own.settings);
  }
}

/**
 * {@link maxPool1d} as a layer: the largest element of each window of `[batch, channels, length]`.
 *
 * @example
 * new MaxPool1d(2).forward(zeros([4, 2, 100])).shape; // → [4, 2, 50]
 */
export class MaxPool1d extends MaxPool<1> {
  /** @internal */
  static readonly isOwn = true;

  /**
   * @param kernelSize - elements of a window.
   * @param options - `stride` (the kernel's size by default), `padding`, `dilation`, `ceilMode`: see {@link MaxPoolOptions}.
   * @throws {@link ValueError} for sizes and options that are none, and padding of more than half a window.
   */
  constructor(kernelSize: number | readonly number[], options: MaxPoolOptions = {}) {
    super("MaxPool1d", 1, kernelSize, options);
    refuseMore("MaxPool1d", arguments, 2);
  }

  /** `[kernelSize, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return this.given();
  }
}

/**
 * {@link maxPool2d} as a layer: the largest element of each window of `[batch, channels, height, width]`.
 *
 * @example
 * new MaxPool2d(2).forward(zeros([8, 16, 28, 28])).shape; // → [8, 16, 14, 14]
 * new MaxPool2d(3, { stride: 2, padding: 1 }).describe(); // → MaxPool2d(3, stride 2, padding 1)
 */
export class MaxPool2d extends MaxPool<2> {
  /** @internal */
  static readonly isOwn = true;

  /**
   * @param kernelSize - the windows' height and width: a number for both, or `[height, width]`.
   * @param options - `stride` (the kernel's size by default), `padding`, `dilation`, `ceilMode`: see {@link MaxPoolOptions}.
   * @throws {@link ValueError} for sizes and options that are none, and padding of more than half a window.
   */
  constructor(kernelSize: number | readonly number[], options: MaxPoolOptions = {}) {
    super("MaxPool2d", 2, kernelSize, options);
    refuseMore("MaxPool2d", arguments, 2);
  }

  /** `[kernelSize, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return this.given();
  }
}

/**
 * {@link maxPool3d} as a layer: the largest element of each window of `[batch, channels, depth, height, width]`.
 *
 * @example
 * new MaxPool3d(2).forward(zeros([2, 3, 8, 8, 8])).shape; // → [2, 3, 4, 4, 4]
 */
export class MaxPool3d extends MaxPool<3> {
  /** @internal */
  static readonly isOwn = true;

  /**
   * @param kernelSize - the windows' depth, height and width: a number for all, or a list.
   * @param options - `stride` (the kernel's size by default), `padding`, `dilation`, `ceilMode`: see {@link MaxPoolOptions}.
   * @throws {@link ValueError} for sizes and options that are none, and padding of more than half a window.
   */
  constructor(kernelSize: number | readonly number[], options: MaxPoolOptions = {}) {
    super("MaxPool3d", 3, kernelSize, options);
    refuseMore("MaxPool3d", arguments, 2);
  }

  /** `[kernelSize, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return this.given();
  }
}

/**
 * {@link avgPool1d} as a layer: the mean of each window of `[batch, channels, length]`.
 *
 * @example
 * new AvgPool1d(2).forward(zeros([4, 2, 100])).shape; // → [4, 2, 50]
 */
export class AvgPool1d extends AvgPool<1> {
  /** @internal */
  static readonly isOwn = true;

  /**
   * @param kernelSize - elements of a window.
   * @param options - `stride` (the kernel's size by default), `padding`, `ceilMode`, `countIncludePad`, `divisor`: see {@link AvgPoolOptions}.
   * @throws {@link ValueError} for sizes and options that are none, and padding of more than half a window.
   */
  constructor(kernelSize: number | readonly number[], options: AvgPoolOptions = {}) {
    super("AvgPool1d", 1, kernelSize, options);
    refuseMore("AvgPool1d", arguments, 2);
  }

  /** `[kernelSize, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return this.given();
  }
}

/**
 * {@link avgPool2d} as a layer: the mean of each window of `[batch, channels, height, width]`.
 *
 * @example
 * new AvgPool2d(2).forward(zeros([8, 16, 28, 28])).shape; // → [8, 16, 14, 14]
 * new AvgPool2d(3, { stride: 2, padding: 1 }).describe(); // → AvgPool2d(3, stride 2, padding 1)
 */
export class AvgPool2d extends AvgPool<2> {
  /** @internal */
  static readonly isOwn = true;

  /**
   * @param kernelSize - the windows' height and width: a number for both, or `[height, width]`.
   * @param options - `stride` (the kernel's size by default), `padding`, `ceilMode`, `countIncludePad`, `divisor`: see {@link AvgPoolOptions}.
   * @throws {@link ValueError} for sizes and options that are none, and padding of more than half a window.
   */
  constructor(kernelSize: number | readonly number[], options: AvgPoolOptions = {}) {
    super("AvgPool2d", 2, kernelSize, options);
    refuseMore("AvgPool2d", arguments, 2);
  }

  /** `[kernelSize, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return this.given();
  }
}

/**
 * {@link avgPool3d} as a layer: the mean of each window of `[batch, channels, depth, height, width]`.
 *
 * @example
 * new AvgPool3d(2).forward(zeros([2, 3, 8, 8, 8])).shape; // → [2, 3, 4, 4, 4]
 */
export class AvgPool3d extends AvgPool<3> {
  /** @internal */
  static readonly isOwn = true;

  /**
   * @param kernelSize - the windows' depth, height and width: a number for all, or a list.
   * @param options - `stride` (the kernel's size by default), `padding`, `ceilMode`, `countIncludePad`, `divisor`: see {@link AvgPoolOptions}.
   * @throws {@link ValueError} for sizes and options that are none, and padding of more than half a window.
   */
  constructor(kernelSize: number | readonly number[], options: AvgPoolOptions = {}) {
    super("AvgPool3d", 3, kernelSize, options);
    refuseMore("AvgPool3d", arguments, 2);
  }

  /** `[kernelSize, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return this.given();
  }
}
