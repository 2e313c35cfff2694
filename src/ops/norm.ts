import { ShapeError, textOf, ValueError } from "../core/errors.ts";
import { formatShape, normalizeAxes } from "../core/shape.ts";
import type { Tensor } from "../tensor.ts";
import { abs } from "./abs.ts";
import { cast, widened } from "./cast.ts";
import { ne } from "./compare.ts";
import { floatOf } from "./define.ts";
import { maskZero } from "./maskZero.ts";
import { max, min } from "./max.ts";
import { mul } from "./mul.ts";
import { pow } from "./pow.ts";
import { checkReduction, type ReduceOptions, reduceOptions } from "./reduce.ts";
import { sign } from "./sign.ts";
import { sqrt } from "./sqrt.ts";
import { sum } from "./sum.ts";
import { where } from "./where.ts";

/**
 * Vector norm over some axes, or all: `(Σ|x|ᵖ)^(1/p)`. For p = 1 the sum of magnitudes, for ±∞ the largest or smallest
 * of them, and for p = 0 the number of elements that are not 0.
 *
 * Gradients are PyTorch's (`linalg.vector_norm`): 0 for the elements of a zero vector, 0 at zeros where the derivative
 * would be infinite, in equal shares for ±∞, and 0 for p = 0. Powers may overflow where the norm would not: for p = 2
 * from about 10¹⁵⁴ (10¹⁹ in float32).
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
export function norm(x: Tensor, p = 2, axes?: number | readonly number[], options?: ReduceOptions): Tensor {
  if (typeof p !== "number" || p !== p) {
    throw new ValueError("norm", "p must be a number or ±Infinity", textOf(p), "write norm(x, 2, axes) to name axes");
  }
  checkReduction("norm", x, axes, options, reduceOptions, "x, 2, ");
  const over = normalizeAxes("norm", axes, x.shape.length);
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
  if (p === 2) return maskZero(sum(mul(v, v), over, options), sqrt);
  if (p === Number.POSITIVE_INFINITY) return max(abs(v), over, options);
  if (p === Number.NEGATIVE_INFINITY) return min(abs(v), over, options);
  const atZero = p < 0 ? Number.POSITIVE_INFINITY : 0;
  const powers = maskZero(abs(v), (t) => pow(t, p), atZero);
  return maskZero(sum(powers, over, options), (t) => pow(t, 1 / p), atZero);
}
