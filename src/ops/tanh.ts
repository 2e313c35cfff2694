import { apply } from "../core/apply.ts";
import type { Tensor } from "../tensor.ts";
import { unaryCases } from "./cases.ts";
import { defineUnary } from "./define.ts";
import { mul } from "./mul.ts";
import { sub } from "./sub.ts";

export const tanhOp = /* @__PURE__ */ defineUnary({
  name: "tanh",
  dtype: "float",
  forward: (y, x) => {
    for (let i = 0; i < y.length; i++) y[i] = Math.tanh(x[i]!);  },
  vjp: ({ g, y }) => sub(g, mul(g, mul(y, y))),
});

/**
 * Hyperbolic tangent, elementwise. The derivative is `1 − tanh² x`.
 *
 * @param x - a tensor of any shape; integers become the default floating dtype.
 * @returns a tensor of x's shape, saturated to exactly ±1 far out, where the gradient is exactly 0.
 * @example
 * tanh(tensor([0, 100, -Infinity])).toArray(); // → [0, 1, -1]
 */
export function tanh(x: Tensor): Tensor {
  return apply(tanhOp, [x], undefined);
}

export const tanhCases = /* @__PURE__ */ unaryCases({ low: -2.5, high: 2.5 });
