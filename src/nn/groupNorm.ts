import { checkTensor } from "../core/apply.ts";
import { checkCount } from "../core/arguments.ts";
import { isFloat } from "../core/dtype.ts";
import { DTypeError, ShapeError, ValueError } from "../core/errors.ts";
import { checkOptions } from "../core/options.ts";
import { describe, sameShape } from "../core/shape.ts";
import type { AnyShape, Channels, Input, Output, ShapeOf } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import { ones, zeros } from "../create.ts";
import { add } from "../ops/add.ts";
import { mul } from "../ops/mul.ts";
import { reshape } from "../ops/reshape.ts";
import type { Tensor } from "../tensor.ts";
import { checkInput, checkSizes } from "./doors.ts";
import { Layer } from "./layer.ts";
import {
  checkEps,
  type LayerNormArguments,
  type NormOptions,
  normArguments,
  normNames,
  normOptions,
  standardized,
} from "./layerNorm.ts";

/** Values for each channel, as they stand beside x, whose channels lie on axis 1. */
export function perChannel(op: string, name: string, x: Tensor, values: Tensor): Tensor {
  if (!sameShape(values.shape, [x.shape[1]!])) {
    throw new ShapeError(op, `the ${name} must have shape [${x.shape[1]}]`, describe(values));
  }
  return reshape(
    values,
    x.shape.slice(1).map((n, i) => (i === 0 ? n : 1)),
  );
}

/**
 * Normalizes groups of channels of each sample (Wu and He, 2018): within a group, the mean becomes 0 and the variance 1. A scale and a shift for each channel follow.
 *
 * @param x - a floating tensor `[batch, channels, …]`.
 * @param groups - into how many groups the channels are divided.
 * @param options - `weight` and `bias` of shape `[channels]`, `eps`.
 * @returns x's shape.
 * @throws {@link ShapeError} if shapes do not fit or groups do not divide the channels; {@link DTypeError} if x is not floating; {@link ValueError} for an eps that is not a number, or groups that are no count.
 * @example
 * groupNorm(tensor([[1, 3, 10, 30]]), 2, { eps: 0 }).toArray(); // → [[-1, 1, -1, 1]]
 */
export function groupNorm<T extends Tensor>(x: T, groups: number, options?: LayerNormArguments): Tensor<ShapeOf<T>>;
export function groupNorm(x: Tensor, groups: number, options: LayerNormArguments = {}): Tensor {
  checkTensor("groupNorm", x);
  const { weight = null, bias = null, eps = 1e-5 } = checkOptions("groupNorm", options, normArguments);
  refuseMore("groupNorm", arguments, 3);
  checkEps("groupNorm", eps);
  if (!isFloat(x.dtype)) throw new DTypeError("groupNorm", "x must be floating", x.dtype, 'use to("float32")');
  checkCount("groupNorm", "groups", groups, 1);
  const [batch, channels] = x.shape;
  if (batch === undefined || channels === undefined || channels % groups !== 0) {
    throw new ShapeError("groupNorm", `x must be [batch, channels, …] with channels in ${groups} groups`, describe(x));
  }
  const apart = reshape(x, [batch, groups, channels / groups, ...x.shape.slice(2)]);
  const axes = apart.shape.slice(2).map((_, i) => i + 2);
  const y = reshape(standardized(apart, axes, eps), x.shape);
  const scaled = weight === null ? y : mul(y, perChannel("groupNorm", "weight", x, weight));
  return bias === null ? scaled : add(scaled, perChannel("groupNorm", "bias", x, bias));
}

/**
 * {@link groupNorm} with a learned scale and shift for each channel, which start as 1 and 0.
 *
 * @example
 * new GroupNorm(2, 8).forward(zeros([3, 8])).shape; // → [3, 8]
 */
export class GroupNorm<C extends number = AnyShape> extends Layer<Channels<C>> {
  /** @internal */
  static readonly isOwn = true;
  /** Into how many groups the channels are divided. */
  readonly groups: number;
  /** Scale, shape `[channels]`, or null. */
  weight: Tensor | null;
  /** Shift, shape `[channels]`, or null. */
  bias: Tensor | null;
  /** Number of channels. */
  readonly channels: number;
  /** Added to the variance. */
  readonly eps: number;

  /**
   * @param groups - into how many groups the channels are divided.
   * @param channels - size of axis 1.
   * @param options - `eps` (1e-5 by default), `affine`, `dtype`.
   * @throws {@link ShapeError} for counts that are not positive whole numbers; {@link ValueError} if groups do not divide the channels, for an eps that is not a number or is negative, or an unknown option.
   */
  constructor(groups: number, channels: C, options: NormOptions = {}) {
    super();
    checkSizes("GroupNorm", { groups, channels });
    const {
      eps = 1e-5,
      affine = true,
      ...given
    } = checkOptions("GroupNorm", options, normOptions, { names: normNames });
    refuseMore("GroupNorm", arguments, 3);
    const shape = [channels];
    if (groups < 1 || channels % groups !== 0) {
      throw new ValueError("GroupNorm", "groups must divide the channels", `${groups} and ${channels}`);
    }
    this.groups = groups;
    this.channels = channels;
    this.eps = checkEps("GroupNorm", eps, 0);
    this.weight = affine ? ones(shape, { ...given, requiresGrad: true }) : null;
    this.bias = affine ? zeros(shape, { ...given, requiresGrad: true }) : null;
  }

  /** {@link groupNorm} with the layer's scale and shift. */
  override forward<Self extends Layer, T extends Tensor>(this: Self, x: T & Input<Self, T>): Tensor<Output<Self, T>>;
  override forward(x: Tensor): Tensor {
    refuseMore("GroupNorm", arguments, 1);
    checkInput(this, x);
    return groupNorm(x, this.groups, { weight: this.weight, bias: this.bias, eps: this.eps });
  }

  /** `GroupNorm(groups, channels)`. */
  override describe(): string {
    return `GroupNorm(${this.groups}, ${this.channels})`;
  }

  /** `[groups, channels, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    const { groups, channels, eps, weight } = this;
    return [groups, channels, { eps, affine: weight !== null, dtype: weight?.dtype }];
  }
}
