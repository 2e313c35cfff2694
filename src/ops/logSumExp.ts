import { noGrad } from "../core/apply.ts";
import { normalizeAxes } from "../core/shape.ts";
import type { AxesOf, Optional, Reduced, ShapeOf, Spread } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { abs } from "./abs.ts";
import { add } from "./add.ts";
import { cast } from "./cast.ts";
import { lt } from "./compare.ts";
import { floatOf } from "./define.ts";
import { exp } from "./exp.ts";
import { log } from "./log.ts";
import { max } from "./max.ts";
import { checkReduction, type ReduceOptions, reduceOptions } from "./reduce.ts";
import { reshape } from "./reshape.ts";
import { sub } from "./sub.ts";
import { sum } from "./sum.ts";
import { where } from "./where.ts";

/**
 * `log Σ eˣ` over some axes, or all, without overflow, because the largest element is subtracted first. The derivative is the
 * {@link softmax}.
 *
 * @param x - a tensor; integers are taken to the default floating dtype.
 * @param axes - an axis, several, or all if left out. Negative axes count from the end.
 * @param options - `keepDims`: keep the axes with size 1.
 * @returns x's shape without the axes. −∞ where all elements are −∞, or there are none; the gradient is NaN there, as
 * the softmax is.
 * @throws {@link ShapeError} for an axis out of range or named twice.
 * @example
 * logSumExp(tensor([1000, 1000], { dtype: "float64" })).item(); // → 1000.6931471805599
 */
export function logSumExp<
  T extends Tensor,
  const X extends number | readonly number[] | undefined = undefined,
  const O extends ReduceOptions | undefined = undefined,
>(x: T & AxesOf<T, X>, axes: Optional<Spread<X>>, options: Optional<O>): Tensor<Reduced<ShapeOf<T>, X, O>>;
export function logSumExp(x: Tensor, axes?: number | readonly number[], options?: ReduceOptions): Tensor {
  refuseMore("logSumExp", arguments, 3);
  checkReduction("logSumExp", x, axes, options, reduceOptions);
  const over = normalizeAxes("logSumExp", axes, x.shape.length);
  const v = cast(x, floatOf(x.dtype));
  if (over.some((axis) => v.shape[axis] === 0)) return log(sum(exp(v), over, options));
  // The result does not depend on the shift, which so takes no gradient.
  const shift = noGrad(() => {
    const largest = max(v, over, { keepDims: true });
    return where(lt(abs(largest), Number.POSITIVE_INFINITY), largest, 0);
  });
  const y = log(sum(exp(sub(v, shift)), over, options));
  return add(y, reshape(shift, y.shape));
}
