import { apply, checkTensor, noGrad } from "../core/apply.ts";
import { normalizeAxis } from "../core/shape.ts";
import type { AxesOf, ShapeOf } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { abs } from "./abs.ts";
import { add } from "./add.ts";
import { cast } from "./cast.ts";
import { clamp } from "./clamp.ts";
import { lt } from "./compare.ts";
import { cummax } from "./cummax.ts";
import { floatOf } from "./define.ts";
import { exp } from "./exp.ts";
import { linearScanOp } from "./linearScan.ts";
import { log } from "./log.ts";
import { roll } from "./roll.ts";
import { sub } from "./sub.ts";
import { where } from "./where.ts";

/**
 * `log Σ eˣ` of the elements so far along an axis, without overflow: see {@link logSumExp}.
 *
 * @param x - a tensor; integers are taken to the default floating dtype.
 * @param axis - the axis; negative ones count from the end. A scalar may name axis 0.
 * @returns a tensor of x's shape: −∞ while all elements so far are −∞, where the gradient is NaN.
 * @throws {@link ShapeError} for an axis out of range.
 * @example
 * logcumsumexp(tensor([0, 1000, 1000], { dtype: "float64" }), 0).toArray(); // → [0, 1000, 1000.6931471805599]
 */
export function logcumsumexp<T extends Tensor, const X extends number>(
  x: T,
  axis: X & AxesOf<T, X>,
): Tensor<ShapeOf<T>>;
export function logcumsumexp(x: Tensor, axis: number): Tensor {
  refuseMore("logcumsumexp", arguments, 2);
  checkTensor("logcumsumexp", x);
  const at = normalizeAxis("logcumsumexp", axis, x.sizes.length);
  const v = cast(x, floatOf(x.dtype));
  if (v.size === 0 || v.sizes.length === 0) return add(v, 0);
  // The result does not depend on the shifts, which so take no gradient. A sum goes on from one shift to the next.
  const [shift, factor] = noGrad(() => {
    const { values } = cummax(v, at);
    const shift = where(lt(abs(values), Number.POSITIVE_INFINITY), values, 0);
    return [shift, exp(clamp(sub(roll(shift, 1, at), shift), null, 0))];
  });
  return add(log(apply(linearScanOp, [exp(sub(v, shift)), factor], { axis: at, reverse: false })), shift);
}
