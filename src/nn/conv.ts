import { noGrad } from "../core/apply.ts";
import { floatDtypes } from "../core/dtype.ts";
import { ShapeError, textOf, ValueError } from "../core/errors.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import { describe, type Shape } from "../core/shape.ts";
import type { AnyChange, AnyShape, Input, Output, Windows } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import { convNd } from "../ops/convNd.ts";
import {
  type ConvOptions,
  type ConvWindowOptions,
  convNames,
  copied,
  paddingModes,
  perAxis,
  windowAttrs,
  windowKinds,
} from "../ops/convOptions.ts";
import { mul } from "../ops/mul.ts";
import { sub } from "../ops/sub.ts";
import { drawUniform } from "../random.ts";
import type { Tensor } from "../tensor.ts";
import { settingsText, settingText } from "./described.ts";
import { checkInput, checkSizes } from "./doors.ts";
import { Layer } from "./layer.ts";
import type { LinearOptions } from "./linear.ts";

/** Options of {@link Conv1d}, {@link Conv2d} and {@link Conv3d}: those of the functions, with `bias` true (the default) or false, `dtype` and `generator`. */
export interface ConvLayerOptions extends Omit<ConvOptions, "bias">, LinearOptions {}

const convLayerKinds: OptionKinds<ConvLayerOptions> = {
  ...windowKinds,
  paddingMode: paddingModes,
  bias: "boolean",
  dtype: floatDtypes,
  generator: "generator",
};

export const convLayerLead = {
  names: {
    ...convNames,
    kernelSize: "it is a separate argument, after the channels",
    useBias: "bias",
    filters: "the channels of the result are an argument of their own, the second",
    activation: "activations are entries of their own: new Sequential(new Conv2d(…), relu)",
    device: "there are no devices",
  },
  // PyTorch takes the stride instead of the options.
  instead: (given: unknown): string | undefined =>
    typeof given === "number" ? `write { stride: ${given} }` : undefined,
};

/** How windows go over the input of a layer of any kind. */
interface Settings extends ConvWindowOptions {
  readonly paddingMode?: ConvOptions["paddingMode"] & string;
  readonly outputPadding?: number | readonly number[];
}

/** What layers of convolution have in common: a weight and a bias that start as PyTorch's do, uniformly drawn from ±1/√(weight.shape[1] · kernel). */
export abstract class ConvBase<Change = AnyChange> extends Layer<Change> {
  /** The kernel. Its first two axes are `[out, in / groups]`; of transposed layers, `[in, out / groups]`. */
  weight: Tensor;
  /** Shape `[out]`, or null. */
  bias: Tensor | null;
  /** Channels of the input. */
  readonly inChannels: number;
  /** Channels of the output. */
  readonly outChannels: number;
  /** Size of the kernel along each axis. */
  readonly kernelSize: Shape;
  /** @internal How windows go over the input, as it was given. */
  protected readonly settings: Settings;

  protected constructor(
    op: string,
    axes: number,
    inChannels: number,
    outChannels: number,
    kernelSize: number | readonly number[],
    { bias = true, dtype, generator, ...settings }: Settings & LinearOptions,
    isTransposed = false,
  ) {
    super();
    const areSizes = [inChannels, outChannels].every((n) => Number.isSafeInteger(n) && n >= 0);
    if (!areSizes) checkSizes(op, { inChannels, outChannels, kernelSize } as { inChannels: number });
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    if (kernelSize === undefined || (typeof kernelSize === "object" && !Array.isArray(kernelSize))) {
      const hint = `write new ${op}(${inChannels}, ${outChannels}, 3) for one of 3`;
      throw new ValueError(op, "the kernel's size comes after the channels", textOf(kernelSize), hint);
    }
    this.kernelSize = perAxis(op, "kernelSize", kernelSize, axes, 1);
    const { groups } = windowAttrs(op, settings, this.kernelSize);
    if (inChannels % groups !== 0 || outChannels % groups !== 0) {
      const got = `${groups} for ${inChannels} and ${outChannels}`;
      throw new ValueError(op, "groups must divide the channels of input and output", got);
    }
    this.settings = copied(settings);
    const [first, second] = isTransposed ? [inChannels, outChannels] : [outChannels, inChannels];
    const shape = [first, second / groups, ...this.kernelSize];
    const fan = shape.slice(1).reduce((product, size) => product * size, 1);
    const bound = fan && 1 / Math.sqrt(fan);
    const given = { ...(dtype && { dtype }), ...(generator && { generator }) };
    const draw = (own: Shape): Tensor => {
      const x = noGrad(() => sub(mul(drawUniform(op, own, given), 2 * bound), bound));
      x.requiresGrad = true;
      return x;
    };
    this.weight = draw(shape);
    this.bias = bias ? draw([outChannels]) : null;
  }

