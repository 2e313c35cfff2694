import { textOf, ValueError } from "../core/errors.ts";
import type { OptionKinds } from "../core/options.ts";
import { normalizeAxes } from "../core/shape.ts";
import type { AxesOf, Optional, Reduced, ShapeOf, Spread } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { cast, widened } from "./cast.ts";
import { centre } from "./centre.ts";
import { floatOf } from "./define.ts";
import { checkReduction, type ReduceOptions } from "./reduce.ts";
import { spread } from "./spread.ts";

/** Options of {@link variance} and {@link std}. */
export interface VarianceOptions extends ReduceOptions {
  /**
   * What is subtracted from the number of elements in the divisor: 1 (default) for a sample (Bessel), 0 for a
   * population.
   */
  readonly correction?: number;
}

const varianceOptions: OptionKinds<VarianceOptions> = { keepDims: "boolean", correction: "number" };

/**
 * Variance over some axes, or all: the sum of squared distances from the mean, divided by the number of elements less
 * `correction`. Computed in two passes, so a mean that is large beside the spread costs no digits, and in float64, so
 * no square overflows where the variance would not. The derivative is `2 (x − mean) / (n − correction)`.
 *
 * @param x - a tensor; that of integers is computed in float64, and given in the default floating dtype.
 * @param axes - an axis, several, or all if left out. Negative axes count from the end.
 * @param options - `keepDims`: keep the axes with size 1; `correction`: 1 by default.
 * @returns x's shape without the axes. With no more elements than `correction`, the divisor is 0: the variance and
 * gradient of one element are NaN with the default correction.
 * @throws {@link ShapeError} for an axis out of range or named twice.
 * @throws {@link ValueError} if the correction is not a finite number.
 * @example
 * variance(tensor([[1, 3], [2, 6]]), 1).toArray(); // → [2, 8]
 * variance(tensor([1, 3]), undefined, { correction: 0 }).item(); // → 1
 */
export function variance<
  T extends Tensor,
  const X extends number | readonly number[] | undefined = undefined,
  const O extends VarianceOptions | undefined = undefined,
>(x: T & AxesOf<T, X>, axes: Optional<Spread<X>>, options: Optional<O>): Tensor<Reduced<ShapeOf<T>, X, O>>;
export function variance(x: Tensor, axes?: number | readonly number[], options?: VarianceOptions): Tensor {
  return spreadOf("variance", x, axes, options, false, arguments);
}

/**
 * Standard deviation over some axes, or all: the root of the {@link variance}, right where the variance would overflow or
 * be 0. Where it is 0, so is its gradient, as in PyTorch; there is no second derivative there, and it is NaN.
 *
 * @param x - a tensor; that of integers is computed in float64, and given in the default floating dtype.
 * @param axes - an axis, several, or all if left out. Negative axes count from the end.
 * @param options - `keepDims`: keep the axes with size 1; `correction`: 1 by default.
 * @returns x's shape without the axes. With no more elements than `correction`, the divisor is 0: see {@link variance}.
 * @throws {@link ShapeError} for an axis out of range or named twice.
 * @throws {@link ValueError} if the correction is not a finite number.
 * @example
 * std(tensor([[1, 3], [2, 2]]), 1, { correction: 0 }).toArray(); // → [1, 0]
 */
export function std<
  T extends Tensor,
  const X extends number | readonly number[] | undefined = undefined,
  const O extends VarianceOptions | undefined = undefined,
>(x: T & AxesOf<T, X>, axes: Optional<Spread<X>>, options: Optional<O>): Tensor<Reduced<ShapeOf<T>, X, O>>;
export function std(x: Tensor, axes?: number | readonly number[], options?: VarianceOptions): Tensor {
  return spreadOf("std", x, axes, options, true, arguments);
}

function spreadOf(
  name: string,
  x: Tensor,
  axes: number | readonly number[] | undefined,
  options: VarianceOptions | undefined,
  isRoot: boolean,
  args: IArguments,
): Tensor {
  refuseMore(name, args, 3);
  checkReduction(name, x, axes, options, varianceOptions);
  const { keepDims = false, correction = 1 } = options ?? {};
  if (!Number.isFinite(correction)) {
    throw new ValueError(name, "correction must be a finite number", textOf(correction));
  }
  const count = normalizeAxes(name, axes, x.sizes.length).reduce((n, axis) => n * x.sizes[axis]!, 1);
  const how = { divisor: Math.max(0, count - correction), eps: 0, isRoot };
  return cast(spread(name, centre(name, widened(x), axes), axes, { keepDims }, how), floatOf(x.dtype));
}
