import type { ShapeOf } from "../core/shapeTypes.ts";
import type { Tensor } from "../tensor.ts";
import { unaryCases } from "./cases.ts";
import { applyUnary, defineUnary } from "./define.ts";
import { mul } from "./mul.ts";

export const expOp = /* @__PURE__ */ defineUnary({
  name: "exp",
  dtype: "float",
  forward: (y, x) => {
    for (let i = 0; i < y.length; i++) y[i] = Math.exp(x[i]!);
  },
  vjp: ({ g, y }) => mul(g, y),
});

/**
 * Exponential, `eˣ` elementwise. The derivative is `eˣ`.
 *
 * @param x - a tensor of any shape; integers become the default floating dtype.
 * @returns a tensor of x's shape: 0 at −∞, ∞ above about 709.78 (88.72 in float32).
 * @example
 * exp(tensor([0, 1])).toArray(); // → [1, 2.7182817459106445]
 */
export function exp<T extends Tensor>(x: T): Tensor<ShapeOf<T>> {
  return applyUnary(expOp, x, arguments);
}

export const expCases = /* @__PURE__ */ unaryCases();
