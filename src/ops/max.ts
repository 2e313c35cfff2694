import type { TypedArray } from "../core/dtype.ts";
import { ShapeError } from "../core/errors.ts";
import type { Op, Saved } from "../core/op.ts";
import { formatShape } from "../core/shape.ts";
import type { AxesOf, Optional, Reduced, ShapeOf, Spread } from "../core/shapeTypes.ts";
import type { Tensor } from "../tensor.ts";
import type { OpCases } from "./cases.ts";
import { eq, ne } from "./compare.ts";
import { div } from "./div.ts";
import {
  type AxisBlock,
  blocksOf,
  keepBlock,
  type ReduceOptions,
  reducedAtOnce,
  reducedShape,
  reduceLanes,
} from "./reduce.ts";
import { sum } from "./sum.ts";
import { where } from "./where.ts";

/** Marks what PyTorch returns in a pair with indices. Here it is one tensor, which can be gone through by its rows: taken apart, it would be the first two of them, silently. */
export function half(y: Tensor): Tensor {
  y.mark = -1;
  return y;
}

const define = (
  name: string,
  lane: (x: TypedArray, at: number, step: number, count: number) => number,
): Op<AxisBlock> => ({
  name,
  shape: (inputs, block) => {
    const { shape } = inputs[0]!;
    if (blocksOf(shape, block).count === 0) {
      throw new ShapeError(name, "there is no extreme of no elements", formatShape(shape), "reduce a non-empty axis");
    }
    return reducedShape(shape, block);
  },
  forward: (y, [x], block) => reduceLanes(y, x!, block, lane),
  vjp: [splitEvenly],
});

/** The cotangent goes to the elements that attain the extreme, in equal shares. NaN attains it where the extreme is NaN. */
function splitEvenly({ g, x, y, attrs }: Saved<AxisBlock>): Tensor {
  const kept = keepBlock(y, x.shape, attrs);
  const attains = where(eq(kept, kept), eq(x, kept), ne(x, x));
  const axes = Array.from({ length: attrs.end - attrs.start }, (_, i) => attrs.start + i);
  const share = div(keepBlock(g, x.shape, attrs), sum(attains, axes, { keepDims: true }));
  return where(attains, share, 0);
}

export const maxOp = /* @__PURE__ */ define("max", (x, at, step, count) => {
  let best = x[at]!;
  for (let i = 1, j = at + step; i < count; i++, j += step) {
    const v = x[j]!;
    if (v > best || v !== v) best = v;
    if (best !== best) return best;
  }
  return best;
});

export const minOp = /* @__PURE__ */ define("min", (x, at, step, count) => {
  let best = x[at]!;
  for (let i = 1, j = at + step; i < count; i++, j += step) {
    const v = x[j]!;
    if (v < best || v !== v) best = v;
    if (best !== best) return best;
  }
  return best;
});

/**
 * Largest element over some axes, or all; NaN if there is one. The gradient goes to the largest element, in equal shares if several tie
 * (PyTorch's `amax`), and to NaN where there is one (PyTorch's `max`; its `amax` spreads NaN to all). For the whole gradient to the first
 * one instead, {@link gather} at {@link argmax}.
 *
 * @param x - a tensor of any dtype.
 * @param axes - an axis, several, or all if left out. Negative axes count from the end.
 * @param options - `keepDims`: keep the axes with size 1.
 * @returns x's shape without the axes, in x's dtype.
 * @throws {@link ShapeError} if there is nothing to take the maximum of, or for an axis out of range.
 * @example
 * max(tensor([[1, 5], [7, 3]]), 1).toArray(); // → [5, 7]
 */
export function max<
  T extends Tensor,
  const X extends number | readonly number[] | undefined = undefined,
  const O extends ReduceOptions | undefined = undefined,
>(x: T & AxesOf<T, X>, axes: Optional<Spread<X>>, options: Optional<O>): Tensor<Reduced<ShapeOf<T>, X, O>>;
export function max(x: Tensor, axes?: number | readonly number[], options?: ReduceOptions): Tensor {
  return half(reducedAtOnce(maxOp, x, axes, options, arguments));
}

/**
 * Smallest element over some axes, or all; NaN if there is one. The gradient goes to the smallest element, in equal shares if several
 * tie (PyTorch's `amin`), and to NaN where there is one.
 *
 * @param x - a tensor of any dtype.
 * @param axes - an axis, several, or all if left out. Negative axes count from the end.
 * @param options - `keepDims`: keep the axes with size 1.
 * @returns x's shape without the axes, in x's dtype.
 * @throws {@link ShapeError} if there is nothing to take the minimum of, or for an axis out of range.
 * @example
 * min(tensor([[1, 5], [7, 3]]), 1).toArray(); // → [1, 3]
 */
export function min<
  T extends Tensor,
  const X extends number | readonly number[] | undefined = undefined,
  const O extends ReduceOptions | undefined = undefined,
>(x: T & AxesOf<T, X>, axes: Optional<Spread<X>>, options: Optional<O>): Tensor<Reduced<ShapeOf<T>, X, O>>;
export function min(x: Tensor, axes?: number | readonly number[], options?: ReduceOptions): Tensor {
  return half(reducedAtOnce(minOp, x, axes, options, arguments));
}

const extremeCases: OpCases<AxisBlock> = {
  draw: (d) => {
    const shape = d.shape({ minSize: 1 });
    const start = d.int(0, shape.length);
    return { inputs: [d.floats(shape, { distinct: true })], attrs: { start, end: d.int(start, shape.length) } };
  },
  errors: [{ inputs: [[2, 0]], attrs: { start: 1, end: 2 }, error: "there is no extreme of no elements, got [2, 0]" }],
};
export const maxCases = extremeCases;
export const minCases = extremeCases;