  /** How a class of this kind is printed: `Conv2d(3, 16, 3, stride 2, padding 1)`. */
  protected described(name: string): string {
    const own = `${this.inChannels}, ${this.outChannels}, ${settingText(this.kernelSize)}`;
    return `${name}(${own}${settingsText(this.settings)}${this.bias ? "" : ", no bias"})`;
  }

  /** What the constructor takes. */
  protected given(): readonly unknown[] {
    const options = { ...this.settings, bias: this.bias !== null, dtype: this.weight.dtype };
    return [this.inChannels, this.outChannels, this.kernelSize, options];
  }
}

/** A layer of convolution along so many axes. */
abstract class ConvLayer<In extends number, Out extends number, Axes extends number> extends ConvBase<
  Windows<In, Out, Axes>
> {
  protected constructor(
    op: string,
    axes: number,
    inChannels: number,
    outChannels: number,
    kernelSize: number | readonly number[],
    options: ConvLayerOptions,
  ) {
    const own = checkOptions(op, options, convLayerKinds, convLayerLead);
    super(op, axes, inChannels, outChannels, kernelSize, own);
  }

  /**
   * The convolution with the layer's weight and bias.
   *
   * @param x - `[batch, channels, …]`, or without the batch.
   * @throws {@link ShapeError} for a shape that does not fit; {@link DTypeError} for anything that is not a tensor of floats.
   */
  override forward<Self extends Layer, T extends Tensor>(this: Self, x: T & Input<Self, T>): Tensor<Output<Self, T>>;
  override forward(x: Tensor): Tensor {
    checkInput(this, x);
    refuseMore(this.describe(), arguments, 1);
    const { shape } = x;
    const axes = this.kernelSize.length;
    const channels = shape.length - axes === 1 || shape.length - axes === 2 ? shape.at(-1 - axes) : this.inChannels;
    // What has its channels last is told so by the function.
    if (channels !== this.inChannels && shape.at(-1) !== this.inChannels) {
      const isGrey = this.inChannels === 1 && shape.length - axes === 1;
      const hint = isGrey
        ? "for samples of one channel, write x.unsqueeze(1)"
        : `for such an x, make the layer with ${channels} as its first number`;
      throw new ShapeError(this.describe(), `x must have ${this.inChannels} channels`, describe(x), hint);
    }
    return convNd(this.describe(), this.kernelSize.length, x, this.weight, { ...this.settings, bias: this.bias });
  }
}

/**
 * {@link conv1d} with a learned weight `[outChannels, inChannels / groups, kernel]` and bias, initialised as in PyTorch.
 *
 * @example
 * new Conv1d(2, 8, 3, { padding: "same" }).forward(zeros([4, 2, 100])).shape; // → [4, 8, 100]
 */
export class Conv1d<In extends number = AnyShape, Out extends number = AnyShape> extends ConvLayer<In, Out, 1> {
  /** @internal */
  static readonly isOwn = true;

