import { checkTensor } from "../core/apply.ts";
import { type FloatDType, floatDtypes, isFloat } from "../core/dtype.ts";
import { DTypeError, ShapeError, textOf, ValueError } from "../core/errors.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import { checkShape, describe, formatShape, type Shape, sameShape } from "../core/shape.ts";
import type { AnyShape, Input, LastOf, Maps, Output, ShapeOf } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import { ones, zeros } from "../create.ts";
import { add } from "../ops/add.ts";
import { centre } from "../ops/centre.ts";
import { mul } from "../ops/mul.ts";
import { over } from "../ops/over.ts";
import { spread } from "../ops/spread.ts";
import type { Tensor } from "../tensor.ts";
import { checkInput } from "./doors.ts";
import { Layer } from "./layer.ts";

/** Options of {@link layerNorm}. */
export interface LayerNormArguments {
  /** What the result is multiplied by, of the normalized shape; nothing if left out or null. */
  readonly weight?: Tensor | null;
  /** What is added then, of the normalized shape; nothing if left out or null. */
  readonly bias?: Tensor | null;
  /** Added to the variance; 1e-5 by default. */
  readonly eps?: number;
}

/** Options of {@link LayerNorm}, {@link RMSNorm} and {@link GroupNorm}. */
export interface NormOptions {
  /** Added to the variance, or to the mean square. */
  readonly eps?: number;
  /** Whether scale and shift are learned; true by default. */
  readonly affine?: boolean;
  /** Floating dtype of the parameters; the default one if left out. */
  readonly dtype?: FloatDType;
}

/** Options of {@link LayerNorm}. */
export interface LayerNormOptions extends NormOptions {
  /** Whether the shift is learned, where the scale is; true by default. */
  readonly bias?: boolean;
}

/** @internal */
export const normArguments: OptionKinds<LayerNormArguments> = {
  weight: "tensor or null",
  bias: "tensor or null",
  eps: "number",
};

/** What PyTorch and Keras call options of normalization. */
export const normNames = {
  elementwiseAffine: "affine",
  center: "affine",
  scale: "affine",
  trackRunningStats: "tracksStatistics",
  epsilon: "eps",
};

/** @internal */
export const normOptions: OptionKinds<NormOptions> = { eps: "number", affine: "boolean", dtype: floatDtypes };

const layerNormOptions: OptionKinds<LayerNormOptions> = { ...normOptions, bias: "boolean" };

/** x less its mean over some axes, divided by its standard deviation there (without Bessel's correction). */
export function standardized(x: Tensor, axes: readonly number[], eps: number): Tensor {
  return overSpread(centre("layerNorm", x, axes), axes, eps);
}

/** x divided by its root mean square over some axes; eps is added to the mean square. */
export function overSpread(x: Tensor, axes: readonly number[], eps: number): Tensor {
  const divisor = axes.reduce((n, axis) => n * x.shape.at(axis)!, 1);
  return over(x, spread("layerNorm", x, axes, { keepDims: true }, { divisor, eps, isRoot: true }));
}

/** The last axes of x, which must have this shape. */
export function lastAxes(op: string, x: Tensor, shape: Shape): number[] {
  checkTensor(op, x);
  if (!isFloat(x.dtype)) throw new DTypeError(op, "x must be floating", x.dtype, 'use to("float32")');
  if (shape.length === 0) throw new ShapeError(op, "there must be an axis to normalize", "[]");
  if (shape.length > x.shape.length || !sameShape(x.shape.slice(-shape.length), shape)) {
    throw new ShapeError(op, `x must end in ${formatShape(shape)}`, describe(x));
  }
  return shape.map((_, i) => i - shape.length);
}

/** An eps is a number. A layer's is 0 or more; a function computes with a negative one, as PyTorch's does. */
export function checkEps(op: string, eps: number, least = Number.NEGATIVE_INFINITY): number {
  if (typeof eps === "number" && eps >= least) return eps;
  throw new ValueError(op, `eps must be a number${least === 0 ? ", 0 or more" : ""}`, textOf(eps));
}

/** A shape given as a number or an array. */
export function shapeOf(op: string, size: number | Shape): Shape {
  if (Array.isArray(size) || (Number.isSafeInteger(size) && (size as number) >= 0))
    return checkShape(op, [size].flat());
  throw new ShapeError(op, "the shape must be a whole number, 0 or more, or an array of them", textOf(size));
}

