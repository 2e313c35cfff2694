import { apply } from "../core/apply.ts";
import type { Tensor } from "../tensor.ts";
import { unaryCases } from "./cases.ts";
import { defineUnary } from "./define.ts";
import { mul } from "./mul.ts";
import { sub } from "./sub.ts";

export const sigmoidOp = /* @__PURE__ */ defineUnary({
  name: "sigmoid",
  dtype: "float",
  forward: (y, x) => {
    for (let i = 0; i < y.length; i++) y[i] = 1 / (1 + Math.exp(-x[i]!));  },
  vjp: ({ g, y }) => mul(g, mul(y, sub(1, y))),
});

/**
 * Logistic function, `1 / (1 + e⁻ˣ)` elementwise. The derivative is `σ(x)(1 − σ(x))`.
 *
 * @param x - a tensor of any shape; integers become the default floating dtype.
 * @returns a tensor of x's shape with values from 0 to 1, both reached far out.
 * @example
 * sigmoid(tensor([0, -Infinity, Infinity])).toArray(); // → [0.5, 0, 1]
 */
export function sigmoid(x: Tensor): Tensor {
  return apply(sigmoidOp, [x], undefined);
}

export const sigmoidCases = /* @__PURE__ */ unaryCases();
