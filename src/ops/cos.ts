import type { ShapeOf } from "../core/shapeTypes.ts";
import type { Tensor } from "../tensor.ts";
import { unaryCases } from "./cases.ts";
import { applyUnary, defineUnary } from "./define.ts";
import { mul } from "./mul.ts";
import { neg } from "./neg.ts";
import { sin } from "./sin.ts";

export const cosOp = /* @__PURE__ */ defineUnary({
  name: "cos",
  dtype: "float",
  forward: (y, x) => {
    for (let i = 0; i < y.length; i++) y[i] = Math.cos(x[i]!);
  },
  vjp: ({ g, x }) => neg(mul(g, sin(x))),
});

/**
 * Cosine of x in radians, elementwise. The derivative is `−sin x`.
 *
 * @param x - a tensor of any shape; integers become the default floating dtype.
 * @returns a tensor of x's shape: NaN at ±∞.
 * @example
 * cos(tensor([0, Math.PI])).toArray(); // → [1, -1]
 */
export function cos<T extends Tensor>(x: T): Tensor<ShapeOf<T>> {
  return applyUnary(cosOp, x, arguments);
}

export const cosCases = /* @__PURE__ */ unaryCases();
