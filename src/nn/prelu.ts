import { checkNumber } from "../core/arguments.ts";
import { type FloatDType, floatDtypes, getDefaultDtype } from "../core/dtype.ts";
import { ShapeError } from "../core/errors.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import type { AnyShape, Channels, Input, Keeps, Output } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import { full } from "../create.ts";
import { prelu } from "../ops/prelu.ts";
import type { Tensor } from "../tensor.ts";
import { checkInput, checkSizes, shapeOf } from "./doors.ts";
import { Layer } from "./layer.ts";

/** Options of {@link PReLU}. */
export interface PreluOptions {
  /** The slopes of the negative side at the start; 0.25 by default. */
  readonly slope?: number;
  /** The dtype of the slopes; the default floating dtype by default. */
  readonly dtype?: FloatDType;
}

const preluOptions: OptionKinds<PreluOptions> = { slope: "number", dtype: floatDtypes };

/**
 * {@link prelu} with its weight as a parameter.
 *
 * @example
 * new PReLU(3).forward(full([2, 3], -4)).toArray(); // → [[-1, -1, -1], [-1, -1, -1]]
 */
export class PReLU<C extends number = AnyShape> extends Layer<1 extends C ? Keeps : Channels<C>> {
  /** @internal */
  static readonly isOwn = true;
  /** Slopes below 0, shape `[channels]`. */
  weight: Tensor;

  /**
   * @param channels - how many slopes: 1 for all, or one for each channel on axis 1; 1 by default.
   * @param options - `slope`: what the weights start with, 0.25 by default; `dtype`.
   * @throws {@link ShapeError} if channels is not a positive integer; {@link ValueError} for a slope that is NaN, or an unknown option.
   */
  constructor(channels: C = 1 as C, options: PreluOptions = {}) {
    super();
    checkSizes("PReLU", { channels });
    const { slope = 0.25, dtype = getDefaultDtype() } = checkOptions("PReLU", options, preluOptions);
    refuseMore("PReLU", arguments, 2);
    if (channels === 0) throw new ShapeError("PReLU", "there must be a channel", "0");
    this.weight = full([channels], checkNumber("PReLU", "slope", slope), { dtype, requiresGrad: true });
  }

  /** {@link prelu} of x. */
  override forward<Self extends Layer, T extends Tensor>(this: Self, x: T & Input<Self, T>): Tensor<Output<Self, T>>;
  override forward(x: Tensor): Tensor {
    refuseMore("PReLU", arguments, 1);
    checkInput(this, x);
    return prelu(x, this.weight);
  }

  /** `PReLU(channels)`. */
  override describe(): string {
    return `PReLU(${shapeOf(this.weight, 1)})`;
  }

  /** `[channels, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return [this.weight.size, { dtype: this.weight.dtype }];
  }
}
