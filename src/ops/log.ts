import type { ShapeOf } from "../core/shapeTypes.ts";
import type { Tensor } from "../tensor.ts";
import { unaryCases } from "./cases.ts";
import { applyUnary, defineUnary } from "./define.ts";
import { div } from "./div.ts";

export const logOp = /* @__PURE__ */ defineUnary({
  name: "log",
  dtype: "float",
  forward: (y, x) => {
    for (let i = 0; i < y.length; i++) y[i] = Math.log(x[i]!);
  },
  vjp: ({ g, x }) => div(g, x),
});

/**
 * Natural logarithm, elementwise. The derivative is `1 / x`.
 *
 * @param x - a tensor of any shape; integers become the default floating dtype.
 * @returns a tensor of x's shape: −∞ at 0 (where the gradient is ∞), NaN below.
 * @example
 * log(tensor([1, 0, -1])).toArray(); // → [0, -Infinity, NaN]
 */
export function log<T extends Tensor>(x: T): Tensor<ShapeOf<T>> {
  return applyUnary(logOp, x, arguments);
}

export const logCases = /* @__PURE__ */ unaryCases({ low: 0.1, high: 4 });