/**
 * Normalizes each sample separately (Ba et al., 2016): over the last axes, the mean becomes 0 and the variance 1. A scale and a shift follow.
 *
 * @param x - a floating tensor that ends in the normalized shape.
 * @param shape - the shape of the last axes; a number for one.
 * @param options - `weight`, `bias`, `eps`. Elements that are all equal become 0, and with an `eps` of 0 NaN. Elements of any size are safe.
 * @returns x's shape.
 * @throws {@link ShapeError} if shapes do not fit; {@link DTypeError} if x is not floating; {@link ValueError} for an eps that is not a number.
 * @example
 * layerNorm(tensor([[1, 3], [10, 30]]), 2, { eps: 0 }).toArray(); // → [[-1, 1], [-1, 1]]
 */
export function layerNorm<T extends Tensor>(
  x: T,
  shape: number | Shape,
  options?: LayerNormArguments,
): Tensor<ShapeOf<T>>;
export function layerNorm(x: Tensor, shape: number | Shape, options: LayerNormArguments = {}): Tensor {
  refuseMore("layerNorm", arguments, 3, "write layerNorm(x, shape, { weight, bias, eps })");
  const { weight = null, bias = null, eps = 1e-5 } = checkOptions("layerNorm", options, normArguments);
  const own = shapeOf("layerNorm", shape);
  const axes = lastAxes("layerNorm", x, own);
  checkEps("layerNorm", eps);
  for (const [name, t] of [
    ["weight", weight],
    ["bias", bias],
  ] as const) {
    if (t !== null && !sameShape(t.shape, own)) {
      throw new ShapeError("layerNorm", `the ${name} must have shape ${formatShape(own)}`, describe(t));
    }
  }
  const y = standardized(x, axes, eps);
  const scaled = weight === null ? y : mul(y, weight);
  return bias === null ? scaled : add(scaled, bias);
}

/**
 * {@link layerNorm} with a learned scale and shift, which start as 1 and 0.
 *
 * @example
 * new Sequential(new Linear(4, 8), new LayerNorm(8), relu).forward(zeros([2, 4])).shape; // → [2, 8]
 */
export class LayerNorm<N extends number = AnyShape> extends Layer<Maps<N, N>> {
  /** @internal */
  static readonly isOwn = true;
  /** Scale, of the normalized shape, or null. */
  weight: Tensor | null;
  /** Shift, of the normalized shape, or null. */
  bias: Tensor | null;
  /** The axes that are normalized over: the last ones. */
  readonly shape: Shape;
  /** Added to the variance. */
  readonly eps: number;

  /**
   * @param shape - the shape of the last axes; a number for one.
   * @param options - `eps` (1e-5 by default), `affine`, `bias`, `dtype`.
   * @throws {@link ShapeError} for an invalid shape; {@link ValueError} for an eps that is not a number or is negative, a bias without `affine`, or an unknown option.
   */
  constructor(shape: N | LastOf<N>, options: LayerNormOptions = {}) {
    super();
    const {
      eps = 1e-5,
      affine = true,
      bias,
      ...given
    } = checkOptions("LayerNorm", options, layerNormOptions, { names: normNames });
    refuseMore("LayerNorm", arguments, 2);
    if (bias === true && !affine) {
      throw new ValueError("LayerNorm", "affine: false has no bias", "bias: true", "leave out one of them");
    }
    this.shape = shapeOf("LayerNorm", shape);
    this.eps = checkEps("LayerNorm", eps, 0);
    this.weight = affine ? ones(this.shape, { ...given, requiresGrad: true }) : null;
    this.bias = affine && bias !== false ? zeros(this.shape, { ...given, requiresGrad: true }) : null;
  }

  /** {@link layerNorm} with the layer's scale and shift. */
  override forward<Self extends Layer, T extends Tensor>(this: Self, x: T & Input<Self, T>): Tensor<Output<Self, T>>;
  override forward(x: Tensor): Tensor {
    refuseMore("LayerNorm", arguments, 1);
    checkInput(this, x);
    return layerNorm(x, this.shape, { weight: this.weight, bias: this.bias, eps: this.eps });
  }

  /** `LayerNorm(sizes)`. */
  override describe(): string {
    return `LayerNorm(${this.shape.join(", ")})`;
  }

  /** `[shape, options]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    const { eps, weight, bias } = this;
    const isPart = weight !== null && bias === null;
    return [this.shape, { eps, affine: weight !== null, bias: isPart ? false : undefined, dtype: weight?.dtype }];
  }
}
