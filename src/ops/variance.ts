import { noGrad } from "../core/apply.ts";
import { textOf, ValueError } from "../core/errors.ts";
import type { OptionKinds } from "../core/options.ts";
import { normalizeAxes } from "../core/shape.ts";
import type { Tensor } from "../tensor.ts";
import { cast, widened } from "./cast.ts";
import { floatOf } from "./define.ts";
import { div } from "./div.ts";
import { maskZero } from "./maskZero.ts";
import { mean } from "./mean.ts";
import { mul } from "./mul.ts";
import { checkReduction, type ReduceOptions } from "./reduce.ts";
import { sqrt } from "./sqrt.ts";
import { sub } from "./sub.ts";
import { sum } from "./sum.ts";

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
 * `correction`. Computed in two passes, so that a mean that is large beside the spread costs no digits. The derivative
 * is `2 (x − mean) / (n − correction)`.
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
export function variance(x: Tensor, axes?: number | readonly number[], options?: VarianceOptions): Tensor {
  return spread("variance", x, axes, options);
}

/**
 * Standard deviation over some axes, or all: the root of the {@link variance}. Where it is 0, so is its gradient, as in
 * PyTorch.
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
export function std(x: Tensor, axes?: number | readonly number[], options?: VarianceOptions): Tensor {
  return maskZero(spread("std", x, axes, options), sqrt);
}

function spread(
  name: string,
  x: Tensor,
  axes: number | readonly number[] | undefined,
  options: VarianceOptions | undefined,
): Tensor {
  checkReduction(name, x, axes, options, varianceOptions);
  const { keepDims = false, correction = 1 } = options ?? {};
  if (!Number.isFinite(correction)) {
    throw new ValueError(name, "correction must be a finite number", textOf(correction));
  }
  const over = normalizeAxes(name, axes, x.shape.length);
  const count = over.reduce((n, axis) => n * x.shape[axis]!, 1);
  // A constant shift changes the rounding only: in float32, a large mean is too coarse to be subtracted just once.
  const v = widened(x);
  const near = sub(
    v,
    noGrad(() => mean(v, over, { keepDims: true })),
  );
  const centred = sub(near, mean(near, over, { keepDims: true }));
  const y = div(sum(mul(centred, centred), over, { keepDims }), Math.max(0, count - correction));
  return cast(y, floatOf(x.dtype));
}
