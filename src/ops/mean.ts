import { getDefaultDtype, isFloat } from "../core/dtype.ts";
import type { Op } from "../core/op.ts";
import { isTensor } from "../core/runtime.ts";
import { normalizeAxes } from "../core/shape.ts";
import type { AxesOf, Optional, Reduced, ShapeOf, Spread } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import type { OpCases } from "./cases.ts";
import { cast } from "./cast.ts";
import { div } from "./div.ts";
import { expand } from "./expand.ts";
import { type AxisBlock, blocksOf, keepBlock, type ReduceOptions, reducedShape } from "./reduce.ts";
import { sumInto, sumOp, total } from "./sum.ts";

/** The mean, of floats: divided before it is rounded, so sums that the dtype cannot hold do no harm. */
export const meanOp: Op<AxisBlock> = {
  name: "mean",
  shape: (inputs, block) => reducedShape(inputs[0]!.sizes, block),
  forward: (y, [x], block) => sumInto(y, x!, block, true),
  vjp: [
    ({ g, result, attrs }) => {
      const { sizes } = result.inputs[0]!;
      return expand(div(keepBlock(g, sizes, attrs), blocksOf(sizes, attrs).count), sizes);
    },
  ],
};

/**
 * Arithmetic mean over some axes, or all. Each element's derivative is 1 / count.
 *
 * @param x - a tensor; the mean of integers and bools is given in the default floating dtype, so `mean(eq(a, b))` is a share. Integers
 * are added up exactly, floats in float64. A mean is finite if the elements are: their sum need not fit into the dtype.
 * @param axes - an axis, several, or all if left out. Negative axes count from the end.
 * @param options - `keepDims`: keep the axes with size 1.
 * @returns x's shape without the axes. The mean of nothing is NaN.
 * @throws {@link ShapeError} for an axis out of range or named twice.
 * @example
 * mean(tensor([[1, 2], [3, 4]]), 1).toArray(); // → [1.5, 3.5]
 */
export function mean<
  T extends Tensor,
  const X extends number | readonly number[] | undefined = undefined,
  const O extends ReduceOptions | undefined = undefined,
>(x: T & AxesOf<T, X>, axes: Optional<Spread<X>>, options: Optional<O>): Tensor<Reduced<ShapeOf<T>, X, O>>;
export function mean(x: Tensor, axes?: number | readonly number[], options?: ReduceOptions): Tensor {
  refuseMore("mean", arguments, 3);
  const y = total("mean", x, axes, options, isTensor(x) && isFloat(x.dtype) ? meanOp : sumOp);
  if (isFloat(x.dtype)) return y;
  const count = normalizeAxes("mean", axes, x.shape.length).reduce((n, axis) => n * x.shape[axis]!, 1);
  return cast(div(y, count), getDefaultDtype());
}

export const meanCases: OpCases<AxisBlock> = {
  draw: (d) => {
    const shape = d.shape({ minSize: 1 });
    const start = d.int(0, shape.length);
    return { inputs: [d.floats(shape)], attrs: { start, end: d.int(start, shape.length) } };
  },
};
