import type { Op } from "../core/op.ts";
import type { AxesOf, Optional, Reduced, ShapeOf, Spread } from "../core/shapeTypes.ts";
import type { Tensor } from "../tensor.ts";
import type { OpCases } from "./cases.ts";
import { type AxisBlock, type ReduceOptions, reducedAtOnce, reducedShape, reduceLanes } from "./reduce.ts";

/** The record of any (which looks for an element that is true) or all (for one that is false). */
const define = (name: string, sought: boolean): Op<AxisBlock> => ({
  name,
  shape: (inputs, block) => reducedShape(inputs[0]!.shape, block),
  dtype: () => "bool",
  forward: (y, [x], block) =>
    reduceLanes(y, x!, block, (values, at, step, count) => {
      for (let i = 0, j = at; i < count; i++, j += step) {
        if ((values[j] !== 0) === sought) return sought ? 1 : 0;
      }
      return sought ? 0 : 1;
    }),
  vjp: "nondifferentiable",
});

export const anyOp = /* @__PURE__ */ define("any", true);
export const allOp = /* @__PURE__ */ define("all", false);

/**
 * Whether any element is true, over some axes or all. Not differentiable.
 *
 * @param x - a tensor; of numbers, all but 0 count as true (NaN too).
 * @param axes - an axis, several, or all if left out. Negative axes count from the end.
 * @param options - `keepDims`: keep the axes with size 1.
 * @returns a bool tensor of x's shape without the axes; false for no elements.
 * @throws {@link ShapeError} for an axis out of range or named twice.
 * @example
 * any(tensor([[true, false], [false, false]]), 1).toArray(); // → [true, false]
 */
export function any<
  T extends Tensor,
  const X extends number | readonly number[] | undefined = undefined,
  const O extends ReduceOptions | undefined = undefined,
>(x: T & AxesOf<T, X>, axes: Optional<Spread<X>>, options: Optional<O>): Tensor<Reduced<ShapeOf<T>, X, O>>;
export function any(x: Tensor, axes?: number | readonly number[], options?: ReduceOptions): Tensor {
  return reducedAtOnce(anyOp, x, axes, options, arguments);
}

/**
 * Whether all elements are true, over some axes or all. Not differentiable.
 *
 * @param x - a tensor; of numbers, all but 0 count as true (NaN too).
 * @param axes - an axis, several, or all if left out. Negative axes count from the end.
 * @param options - `keepDims`: keep the axes with size 1.
 * @returns a bool tensor of x's shape without the axes; true for no elements.
 * @throws {@link ShapeError} for an axis out of range or named twice.
 * @example
 * all(tensor([[true, true], [true, false]]), 1).toArray(); // → [true, false]
 */
export function all<
  T extends Tensor,
  const X extends number | readonly number[] | undefined = undefined,
  const O extends ReduceOptions | undefined = undefined,
>(x: T & AxesOf<T, X>, axes: Optional<Spread<X>>, options: Optional<O>): Tensor<Reduced<ShapeOf<T>, X, O>>;
export function all(x: Tensor, axes?: number | readonly number[], options?: ReduceOptions): Tensor {
  return reducedAtOnce(allOp, x, axes, options, arguments);
}

const conditionCases: OpCases<AxisBlock> = {
  draw: (d) => {
    const shape = d.shape();
    const start = d.int(0, shape.length);
    return { inputs: [d.bools(shape)], attrs: { start, end: d.int(start, shape.length) } };
  },
};
export const anyCases = conditionCases;
export const allCases = conditionCases;
