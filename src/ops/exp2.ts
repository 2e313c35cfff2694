import type { ShapeOf } from "../core/shapeTypes.ts";
import type { Tensor } from "../tensor.ts";
import { unaryCases } from "./cases.ts";
import { applyUnary, defineUnary } from "./define.ts";
import { each } from "./each.ts";
import { mul } from "./mul.ts";

export const exp2Op = /* @__PURE__ */ defineUnary({
  name: "exp2",
  dtype: "float",
  forward: /* @__PURE__ */ each((x) => 2 ** x),
  vjp: ({ g, y }) => mul(g, mul(y, Math.LN2)),
});

/**
 * Powers of two, `2ˣ` elementwise, exact for integers. The derivative is `2ˣ log 2`.
 *
 * @param x - a tensor of any shape; integers become the default floating dtype.
 * @returns a tensor of x's shape: ∞ from 1024 on (128 in float32).
 * @example
 * exp2(tensor([0, 1, 10, -1])).toArray(); // → [1, 2, 1024, 0.5]
 */
export function exp2<T extends Tensor>(x: T): Tensor<ShapeOf<T>> {
  return applyUnary(exp2Op, x, arguments);
}

export const exp2Cases = /* @__PURE__ */ unaryCases();
