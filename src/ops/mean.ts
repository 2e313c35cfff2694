import { getDefaultDtype, isFloat } from "../core/dtype.ts";
import { normalizeAxes } from "../core/shape.ts";
import type { Tensor } from "../tensor.ts";
import { cast } from "./cast.ts";
import { div } from "./div.ts";
import type { ReduceOptions } from "./reduce.ts";
import { total } from "./sum.ts";

/**
 * Arithmetic mean over some axes, or all. Each element's derivative is 1 / count.
 *
 * @param x - a tensor; the mean of integers and bools is given in the default floating dtype, so that `mean(eq(a, b))` is a share. Integers
 * are added up exactly, floats in float64. A mean is finite if the elements are: their sum need not fit into the dtype.
 * @param axes - an axis, several, or all if left out. Negative axes count from the end.
 * @param options - `keepDims`: keep the axes with size 1.
 * @returns x's shape without the axes. The mean of nothing is NaN.
 * @throws {@link ShapeError} for an axis out of range or named twice.
 * @example
 * mean(tensor([[1, 2], [3, 4]]), 1).toArray(); // → [1.5, 3.5]
 */
export function mean(x: Tensor, axes?: number | readonly number[], options?: ReduceOptions): Tensor {
  const y = total("mean", x, axes, options);
  if (isFloat(x.dtype)) return y;
  const count = normalizeAxes("mean", axes, x.shape.length).reduce((n, axis) => n * x.shape[axis]!, 1);
  return cast(div(y, count), getDefaultDtype());
}
