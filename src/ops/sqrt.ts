import type { ShapeOf } from "../core/shapeTypes.ts";
import type { Tensor } from "../tensor.ts";
import { unaryCases } from "./cases.ts";
import { applyUnary, defineUnary } from "./define.ts";
import { div } from "./div.ts";
import { mul } from "./mul.ts";

export const sqrtOp = /* @__PURE__ */ defineUnary({
  name: "sqrt",
  dtype: "float",
  forward: (y, x) => {
    for (let i = 0; i < y.length; i++) y[i] = Math.sqrt(x[i]!);
  },
  vjp: ({ g, y }) => div(g, mul(y, 2)),
});

/**
 * Square root, elementwise. The derivative is `1 / (2√x)`: ∞ at 0.
 *
 * @param x - a tensor of any shape; integers become the default floating dtype.
 * @returns a tensor of x's shape: NaN below 0.
 * @example
 * sqrt(tensor([0, 4, -1])).toArray(); // → [0, 2, NaN]
 */
export function sqrt<T extends Tensor>(x: T): Tensor<ShapeOf<T>> {
  return applyUnary(sqrtOp, x, arguments);
}

export const sqrtCases = /* @__PURE__ */ unaryCases({ low: 0.1, high: 4 });
