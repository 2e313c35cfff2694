import { isFloat } from "../core/dtype.ts";
import type { AxesOf, Optional, Reduced, ShapeOf, Spread } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { add } from "./add.ts";
import { any } from "./anyAll.ts";
import { cast } from "./cast.ts";
import { eq } from "./compare.ts";
import { fit } from "./fit.ts";
import { mul } from "./mul.ts";
import { blocksOf, checkReduction, type ReduceOptions, reduceAxes, reducedShape, reduceOptions } from "./reduce.ts";
import { reshape } from "./reshape.ts";
import { slice } from "./slice.ts";
import { sum } from "./sum.ts";
import { where } from "./where.ts";

/**
 * Product over some axes, or all. Each element's derivative is the product of the others, and is computed as such, by
 * multiplying halves: no division by the element, so zeros are no special case in derivatives of any order.
 *
 * @param x - a tensor; `bool` is multiplied into `int32`. For `int32`, the product is exact, or you get an error.
 * @param axes - an axis, several, or all if left out; `[]` multiplies over none. Negative axes count from the end.
 * @param options - `keepDims`: keep the axes with size 1.
 * @returns x's shape without the axes. The product of nothing is 1.
 * @throws {@link ShapeError} for an axis out of range or named twice.
 * @throws {@link ValueError} if `int32` cannot hold the product: cast to `float64` first.
 * @example
 * prod(tensor([[1, 2], [3, 4]]), 0).toArray(); // → [3, 8]
 */
export function prod<
  T extends Tensor,
  const X extends number | readonly number[] | undefined = undefined,
  const O extends ReduceOptions | undefined = undefined,
>(x: T & AxesOf<T, X>, axes: Optional<Spread<X>>, options: Optional<O>): Tensor<Reduced<ShapeOf<T>, X, O>>;
export function prod(x: Tensor, axes?: number | readonly number[], options?: ReduceOptions): Tensor {
  refuseMore("prod", arguments, 3);
  checkReduction("prod", x, axes, options, reduceOptions);
  if (isFloat(x.dtype)) return multiplied(x, axes, options);
  // Without zeros, no product on the way is larger than the whole, so float64 holds all of them if int32 holds that.
  const isZero = eq(x, 0);
  const others = multiplied(where(isZero, 1, cast(x, "float64")), axes, options);
  return fit("prod", where(any(isZero, axes, options), 0, others));
}

function multiplied(
  x: Tensor,
  axes: number | readonly number[] | undefined,
  options: ReduceOptions | undefined,
): Tensor {
  return reduceAxes("prod", x, axes, options, (t, block) => {
    const { outer, count, inner } = blocksOf(t.shape, block);
    return reshape(multiplyHalves(reshape(t, [outer, count, inner])), reducedShape(t.shape, block));
  });
}

/** Multiplies over the middle axis of three, in about log₂ n steps. */
function multiplyHalves(x: Tensor): Tensor {
  if (x.shape[1] === 0) return add(sum(x, 1), 1); // 1, and still a function of x
  let odd: Tensor | null = null;
  let y = x;
  for (let n = y.shape[1]!; n > 1; n >>= 1) {
    if (n & 1) {
      const last = slice(y, null, [n - 1, n]);
      odd = odd === null ? last : mul(odd, last);
    }
    const half = n >> 1;
    y = mul(slice(y, null, [0, half]), slice(y, null, [half, 2 * half]));
  }
  return odd === null ? y : mul(y, odd);
}
