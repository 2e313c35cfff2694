import { checkCount } from "../core/arguments.ts";
import { floatDtypes, isFloat } from "../core/dtype.ts";
import { DTypeError, ShapeError } from "../core/errors.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import { describe } from "../core/shape.ts";
import type { AnyShape, Channels, Input, Output } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import { mean } from "../ops/mean.ts";
import { mul } from "../ops/mul.ts";
import { relu } from "../ops/relu.ts";
import { reshape } from "../ops/reshape.ts";
import { sigmoid } from "../ops/sigmoid.ts";
import type { Tensor } from "../tensor.ts";
import { checkInput, checkSizes } from "./doors.ts";
import { Layer } from "./layer.ts";
import { Linear, type LinearOptions } from "./linear.ts";

/** Options of {@link SqueezeExcite}. */
export interface SqueezeExciteOptions extends Pick<LinearOptions, "dtype" | "generator"> {
  /** By how much the layer in the middle is smaller than the number of channels; 16 by default. It has 1 unit at least. */
  readonly reduction?: number;
}

const squeezeExciteOptions: OptionKinds<SqueezeExciteOptions> = {
  reduction: "number",
  dtype: floatDtypes,
  generator: "generator",
};

/**
 * Weighs channels by what all of them are like (Hu et al., 2018): `x · σ(W₂ relu(W₁ m + b₁) + b₂)`, where m is each channel's mean over its places. The result of the sigmoid, a number from 0 to 1
 * for each channel, scales the channel.
 *
 * It often stands at the end of a block, before the sum: `new Residual(new Sequential(conv, norm, new SqueezeExcite(64)))`.
 *
 * @example
 * const layer = new SqueezeExcite(64, { reduction: 8 });
 * layer.forward(randn([4, 64, 7, 7])).shape; // → [4, 64, 7, 7]
 * layer.squeeze.describe(); // → Linear(64, 8)
 */
export class SqueezeExcite<C extends number = AnyShape> extends Layer<Channels<C>> {
  /** @internal */
  static readonly isOwn = true;
  /** From the channels' means to the layer in the middle. */
  readonly squeeze: Linear;
  /** From there to a score for each channel. */
  readonly excite: Linear;
  /** Number of channels. */
  readonly channels: number;
  readonly #given: SqueezeExciteOptions;

  /**
   * @param channels - size of axis 1.
   * @param options - `reduction`, `dtype`, `generator`.
   * @throws {@link ShapeError} for channels that are no count; {@link ValueError} for a reduction that is no whole number, 1 or more, or an unknown option.
   */
  constructor(channels: C, options: SqueezeExciteOptions = {}) {
    super();
    checkSizes("SqueezeExcite", { channels });
    const { reduction = 16, ...given } = checkOptions("SqueezeExcite", options, squeezeExciteOptions);
    refuseMore("SqueezeExcite", arguments, 2);
    checkCount("SqueezeExcite", "reduction", reduction, 1);
    const middle = Math.max(Math.round(channels / reduction), 1);
    this.channels = channels;
    this.squeeze = new Linear(channels, middle, given);
    this.excite = new Linear(middle, channels, given);
    this.#given = { reduction, dtype: this.squeeze.weight.dtype as "float32" | "float64" };
  }

  /**
   * Scales each channel of each sample.
   *
   * @param x - `[batch, channels, …]`, floating, with one axis of places or more.
   * @throws {@link ShapeError} for another shape; {@link DTypeError} for anything that is not floating.
   */
  override forward<Self extends Layer, T extends Tensor>(this: Self, x: T & Input<Self, T>): Tensor<Output<Self, T>>;
  override forward(x: Tensor): Tensor {
    refuseMore("SqueezeExcite", arguments, 1);
    checkInput(this, x);
    if (!isFloat(x.dtype)) throw new DTypeError("SqueezeExcite", "x must be floating", x.dtype, 'use to("float32")');
    const { length } = x.shape;
    if (length < 3 || x.shape[1] !== this.channels) {
      const isSample = x.shape[0] === this.channels && length > 2;
      const hint = isSample ? "if it is one sample, write x.unsqueeze(0)" : "";
      throw new ShapeError("SqueezeExcite", `x must be [batch, ${this.channels}, …places]`, describe(x), hint);
    }
    const means = mean(
      x,
      x.shape.map((_, axis) => axis).filter((axis) => axis > 1),
    );
    const scale = sigmoid(this.excite.forward(relu(this.squeeze.forward(means))));
    return mul(
      x,
      reshape(
        scale,
        x.shape.map((n, axis) => (axis < 2 ? n : 1)),
      ),
    );
  }

  /** `SqueezeExcite(channels)`. */
  override describe(): string {
    return `SqueezeExcite(${this.channels})`;
  }

  /** `[channels, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return [this.channels, this.#given];
  }
}