  /**
   * @param inChannels - channels of the input.
   * @param outChannels - channels of the output.
   * @param kernelSize - elements of the kernel.
   * @param options - `stride`, `padding`, `paddingMode`, `dilation`, `groups`, `bias`, `dtype`, `generator`.
   * @throws {@link ShapeError} for channels that are not whole numbers; {@link ValueError} for sizes and options that are none, and groups that do not divide the channels.
   */
  constructor(
    inChannels: In,
    outChannels: Out,
    kernelSize: number | readonly number[],
    options: ConvLayerOptions = {},
  ) {
    super("Conv1d", 1, inChannels, outChannels, kernelSize, options);
    refuseMore("Conv1d", arguments, 4);
  }

  /** `Conv1d(in, out, kernel)`, and the options that were given. */
  override describe(): string {
    return this.described("Conv1d");
  }

  /** `[in, out, kernelSize, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return this.given();
  }
}

/**
 * {@link conv2d} with a learned weight `[outChannels, inChannels / groups, kernelHeight, kernelWidth]` and bias, initialised as in PyTorch.
 *
 * @example
 * const layer = new Conv2d(3, 16, 3, { stride: 2, padding: 1 });
 * layer.forward(zeros([8, 3, 28, 28])).shape; // → [8, 16, 14, 14]
 * layer.describe(); // → Conv2d(3, 16, 3, stride 2, padding 1)
 */
export class Conv2d<In extends number = AnyShape, Out extends number = AnyShape> extends ConvLayer<In, Out, 2> {
  /** @internal */
  static readonly isOwn = true;

  /**
   * @param inChannels - channels of the input.
   * @param outChannels - channels of the output.
   * @param kernelSize - the kernel's height and width: a number for both, or `[height, width]`.
   * @param options - `stride`, `padding`, `paddingMode`, `dilation`, `groups`, `bias`, `dtype`, `generator`.
   * @throws {@link ShapeError} for channels that are not whole numbers; {@link ValueError} for sizes and options that are none, and groups that do not divide the channels.
   */
  constructor(
    inChannels: In,
    outChannels: Out,
    kernelSize: number | readonly number[],
    options: ConvLayerOptions = {},
  ) {
    super("Conv2d", 2, inChannels, outChannels, kernelSize, options);
    refuseMore("Conv2d", arguments, 4);
  }

  /** `Conv2d(in, out, kernel)`, and the options that were given. */
  override describe(): string {
    return this.described("Conv2d");
  }

  /** `[in, out, kernelSize, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return this.given();
  }
}

/**
 * {@link conv3d} with a learned weight `[outChannels, inChannels / groups, …kernel]` and bias, initialised as in PyTorch.
 *
 * @example
 * new Conv3d(1, 4, [1, 3, 3]).forward(zeros([2, 1, 5, 8, 8])).shape; // → [2, 4, 5, 6, 6]
 */
export class Conv3d<In extends number = AnyShape, Out extends number = AnyShape> extends ConvLayer<In, Out, 3> {
  /** @internal */
  static readonly isOwn = true;

  /**
   * @param inChannels - channels of the input.
   * @param outChannels - channels of the output.
   * @param kernelSize - the kernel's depth, height and width: a number for all, or a list.
   * @param options - `stride`, `padding`, `paddingMode`, `dilation`, `groups`, `bias`, `dtype`, `generator`.
   * @throws {@link ShapeError} for channels that are not whole numbers; {@link ValueError} for sizes and options that are none, and groups that do not divide the channels.
   */
  constructor(
    inChannels: In,
    outChannels: Out,
    kernelSize: number | readonly number[],
    options: ConvLayerOptions = {},
  ) {
    super("Conv3d", 3, inChannels, outChannels, kernelSize, options);
    refuseMore("Conv3d", arguments, 4);
  }

  /** `Conv3d(in, out, kernel)`, and the options that were given. */
  override describe(): string {
    return this.described("Conv3d");
  }

  /** `[in, out, kernelSize, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return this.given();
  }
}
