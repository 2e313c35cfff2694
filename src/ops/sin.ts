import type { ShapeOf } from "../core/shapeTypes.ts";
import type { Tensor } from "../tensor.ts";
import { unaryCases } from "./cases.ts";
import { cos } from "./cos.ts";
import { applyUnary, defineUnary } from "./define.ts";
import { mul } from "./mul.ts";

export const sinOp = /* @__PURE__ */ defineUnary({
  name: "sin",
  dtype: "float",
  forward: (y, x) => {
    for (let i = 0; i < y.length; i++) y[i] = Math.sin(x[i]!);
  },
  vjp: ({ g, x }) => mul(g, cos(x)),
});

/**
 * Sine of x in radians, elementwise. The derivative is `cos x`.
 *
 * @param x - a tensor of any shape; integers become the default floating dtype.
 * @returns a tensor of x's shape: NaN at ±∞.
 * @example
 * sin(tensor([0, Math.PI / 2])).toArray(); // → [0, 1]
 */
export function sin<T extends Tensor>(x: T): Tensor<ShapeOf<T>> {
  return applyUnary(sinOp, x, arguments);
}

export const sinCases = /* @__PURE__ */ unaryCases();
