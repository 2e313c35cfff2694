import { apply } from "../core/apply.ts";
import { ShapeError } from "../core/errors.ts";
import type { Op } from "../core/op.ts";
import { formatShape, normalizeAxis } from "../core/shape.ts";
import type { AxesOf, Optional, Reduced, ShapeOf } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import type { OpCases } from "./cases.ts";
import {
  type AxisBlock,
  blocksOf,
  checkReduction,
  keepBlock,
  type LaneKernel,
  type ReduceOptions,
  reducedShape,
  reduceLanes,
  reduceOptions,
} from "./reduce.ts";

const define = (name: string, lane: LaneKernel): Op<AxisBlock> => ({
  name,
  shape: (inputs, block) => {
    const { shape } = inputs[0]!;
    if (blocksOf(shape, block).count === 0) {
      throw new ShapeError(name, "there is no extreme of no elements", formatShape(shape), "reduce a non-empty axis");
    }
    return reducedShape(shape, block);
  },
  dtype: () => "int32",
  forward: (y, [x], block) => reduceLanes(y, x!, block, lane),
  vjp: "nondifferentiable",
});

export const argmaxOp = /* @__PURE__ */ define("argmax", (x, at, step, count) => {
  let best = x[at]!;
  let place = 0;
  for (let i = 1, j = at + step; i < count && best === best; i++, j += step) {
    const v = x[j]!;
    if (v <= best) continue; // false for NaN
    best = v;
    place = i;
  }
  return place;
});

export const argminOp = /* @__PURE__ */ define("argmin", (x, at, step, count) => {
  let best = x[at]!;
  let place = 0;
  for (let i = 1, j = at + step; i < count && best === best; i++, j += step) {
    const v = x[j]!;
    if (v >= best) continue; // false for NaN
    best = v;
    place = i;
  }
  return place;
});

function locate(
  op: Op<AxisBlock>,
  x: Tensor,
  axis: number | undefined,
  options: ReduceOptions | undefined,
  args: IArguments,
): Tensor {
  refuseMore(op.name, args, 3);
  checkReduction(op.name, x, axis, options, reduceOptions);
  const rank = x.shape.length;
  const start = axis === undefined ? 0 : normalizeAxis(op.name, axis, rank);
  const block = { start, end: axis === undefined ? rank : start + 1 };
  const y = apply(op, [x], block);
  return options?.keepDims ? keepBlock(y, x.shape, block) : y;
}

/**
 * The index of the largest element: along an axis, or in row-major order among all elements. If several are equal, the first one. NaN
 * counts as the largest, the first NaN of several. Not differentiable.
 *
 * @param x - a tensor of any dtype.
 * @param axis - the axis; all if left out. Negative axes count from the end.
 * @param options - `keepDims`: keep the axis (or all) with size 1.
 * @returns an int32 tensor of x's shape without the axis; a scalar without one.
 * @throws {@link ShapeError} if there is nothing to take the maximum of, or for an axis out of range.
 * @example
 * const x = tensor([[1, 5, 2], [7, 3, 7]]);
 * argmax(x, 1).toArray(); // → [1, 0]
 * argmax(x).item(); // → 3
 */
export function argmax<
  T extends Tensor,
  const X extends number | undefined = undefined,
  const O extends ReduceOptions | undefined = undefined,
>(x: T, axis: Optional<X & AxesOf<T, X>>, options: Optional<O>): Tensor<Reduced<ShapeOf<T>, X, O>>;
export function argmax(x: Tensor, axis?: number, options?: ReduceOptions): Tensor {
  return locate(argmaxOp, x, axis, options, arguments);
}

/**
 * The index of the smallest element: along an axis, or in row-major order among all elements. If several are equal, the first one.
 * NaN counts as the smallest, the first NaN of several. Not differentiable.
 *
 * @param x - a tensor of any dtype.
 * @param axis - the axis; all if left out. Negative axes count from the end.
 * @param options - `keepDims`: keep the axis (or all) with size 1.
 * @returns an int32 tensor of x's shape without the axis; a scalar without one.
 * @throws {@link ShapeError} if there is nothing to take the minimum of, or for an axis out of range.
 * @example
 * const x = tensor([[1, 5, 2], [7, 3, 7]]);
 * argmin(x, 1).toArray(); // → [0, 1]
 * argmin(x).item(); // → 0
 */
export function argmin<
  T extends Tensor,
  const X extends number | undefined = undefined,
  const O extends ReduceOptions | undefined = undefined,
>(x: T, axis: Optional<X & AxesOf<T, X>>, options: Optional<O>): Tensor<Reduced<ShapeOf<T>, X, O>>;
export function argmin(x: Tensor, axis?: number, options?: ReduceOptions): Tensor {
  return locate(argminOp, x, axis, options, arguments);
}

const argumentCases: OpCases<AxisBlock> = {
  draw: (d) => {
    const shape = d.shape({ minSize: 1 });
    const start = d.int(0, shape.length);
    return { inputs: [d.floats(shape, { distinct: true })], attrs: { start, end: d.int(start, shape.length) } };
  },
  errors: [{ inputs: [[2, 0]], attrs: { start: 1, end: 2 }, error: "there is no extreme of no elements, got [2, 0]" }],
};
export const argmaxCases = argumentCases;
export const argminCases = argumentCases;
