import { noGrad } from "../core/apply.ts";
import { isFloat } from "../core/dtype.ts";
import { DTypeError, ShapeError } from "../core/errors.ts";
import { describe, normalizeAxis } from "../core/shape.ts";
import type { AxesOf, Optional, Reduced, ShapeOf } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { eq, ne } from "./compare.ts";
import { gather } from "./gather.ts";
import { logicalAnd, logicalOr } from "./logical.ts";
import { maskedFill } from "./maskedFill.ts";
import { half, max, min } from "./max.ts";
import { mul } from "./mul.ts";
import { checkReduction, type ReduceOptions, reduceOptions } from "./reduce.ts";
import { flatten, reshape } from "./reshape.ts";
import { slice } from "./slice.ts";
import { argsort } from "./sort.ts";
import { sum } from "./sum.ts";
import { where } from "./where.ts";

/**
 * The median along an axis, or of all elements: an element of x. For an even number of elements, it is the lower of the two in the middle, as in PyTorch. For their mean, write
 * {@link quantile}`(x, 0.5)`. Along an axis, all of the gradient goes to
 * that one element; of all elements, equals of it share the gradient. Both are as in PyTorch.
 *
 * @param x - a tensor of numbers.
 * @param axis - the axis; all elements if left out. Negative ones count from the end.
 * @param options - `keepDims`: keep the axis with size 1.
 * @returns x's shape without the axis, in its dtype: NaN where there is a NaN.
 * @throws {@link ShapeError} for an axis out of range or without elements.
 * @throws {@link DTypeError} for bools.
 * @example
 * median(tensor([[1, 5, 2, 4], [7, 0, 9, 3]]), 1).toArray(); // → [2, 3]
 */
export function median<
  T extends Tensor,
  const X extends number | undefined = undefined,
  const O extends ReduceOptions | undefined = undefined,
>(x: T, axis: Optional<X & AxesOf<T, X>>, options: Optional<O>): Tensor<Reduced<ShapeOf<T>, X, O>>;
export function median(x: Tensor, axis?: number, options?: ReduceOptions): Tensor {
  refuseMore("median", arguments, 3);
  checkReduction("median", x, undefined, options, reduceOptions);
  if (x.dtype === "bool") throw new DTypeError("median", "needs numbers", "bool", 'cast first: x.to("int32")');
  const at = axis === undefined ? 0 : normalizeAxis("median", axis, x.sizes.length);
  const v = axis === undefined ? flatten(x) : x.sizes.length === 0 ? reshape(x, [1]) : x;
  const count = v.sizes[at]!;
  const left = axis === undefined ? x.sizes.map(() => 1) : x.sizes.map((n, d) => (d === at ? 1 : n));
  const shape = options?.keepDims ? left : axis === undefined ? [] : left.filter((_, d) => d !== at);
  if (count === 0) {
    if (axis === undefined && isFloat(x.dtype)) return reshape(mul(sum(x), Number.NaN), shape);
    throw new ShapeError("median", "needs at least one element", describe(x));
  }
  const place = noGrad(() => {
    const order = argsort(v, at);
    const one = (k: number): Tensor =>
      slice(order, ...v.sizes.map((_, d) => (d === at ? ([k, k + 1] as const) : null)));
    const last = one(count - 1); // NaN, if there is one
    const most = gather(v, at, last);
    return where(ne(most, most), last, one((count - 1) >> 1));
  });
  const y = gather(v, at, place);
  if (axis !== undefined || !isFloat(x.dtype)) return half(reshape(y, shape));
  // Of equals each gets its share: the largest of them, with all others out of the way; for −∞, the smallest.
  const least = y.detach();
  const isOther = noGrad(() => logicalAnd(ne(v, least), logicalOr(eq(v, v), eq(least, least))));
  const among = (from: (x: Tensor) => Tensor, fill: number): Tensor => from(maskedFill(v, isOther, fill));
  const isLowest = eq(reshape(least, []), Number.NEGATIVE_INFINITY);
  const [lowest, largest] = [among(min, Number.POSITIVE_INFINITY), among(max, Number.NEGATIVE_INFINITY)];
  return reshape(where(isLowest, lowest, largest), shape);
}
