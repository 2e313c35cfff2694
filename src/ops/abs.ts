import type { ShapeOf } from "../core/shapeTypes.ts";
import type { Tensor } from "../tensor.ts";
import { unaryCases } from "./cases.ts";
import { applyUnary, defineUnary } from "./define.ts";
import { mul } from "./mul.ts";
import { sign } from "./sign.ts";

export const absOp = /* @__PURE__ */ defineUnary({
  name: "abs",
  forward: (y, x) => {
    for (let i = 0; i < y.length; i++) y[i] = Math.abs(x[i]!);
  },
  vjp: ({ g, x }) => mul(g, sign(x)),
});

/**
 * Absolute value, elementwise. The derivative is `sign(x)`: 0 at 0 (a subgradient), NaN at NaN.
 *
 * @param x - a tensor of any shape and dtype; of `int32`, −2³¹ stays what it is.
 * @example
 * abs(tensor([-2, 0, 3])).toArray(); // → [2, 0, 3]
 */
export function abs<T extends Tensor>(x: T): Tensor<ShapeOf<T>> {
  return applyUnary(absOp, x, arguments);
}

export const absCases = /* @__PURE__ */ unaryCases({ avoid: [0] });
