import { ShapeError } from "../core/errors.ts";
import { checkOptions } from "../core/options.ts";
import { describe, formatShape, type Shape, sameShape } from "../core/shape.ts";
import type { AnyShape, Input, LastOf, Maps, Output, ShapeOf } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import { ones } from "../create.ts";
import { mul } from "../ops/mul.ts";
import type { Tensor } from "../tensor.ts";
import { checkInput } from "./doors.ts";
import { Layer } from "./layer.ts";
import { checkEps, lastAxes, type NormOptions, normNames, normOptions, overSpread, shapeOf } from "./layerNorm.ts";

/** Options of {@link rmsNorm}. */
export interface RmsNormArguments {
  /** What the result is multiplied by, of the normalized shape; nothing if left out or null. */
  readonly weight?: Tensor | null;
  /** Added to the mean square; the spacing of x's dtype at 1 by default (2⁻²³ or 2⁻⁵²). */
  readonly eps?: number;
}

/**
 * Divides each sample by its root mean square over the last axes (Zhang and Sennrich, 2019), and multiplies by a scale: {@link layerNorm} without the mean.
 *
 * @param x - a floating tensor that ends in the normalized shape.
 * @param shape - the shape of the last axes; a number for one.
 * @param options - `weight`, `eps`.
 * @returns x's shape.
 * @throws {@link ShapeError} if shapes do not fit; {@link DTypeError} if x is not floating; {@link ValueError} for an eps that is not a number.
 * @example
 * Array.from(rmsNorm(tensor([6, 8, 0, 0]), 4).data, (v) => v.toFixed(1)); // → ["1.2", "1.6", "0.0", "0.0"]
 */
export function rmsNorm<T extends Tensor>(x: T, shape: number | Shape, options?: RmsNormArguments): Tensor<ShapeOf<T>>;
export function rmsNorm(x: Tensor, shape: number | Shape, options: RmsNormArguments = {}): Tensor {
  checkOptions("rmsNorm", options, { weight: "tensor or null", eps: "number" });
  refuseMore("rmsNorm", arguments, 3);
  const own = shapeOf("rmsNorm", shape);
  const axes = lastAxes("rmsNorm", x, own);
  const { weight = null, eps = x.dtype === "float64" ? 2 ** -52 : 2 ** -23 } = options;
  checkEps("rmsNorm", eps);
  if (weight !== null && !sameShape(weight.shape, own)) {
    throw new ShapeError("rmsNorm", `the weight must have shape ${formatShape(own)}`, describe(weight));
  }
  const y = overSpread(x, axes, eps);
  return weight === null ? y : mul(y, weight);
}

/**
 * {@link rmsNorm} with a learned scale, which starts as 1.
 *
 * @example
 * new RMSNorm(8).forward(ones([2, 8])).shape; // → [2, 8]
 */
export class RMSNorm<N extends number = AnyShape> extends Layer<Maps<N, N>> {
  /** @internal */
  static readonly isOwn = true;
  /** Scale, of the normalized shape, or null. */
  weight: Tensor | null;
  /** The axes that are normalized over: the last ones. */
  readonly shape: Shape;
  /** Added to the mean square; the spacing of numbers at 1 if undefined. */
  readonly eps: number | undefined;

  /**
   * @param shape - the shape of the last axes; a number for one.
   * @param options - `eps`, `affine`, `dtype`.
   * @throws {@link ShapeError} for an invalid shape; {@link ValueError} for an eps that is not a number or is negative, or an unknown option.
   */
  constructor(shape: N | LastOf<N>, options: NormOptions = {}) {
    super();
    const { eps, affine = true, ...given } = checkOptions("RMSNorm", options, normOptions, { names: normNames });
    refuseMore("RMSNorm", arguments, 2);
    this.shape = shapeOf("RMSNorm", shape);
    if (eps !== undefined) checkEps("RMSNorm", eps, 0);
    this.eps = eps;
    this.weight = affine ? ones(this.shape, { ...given, requiresGrad: true }) : null;
  }

  /** {@link rmsNorm} with the layer's scale. */
  override forward<Self extends Layer, T extends Tensor>(this: Self, x: T & Input<Self, T>): Tensor<Output<Self, T>>;
  override forward(x: Tensor): Tensor {
    refuseMore("RMSNorm", arguments, 1);
    checkInput(this, x);
    const eps = this.eps === undefined ? {} : { eps: this.eps };
    return rmsNorm(x, this.shape, { weight: this.weight, ...eps });
  }

  /** `RMSNorm(sizes)`. */
  override describe(): string {
    return `RMSNorm(${this.shape.join(", ")})`;
  }

  /** `[shape, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return [this.shape, { eps: this.eps, affine: this.weight !== null, dtype: this.weight?.dtype }];
  }
}
