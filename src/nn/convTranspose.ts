import { floatDtypes } from "../core/dtype.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import type { AnyShape, Input, Output, Windows } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import { type ConvTransposeOptions, windowKinds } from "../ops/convOptions.ts";
import { convTransposeNd, transposedAttrs } from "../ops/convTranspose.ts";
import type { Tensor } from "../tensor.ts";
import { ConvBase, convLayerLead } from "./conv.ts";
import { checkInput } from "./doors.ts";
import type { Layer } from "./layer.ts";
import type { LinearOptions } from "./linear.ts";

/** Options of {@link ConvTranspose1d}, {@link ConvTranspose2d} and {@link ConvTranspose3d}: those of the functions, with `bias` true (the default) or false, `dtype` and `generator`. */
export interface ConvTransposeLayerOptions extends Omit<ConvTransposeOptions, "bias">, LinearOptions {}

const kinds: OptionKinds<ConvTransposeLayerOptions> = {
  ...windowKinds,
  outputPadding: "any",
  bias: "boolean",
  dtype: floatDtypes,
  generator: "generator",
};

/** A layer of transposed convolution along so many axes. */
abstract class ConvTransposeLayer<In extends number, Out extends number, Axes extends number> extends ConvBase<
  Windows<In, Out, Axes>
> {
  protected constructor(
    op: string,
    axes: number,
    inChannels: number,
    outChannels: number,
    kernelSize: number | readonly number[],
    options: ConvTransposeLayerOptions,
  ) {
    const own = checkOptions(op, options, kinds, convLayerLead);
    super(op, axes, inChannels, outChannels, kernelSize, own, true);
    transposedAttrs(op, this.options(), this.kernelSize);
  }

  /** @internal How windows go over the input. */
  protected options(): Omit<ConvTransposeOptions, "bias"> {
    return this.settings as Omit<ConvTransposeOptions, "bias">;
  }

  /**
   * The transposed convolution with the layer's weight and bias.
   *
   * @param x - `[batch, channels, …]`, or without the batch.
   * @throws {@link ShapeError} for a shape that does not fit; {@link DTypeError} for anything that is not a tensor of floats.
   */
  override forward<Self extends Layer, T extends Tensor>(this: Self, x: T & Input<Self, T>): Tensor<Output<Self, T>>;
  override forward(x: Tensor): Tensor {
    checkInput(this, x);
    refuseMore(this.describe(), arguments, 1, "set the size by the option outputPadding");
    const options = { ...this.options(), bias: this.bias };
    return convTransposeNd(this.describe(), this.kernelSize.length, x, this.weight, options);
  }
}

/**
 * {@link convTranspose1d} with a learned weight `[inChannels, outChannels / groups, …kernel]` and bias, initialised as in PyTorch.
 *
 * @example
 * new ConvTranspose1d(8, 2, 4, { stride: 4 }).forward(zeros([4, 8, 25])).shape; // → [4, 2, 100]
 */
export class ConvTranspose1d<In extends number = AnyShape, Out extends number = AnyShape> extends ConvTransposeLayer<
  In,
  Out,
  1
> {
  /** @internal */
  static readonly isOwn = true;

  /**
   * @param inChannels - channels of the input.
   * @param outChannels - channels of the output.
   * @param kernelSize - elements of the kernel.
   * @param options - `stride`, `padding`, `outputPadding`, `dilation`, `groups`, `bias`, `dtype`, `generator`.
   * @throws {@link ShapeError} for channels that are not whole numbers; {@link ValueError} for sizes and options that are none, and groups that do not divide the channels.
   */
  constructor(
    inChannels: In,
    outChannels: Out,
    kernelSize: number | readonly number[],
    options: ConvTransposeLayerOptions = {},
  ) {
    super("ConvTranspose1d", 1, inChannels, outChannels, kernelSize, options);
    refuseMore("ConvTranspose1d", arguments, 4);
  }

  /** `ConvTranspose1d(in, out, kernel)`, and the options that were given. */
  override describe(): string {
    return this.described("ConvTranspose1d");
  }

  /** `[in, out, kernelSize, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return this.given();
  }
}

/**
 * {@link convTranspose2d} with a learned weight `[inChannels, outChannels / groups, …kernel]` and bias, initialised as in PyTorch.
 *
 * @example
 * new ConvTranspose2d(16, 4, 2, { stride: 2 }).forward(zeros([8, 16, 7, 7])).shape; // → [8, 4, 14, 14]
 */
export class ConvTranspose2d<In extends number = AnyShape, Out extends number = AnyShape> extends ConvTransposeLayer<
  In,
  Out,
  2
> {
  /** @internal */
  static readonly isOwn = true;

  /**
   * @param inChannels - channels of the input.
   * @param outChannels - channels of the output.
   * @param kernelSize - the kernel's height and width: a number for both, or `[height, width]`.
   * @param options - `stride`, `padding`, `outputPadding`, `dilation`, `groups`, `bias`, `dtype`, `generator`.
   * @throws {@link ShapeError} for channels that are not whole numbers; {@link ValueError} for sizes and options that are none, and groups that do not divide the channels.
   */
  constructor(
    inChannels: In,
    outChannels: Out,
    kernelSize: number | readonly number[],
    options: ConvTransposeLayerOptions = {},
  ) {
    super("ConvTranspose2d", 2, inChannels, outChannels, kernelSize, options);
    refuseMore("ConvTranspose2d", arguments, 4);
  }

  /** `ConvTranspose2d(in, out, kernel)`, and the options that were given. */
  override describe(): string {
    return this.described("ConvTranspose2d");
  }

  /** `[in, out, kernelSize, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return this.given();
  }
}

/**
 * {@link convTranspose3d} with a learned weight `[inChannels, outChannels / groups, …kernel]` and bias, initialised as in PyTorch.
 *
 * @example
 * new ConvTranspose3d(4, 1, 2, { stride: 2 }).forward(zeros([2, 4, 3, 3, 3])).shape; // → [2, 1, 6, 6, 6]
 */
export class ConvTranspose3d<In extends number = AnyShape, Out extends number = AnyShape> extends ConvTransposeLayer<
  In,
  Out,
  3
> {
  /** @internal */
  static readonly isOwn = true;

  /**
   * @param inChannels - channels of the input.
   * @param outChannels - channels of the output.
   * @param kernelSize - the kernel's depth, height and width: a number for all, or a list.
   * @param options - `stride`, `padding`, `outputPadding`, `dilation`, `groups`, `bias`, `dtype`, `generator`.
   * @throws {@link ShapeError} for channels that are not whole numbers; {@link ValueError} for sizes and options that are none, and groups that do not divide the channels.
   */
  constructor(
    inChannels: In,
    outChannels: Out,
    kernelSize: number | readonly number[],
    options: ConvTransposeLayerOptions = {},
  ) {
    super("ConvTranspose3d", 3, inChannels, outChannels, kernelSize, options);
    refuseMore("ConvTranspose3d", arguments, 4);
  }

  /** `ConvTranspose3d(in, out, kernel)`, and the options that were given. */
  override describe(): string {
    return this.described("ConvTranspose3d");
  }

  /** `[in, out, kernelSize, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return this.given();
  }
}
