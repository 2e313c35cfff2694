import type { ShapeOf } from "../core/shapeTypes.ts";
import type { Tensor } from "../tensor.ts";
import { add } from "./add.ts";
import { unaryCases } from "./cases.ts";
import { applyUnary, defineUnary } from "./define.ts";
import { div } from "./div.ts";

export const log1pOp = /* @__PURE__ */ defineUnary({
  name: "log1p",
  dtype: "float",
  forward: (y, x) => {
    for (let i = 0; i < y.length; i++) y[i] = Math.log1p(x[i]!);
  },
  vjp: ({ g, x }) => div(g, add(x, 1)),
});

/**
 * `log(1 + x)` elementwise, exact to the last digits near 0. The derivative is `1 / (1 + x)`.
 *
 * @param x - a tensor of any shape; integers become the default floating dtype.
 * @returns a tensor of x's shape: −∞ at −1, NaN below.
 * @example
 * log1p(tensor([0, 1e-20], { dtype: "float64" })).toArray(); // → [0, 1e-20]
 */
export function log1p<T extends Tensor>(x: T): Tensor<ShapeOf<T>> {
  return applyUnary(log1pOp, x, arguments);
}

export const log1pCases = /* @__PURE__ */ unaryCases({ low: -0.8, high: 3 });
