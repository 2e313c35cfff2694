import type { ShapeOf } from "../core/shapeTypes.ts";
import type { Tensor } from "../tensor.ts";
import { add } from "./add.ts";
import { unaryCases } from "./cases.ts";
import { applyUnary, defineUnary } from "./define.ts";
import { each } from "./each.ts";
import { mul } from "./mul.ts";

export const tanOp = /* @__PURE__ */ defineUnary({
  name: "tan",
  dtype: "float",
  forward: /* @__PURE__ */ each(Math.tan),
  vjp: ({ g, y }) => mul(g, add(1, mul(y, y))),
});

/**
 * Tangent of an angle in radians, elementwise. The derivative is `1 + tan² x`.
 *
 * @param x - a tensor of any shape; integers become the default floating dtype.
 * @returns a tensor of x's shape; NaN at ±∞.
 * @example
 * tan(tensor([0, 1], { dtype: "float64" })).toArray(); // → [0, 1.5574077246549023]
 */
export function tan<T extends Tensor>(x: T): Tensor<ShapeOf<T>> {
  return applyUnary(tanOp, x, arguments);
}

export const tanCases = /* @__PURE__ */ unaryCases({ low: -1.2, high: 1.2 });
