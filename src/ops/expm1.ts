import type { ShapeOf } from "../core/shapeTypes.ts";
import type { Tensor } from "../tensor.ts";
import { unaryCases } from "./cases.ts";
import { applyUnary, defineUnary } from "./define.ts";
import { exp } from "./exp.ts";
import { mul } from "./mul.ts";

export const expm1Op = /* @__PURE__ */ defineUnary({
  name: "expm1",
  dtype: "float",
  forward: (y, x) => {
    for (let i = 0; i < y.length; i++) y[i] = Math.expm1(x[i]!);
  },
  vjp: ({ g, x }) => mul(g, exp(x)), // not y + 1, which has lost all digits where y is near −1
});

/**
 * `eˣ − 1` elementwise, exact to the last digits near 0. The derivative is `eˣ`.
 *
 * @param x - a tensor of any shape; integers become the default floating dtype.
 * @example
 * expm1(tensor([0, 1e-20], { dtype: "float64" })).toArray(); // → [0, 1e-20]
 */
export function expm1<T extends Tensor>(x: T): Tensor<ShapeOf<T>> {
  return applyUnary(expm1Op, x, arguments);
}

export const expm1Cases = /* @__PURE__ */ unaryCases();
