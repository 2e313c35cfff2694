import { apply } from "../core/apply.ts";
import { allocate, type DType, type TypedArray } from "../core/dtype.ts";
import type { Op, Operand } from "../core/op.ts";
import type { AxesOf, Optional, Reduced, ShapeOf, Spread } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import type { OpCases } from "./cases.ts";
import { expand } from "./expand.ts";
import { fit, mended, mostExact } from "./fit.ts";
import {
  type AxisBlock,
  type Blocks,
  blocksOf,
  checkReduction,
  keepBlock,
  type ReduceOptions,
  reduceAxes,
  reducedShape,
  reduceOptions,
  reduceTogether,
} from "./reduce.ts";

export const sumOp: Op<AxisBlock> = {
  name: "sum",
  shape: (inputs, block) => reducedShape(inputs[0]!.sizes, block),
  dtype: (inputs) => summedDtype(inputs[0]!.dtype),
  forward: (y, [x], block) => sumInto(y, x!, block, false),
  vjp: [
    ({ g, result, attrs }) => {
      const { sizes } = result.inputs[0]!;
      return expand(keepBlock(g, sizes, attrs), sizes);
    },
  ],
};

/** Fills y with sums, or means, or sums of squares, over a block of axes. */
export function sumInto(
  y: TypedArray,
  { values, shape, dtype }: Operand,
  block: AxisBlock,
  isMean: boolean,
  isSquared = false,
): void {
  const blocks = blocksOf(shape, block);
  const { outer, count, inner } = blocks;
  const divided = (s: number, k: number): number => {
    const m = s / count;
    if (Math.abs(m) < Number.POSITIVE_INFINITY) return m;
    // The sum overflowed, or there is a NaN or infinity.
    const lane = k - (k % inner);
    let t = 0;
    for (let c = 0, j = lane * count + (k % inner); c < count; c++, j += inner) t += values[j]! * tiny;
    return t / count / tiny;
  };
  if (inner === 1) {
    for (let o = 0; o < outer; o++) {
      const s = pairwise(values, o * count, count, isSquared);
      y[o] = isMean ? divided(s, o) : s;
    }
  } else {
    const s = y instanceof Float64Array ? y : allocate("float64", y.length, "sum"); // for the sake of float32 results
    s.fill(0);
    sumRows(s, values, blocks, isSquared);
    if (isMean) for (let k = 0; k < s.length; k++) s[k] = divided(s[k]!, k);
    if (s !== y) y.set(s);
  }
  if (dtype === "int32" && count > mostExact) mendSums(y, values, blocks);
}

/** With this factor, no sum of float64 overflows. */
export const tiny = 2 ** -64;

/** What sums are given in: integers in float64, which {@link fit} takes back to int32, and bools, whose counts always fit, in int32. */
export function summedDtype(dtype: DType): DType {
  if (dtype === "bool") return "int32";
  return dtype === "int32" ? "float64" : dtype;
}

/** Pairwise summation (Higham, 1993): the rounding error grows with log n, not n. */
function pairwise(x: TypedArray, at: number, n: number, isSquared: boolean): number {
  if (n <= 128) {
    let s = 0;
    if (isSquared) for (let i = at; i < at + n; i++) s += x[i]! * x[i]!;
    else for (let i = at; i < at + n; i++) s += x[i]!;
    return s;
  }
  const half = n >> 1;
  return pairwise(x, at, half, isSquared) + pairwise(x, at + half, n - half, isSquared);
}

/** Adds over an axis that is not the last, row by row. */
function sumRows(s: TypedArray, x: TypedArray, { outer, count, inner }: Blocks, isSquared: boolean): void {
  for (let o = 0; o < outer; o++) {
    for (let c = 0; c < count; c++) {
      const row = (o * count + c) * inner;
      if (isSquared) for (let i = 0; i < inner; i++) s[o * inner + i]! += x[row + i]! ** 2;
      else for (let i = 0; i < inner; i++) s[o * inner + i]! += x[row + i]!;
    }
  }
}

/** Makes sums of so many integers exact that float64 may have rounded some on the way. */
function mendSums(y: TypedArray, x: TypedArray, { outer, count, inner }: Blocks): void {
  const last = allocate("int32", y.length, "sum");
  for (let o = 0, k = 0; o < outer; o++) {
    for (let c = 0; c < count; c++) for (let i = 0; i < inner; i++, k++) last[o * inner + i]! += x[k]!;
  }
  for (let i = 0; i < y.length; i++) y[i] = mended(last[i]!, y[i]!);
}

/**
 * Sum over some axes, or all. Each element's derivative is 1.
 *
 * @param x - a tensor; `bool` is counted into `int32`. For `int32`, the sum is exact, or you get an error.
 * @param axes - an axis, several, or all if left out; `[]` sums over none. Negative axes count from the end.
 * @param options - `keepDims`: keep the axes with size 1.
 * @returns x's shape without the axes. The sum of nothing is 0. Floats are added pairwise (in float64 inside).
 * @throws {@link ShapeError} for an axis out of range or named twice.
 * @throws {@link ValueError} if `int32` cannot hold the sum: cast to `float64` first.
 * @example
 * sum(tensor([[1, 2], [3, 4]]), 0).toArray(); // → [4, 6]
 */
export function sum<
  T extends Tensor,
  const X extends number | readonly number[] | undefined = undefined,
  const O extends ReduceOptions | undefined = undefined,
>(x: T & AxesOf<T, X>, axes: Optional<Spread<X>>, options: Optional<O>): Tensor<Reduced<ShapeOf<T>, X, O>>;
export function sum(x: Tensor, axes?: number | readonly number[], options?: ReduceOptions): Tensor {
  refuseMore("sum", arguments, 3);
  return summed("sum", x, axes, options);
}

/** The sum, for the op that is named. */
export function summed(
  op: string,
  x: Tensor,
  axes: number | readonly number[] | undefined,
  options?: ReduceOptions,
): Tensor {
  const y = total(op, x, axes, options, sumOp);
  return x.dtype === "int32" ? fit(op, y) : y;
}

/** What a record of sums or means gives over some axes; of int32 in float64, and exact. */
export function total(
  op: string,
  x: Tensor,
  axes: number | readonly number[] | undefined,
  options: ReduceOptions | undefined,
  record: Op<AxisBlock>,
): Tensor {
  checkReduction(op, x, axes, options, reduceOptions);
  // Sums of sums may be too large for float64 to hold, so integers are added at once.
  const reduce = x.dtype === "int32" ? reduceTogether : reduceAxes;
  return reduce(op, x, axes, options, (t, block) => apply(record, [t], block));
}

export const sumCases: OpCases<AxisBlock> = {
  draw: (d) => {
    const shape = d.shape();
    const start = d.int(0, shape.length);
    return { inputs: [d.floats(shape)], attrs: { start, end: d.int(start, shape.length) } };
  },
};
