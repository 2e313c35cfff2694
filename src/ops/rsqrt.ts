import type { ShapeOf } from "../core/shapeTypes.ts";
import type { Tensor } from "../tensor.ts";
import { unaryCases } from "./cases.ts";
import { applyUnary, defineUnary } from "./define.ts";
import { mul } from "./mul.ts";

export const rsqrtOp = /* @__PURE__ */ defineUnary({
  name: "rsqrt",
  dtype: "float",
  forward: (y, x) => {
    for (let i = 0; i < y.length; i++) y[i] = 1 / Math.sqrt(x[i]!);
  },
  vjp: ({ g, y }) => mul(mul(mul(g, mul(y, -0.5)), y), y), // not y³, which may overflow or vanish beside g
});

/**
 * Reciprocal of the square root, `1 / √x` elementwise. The derivative is `−½ x^(−3/2)`.
 *
 * @param x - a tensor of any shape; integers become the default floating dtype.
 * @returns a tensor of x's shape: ∞ at 0, NaN below.
 * @example
 * rsqrt(tensor([4, 0, -1])).toArray(); // → [0.5, Infinity, NaN]
 */
export function rsqrt<T extends Tensor>(x: T): Tensor<ShapeOf<T>> {
  return applyUnary(rsqrtOp, x, arguments);
}

export const rsqrtCases = /* @__PURE__ */ unaryCases({ low: 0.2, high: 4 });
