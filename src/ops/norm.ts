import { apply } from "../core/apply.ts";
import { ShapeError, textOf, ValueError } from "../core/errors.ts";
import type { Op } from "../core/op.ts";
import { formatShape, normalizeAxes } from "../core/shape.ts";
import type { AxesOf, Optional, Reduced, ShapeOf, Spread } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { abs } from "./abs.ts";
import type { OpCases } from "./cases.ts";
import { cast, widened } from "./cast.ts";
import { ne } from "./compare.ts";
import { floatOf } from "./define.ts";
import { div } from "./div.ts";
import { maskZero } from "./maskZero.ts";
import { max, min } from "./max.ts";
import { mul } from "./mul.ts";
import { pow } from "./pow.ts";
import {
  type AxisBlock,
  checkReduction,
  keepBlock,
  type ReduceOptions,
  reducedShape,
  reduceLanes,
  reduceOptions,
  reduceTogether,
} from "./reduce.ts";
import { sign } from "./sign.ts";
import { direction, spread } from "./spread.ts";
import { sum } from "./sum.ts";
import { where } from "./where.ts";

/**
 * Vector norm over some axes, or all: `(Σ|x|ᵖ)^(1/p)`. For p = 1 the sum of magnitudes, for ±∞ the largest or smallest
 * of them, and for p = 0 the number of elements that are not 0.
 *
 * Gradients are PyTorch's (`linalg.vector_norm`): 0 for the elements of a zero vector, 0 at zeros where the derivative
 * would be infinite, in equal shares for ±∞, and 0 for p = 0. Second derivatives of a zero vector do not exist, and are
 * NaN. Beside an infinite element all gradients of p = 2 and above are NaN. Neither the norm nor its gradient overflows or underflows where the result is a number of the dtype.
 *
 * @param x - a tensor; that of integers is computed in float64, and given in the default floating dtype.
 * @param p - which norm; 2 by default.
 * @param axes - an axis, several, or all if left out. Negative axes count from the end.
 * @param options - `keepDims`: keep the axes with size 1.
 * @returns x's shape without the axes. The norm of nothing is 0.
 * @throws {@link ShapeError} for an axis out of range or named twice, and for p < 0 or p = ∞ of nothing.
 * @throws {@link ValueError} if p is not a number.
 * @example
 * const x = tensor([[3, 4], [0, -2]]);
 * norm(x, 2, 1).toArray(); // → [5, 2]
 * norm(x, Infinity).item(); // → 4
 */
export function norm<
  T extends Tensor,
  const X extends number | readonly number[] | undefined = undefined,
  const O extends ReduceOptions | undefined = undefined,
>(
  x: T & AxesOf<T, X>,
  p: Optional<number | undefined>,
  axes: Optional<Spread<X>>,
  options: Optional<O>,
): Tensor<Reduced<ShapeOf<T>, X, O>>;
export function norm(
  x: Tensor,
  p: Optional<number> = 2,
  axes?: number | readonly number[],
  options?: ReduceOptions,
): Tensor {
  refuseMore("norm", arguments, 4);
  if (typeof p !== "number" || p !== p) {
    throw new ValueError("norm", "p must be a number or ±Infinity", textOf(p), "write norm(x, 2, axes) to name axes");
  }
  checkReduction("norm", x, axes, options, reduceOptions, "x, 2, ");
  const over = normalizeAxes("norm", axes, x.sizes.length);
  if ((p < 0 || p === Number.POSITIVE_INFINITY) && over.some((axis) => x.shape[axis] === 0)) {
    throw new ShapeError(
      "norm",
      `there is no ${p}-norm of no elements`,
      formatShape(x.shape),
      "reduce a non-empty axis",
    );
  }
  return cast(normOf(widened(x), p, over, options), floatOf(x.dtype));
}

function normOf(v: Tensor, p: number, over: readonly number[], options: ReduceOptions | undefined): Tensor {
  if (p === 0) return sum(sign(where(ne(v, 0), 1, v)), over, options); // sign: a function of x, with derivative 0
  if (p === 1) return sum(abs(v), over, options);
  if (p === 2) return spread("norm", v, over, options, { divisor: 1, eps: 0, isRoot: true });
  if (p === Number.POSITIVE_INFINITY) return max(abs(v), over, options);
  if (p === Number.NEGATIVE_INFINITY) return min(abs(v), over, options);
  return reduceTogether("norm", v, over, options, (t, block) => apply(normOp, [t], { ...block, p }));
}

/** Vector norm over a block of axes, for p that are no special case. */
export const normOp: Op<AxisBlock & { readonly p: number }> = {
  name: "norm",
  shape: ([x], block) => reducedShape(x!.sizes, block),
  // Elements are measured by the largest one, or the smallest for p < 0, so no power overflows or vanishes.
  forward: (y, [x], block) => {
    const { p } = block;
    const [extreme, unit] = p > 0 ? [Math.max, 0] : [Math.min, Number.POSITIVE_INFINITY];
    reduceLanes(y, x!, block, (values, at, step, count) => {
      let most = unit;
      for (let i = 0, j = at; i < count; i++, j += step) most = extreme(most, Math.abs(values[j]!));
      if (!(most > 0 && most < Number.POSITIVE_INFINITY)) return most;
      let s = 0;
      for (let i = 0, j = at; i < count; i++, j += step) s += (Math.abs(values[j]!) / most) ** p;
      return most * s ** (1 / p);
    });
  },
  vjp: [
    ({ g, x, y, attrs }) => {
      const { p } = attrs;
      const kept = keepBlock(y, x.sizes, attrs);
      const slope = (size: Tensor): Tensor => pow(p < 1 ? div(size, kept) : direction(size, kept), p - 1);
      const size = abs(x);
      return mul(mul(keepBlock(g, x.sizes, attrs), sign(x)), p < 1 ? maskZero(size, slope) : slope(size));
    },
  ],
};

export const normCases: OpCases<AxisBlock & { readonly p: number }> = {
  draw: (d) => {
    const shape = d.shape({ minSize: 1 });
    const start = d.int(0, shape.length);
    const attrs = { start, end: d.int(start, shape.length), p: d.pick([3, 2.5, 1.5, 0.5, -1]) };
    return { inputs: [d.floats(shape, { avoid: [-0.25, 0, 0.25] })], attrs };
  },
};
