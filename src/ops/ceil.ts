import type { ShapeOf } from "../core/shapeTypes.ts";
import type { Tensor } from "../tensor.ts";
import { unaryCases } from "./cases.ts";
import { applyUnary, defineUnary } from "./define.ts";
import { zerosLike } from "./zerosLike.ts";

export const ceilOp = /* @__PURE__ */ defineUnary({
  name: "ceil",
  forward: (y, x) => {
    for (let i = 0; i < y.length; i++) y[i] = Math.ceil(x[i]!);
  },
  vjp: ({ g }) => zerosLike(g),
});

/**
 * Smallest integer not below x, elementwise, in x's dtype. The derivative is 0 everywhere.
 *
 * @param x - a tensor of any shape and dtype.
 * @example
 * ceil(tensor([1.5, 2])).toArray(); // → [2, 2]
 */
export function ceil<T extends Tensor>(x: T): Tensor<ShapeOf<T>> {
  return applyUnary(ceilOp, x, arguments);
}

export const ceilCases = /* @__PURE__ */ unaryCases({ avoid: [-3, -2, -1, 0, 1, 2, 3] });
