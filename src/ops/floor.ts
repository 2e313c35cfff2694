import type { ShapeOf } from "../core/shapeTypes.ts";
import type { Tensor } from "../tensor.ts";
import { unaryCases } from "./cases.ts";
import { applyUnary, defineUnary } from "./define.ts";
import { zerosLike } from "./zerosLike.ts";

export const floorOp = /* @__PURE__ */ defineUnary({
  name: "floor",
  forward: (y, x) => {
    for (let i = 0; i < y.length; i++) y[i] = Math.floor(x[i]!);
  },
  vjp: ({ g }) => zerosLike(g),
});

/**
 * Largest integer not above x, elementwise, in x's dtype. The derivative is 0 everywhere.
 *
 * @param x - a tensor of any shape and dtype.
 * @example
 * floor(tensor([1.5, -1.5])).toArray(); // → [1, -2]
 */
export function floor<T extends Tensor>(x: T): Tensor<ShapeOf<T>> {
  return applyUnary(floorOp, x, arguments);
}

export const floorCases = /* @__PURE__ */ unaryCases({ avoid: [-3, -2, -1, 0, 1, 2, 3] });
