import { apply } from "../core/apply.ts";
import type { DType, TypedArray } from "../core/dtype.ts";
import type { Op } from "../core/op.ts";
import type { Tensor } from "../tensor.ts";
import type { OpCases } from "./cases.ts";
import { expand } from "./expand.ts";
import { type AxisBlock, blocksOf, keepBlock, type ReduceOptions, reduceAxes, reducedShape } from "./reduce.ts";

export const sumOp: Op<AxisBlock> = {
  name: "sum",
  shape: (inputs, block) => reducedShape(inputs[0]!.shape, block),
  dtype: (inputs) => (inputs[0]!.dtype === "bool" ? "int32" : inputs[0]!.dtype),
  forward: (y, [x], block) => {
    const { outer, count, inner } = blocksOf(x!.shape, block);
    if (inner === 1) for (let o = 0; o < outer; o++) y[o] = pairwise(x!.values, o * count, count);
    else sumRows(y, x!.values, x!.dtype, outer, count, inner);
  },
  vjp: [(saved) => expand(keepBlock(saved.g, saved.shapeOf(0), saved.attrs), saved.shapeOf(0))],
};

/** Pairwise summation (Higham, 1993): the rounding error grows with log n, not n. */
function pairwise(x: TypedArray, at: number, n: number): number {
  if (n <= 128) {
    let s = 0;
    for (let i = at; i < at + n; i++) s += x[i]!;
    return s;
  }
  const half = n >> 1;
  return pairwise(x, at, half) + pairwise(x, at + half, n - half);
}

/** Sums over an axis that is not the last, row by row, in float64 for the sake of float32 results. */
function sumRows(y: TypedArray, x: TypedArray, dtype: DType, outer: number, count: number, inner: number): void {
  const s = dtype === "float64" ? y : new Float64Array(y.length);
  for (let o = 0; o < outer; o++) {
    for (let c = 0; c < count; c++) {
      const row = (o * count + c) * inner;
      for (let i = 0; i < inner; i++) s[o * inner + i]! += x[row + i]!;
    }
  }
  if (s !== y) y.set(s);
}

/**
 * Sum over some axes, or all. Each element's derivative is 1.
 *
 * @param x - a tensor; `bool` is counted into `int32`.
 * @param axes - an axis, several, or all if left out; `[]` sums over none. Negative axes count from the end.
 * @param options - `keepDims`: keep the axes with size 1.
 * @returns x's shape without the axes. The sum of nothing is 0. Floats are added pairwise (in float64 inside).
 * @throws {@link ShapeError} for an axis out of range or named twice.
 * @example
 * sum(tensor([[1, 2], [3, 4]]), 0).toArray(); // → [4, 6]
 */
export function sum(x: Tensor, axes?: number | readonly number[], options?: ReduceOptions): Tensor {
  return reduceAxes("sum", x, axes, options, (t, block) => apply(sumOp, [t], block));
}

export const sumCases: OpCases<AxisBlock> = {
  draw: (d) => {
    const shape = d.shape();
    const start = d.int(0, shape.length);
    return { inputs: [d.floats(shape)], attrs: { start, end: d.int(start, shape.length) } };
  },
};
