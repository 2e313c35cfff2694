import type { ShapeOf } from "../core/shapeTypes.ts";
import type { Tensor } from "../tensor.ts";
import { unaryCases } from "./cases.ts";
import { applyUnary, defineUnary } from "./define.ts";
import { zerosLike } from "./zerosLike.ts";

export const signOp = /* @__PURE__ */ defineUnary({
  name: "sign",
  forward: (y, x) => {
    for (let i = 0; i < y.length; i++) y[i] = Math.sign(x[i]!);
  },
  vjp: ({ g }) => zerosLike(g),
});

/**
 * Sign, elementwise: −1, 0 or 1. The derivative is 0 everywhere. As in NumPy, and unlike PyTorch, NaN stays NaN.
 *
 * @param x - a tensor of any shape and dtype.
 * @example
 * sign(tensor([-2, 0, 3])).toArray(); // → [-1, 0, 1]
 */
export function sign<T extends Tensor>(x: T): Tensor<ShapeOf<T>> {
  return applyUnary(signOp, x, arguments);
}

export const signCases = /* @__PURE__ */ unaryCases({ avoid: [0] });
