import type { ShapeOf } from "../core/shapeTypes.ts";
import type { Tensor } from "../tensor.ts";
import { unaryCases } from "./cases.ts";
import { applyUnary, defineUnary } from "./define.ts";
import { div } from "./div.ts";
import { each } from "./each.ts";
import { mul } from "./mul.ts";

export const log2Op = /* @__PURE__ */ defineUnary({
  name: "log2",
  dtype: "float",
  forward: /* @__PURE__ */ each(Math.log2),
  vjp: ({ g, x }) => div(g, mul(x, Math.LN2)),
});

export const log10Op = /* @__PURE__ */ defineUnary({
  name: "log10",
  dtype: "float",
  forward: /* @__PURE__ */ each(Math.log10),
  vjp: ({ g, x }) => div(g, mul(x, Math.LN10)),
});

/**
 * Logarithm to the base 2, elementwise, exact for powers of two. The derivative is `1 / (x log 2)`.
 *
 * @param x - a tensor of any shape; integers become the default floating dtype.
 * @returns a tensor of x's shape: −∞ at 0, NaN below.
 * @example
 * log2(tensor([1, 8, 0, -1])).toArray(); // → [0, 3, -Infinity, NaN]
 */
export function log2<T extends Tensor>(x: T): Tensor<ShapeOf<T>> {
  return applyUnary(log2Op, x, arguments);
}

/**
 * Logarithm to the base 10, elementwise. The derivative is `1 / (x log 10)`.
 *
 * @param x - a tensor of any shape; integers become the default floating dtype.
 * @returns a tensor of x's shape: −∞ at 0, NaN below.
 * @example
 * log10(tensor([1, 1000, 0, -1])).toArray(); // → [0, 3, -Infinity, NaN]
 */
export function log10<T extends Tensor>(x: T): Tensor<ShapeOf<T>> {
  return applyUnary(log10Op, x, arguments);
}

export const log2Cases = /* @__PURE__ */ unaryCases({ low: 0.3, high: 4 });
export const log10Cases = /* @__PURE__ */ unaryCases({ low: 0.3, high: 4 });
