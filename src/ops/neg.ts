import type { ShapeOf } from "../core/shapeTypes.ts";
import type { Tensor } from "../tensor.ts";
import { unaryCases } from "./cases.ts";
import { applyUnary, defineUnary } from "./define.ts";

export const negOp = /* @__PURE__ */ defineUnary({
  name: "neg",
  forward: (y, x) => {
    for (let i = 0; i < y.length; i++) y[i] = -x[i]!;
  },
  vjp: ({ g }) => neg(g),
});

/**
 * Negation, `−x` elementwise. The derivative is −1.
 *
 * @param x - a tensor of any shape; of `int32`, −2³¹ stays what it is.
 * @returns a tensor of x's shape and dtype, but int32 for `bool`.
 * @example
 * neg(tensor([1, -2])).toArray(); // → [-1, 2]
 */
export function neg<T extends Tensor>(x: T): Tensor<ShapeOf<T>> {
  return applyUnary(negOp, x, arguments);
}

export const negCases = /* @__PURE__ */ unaryCases();
