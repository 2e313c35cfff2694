import type { ShapeOf } from "../core/shapeTypes.ts";
import type { Tensor } from "../tensor.ts";
import { abs } from "./abs.ts";
import { add } from "./add.ts";
import { oneMinusSquare } from "./arc.ts";
import { unaryCases } from "./cases.ts";
import { applyUnary, defineUnary } from "./define.ts";
import { div } from "./div.ts";
import { each } from "./each.ts";
import { hypot } from "./hypot.ts";
import { mul } from "./mul.ts";
import { rsqrt } from "./rsqrt.ts";
import { sub } from "./sub.ts";

export const sinhOp = /* @__PURE__ */ defineUnary({
  name: "sinh",
  dtype: "float",
  forward: /* @__PURE__ */ each(Math.sinh),
  vjp: ({ g, x }) => mul(g, cosh(x)),
});

export const coshOp = /* @__PURE__ */ defineUnary({
  name: "cosh",
  dtype: "float",
  forward: /* @__PURE__ */ each(Math.cosh),
  vjp: ({ g, x }) => mul(g, sinh(x)),
});

export const asinhOp = /* @__PURE__ */ defineUnary({
  name: "asinh",
  dtype: "float",
  forward: /* @__PURE__ */ each(Math.asinh),
  // 1 / √(1 + x²), whose square would overflow
  vjp: ({ g, x }) => div(g, hypot(x, 1)),
});

export const acoshOp = /* @__PURE__ */ defineUnary({
  name: "acosh",
  dtype: "float",
  forward: /* @__PURE__ */ each(Math.acosh),
  // 1 / √(x² − 1) in two factors, for the same reason
  vjp: ({ g, x }) => {
    const size = abs(x);
    return mul(mul(g, rsqrt(sub(size, 1))), rsqrt(add(size, 1)));
  },
});

export const atanhOp = /* @__PURE__ */ defineUnary({
  name: "atanh",
  dtype: "float",
  forward: /* @__PURE__ */ each(Math.atanh),
  vjp: ({ g, x }) => div(g, oneMinusSquare(x)),
});

/**
 * Hyperbolic sine, `(eˣ − e⁻ˣ) / 2` elementwise, exact to the last digits near 0. The derivative is `cosh x`.
 *
 * @param x - a tensor of any shape; integers become the default floating dtype.
 * @returns a tensor of x's shape.
 * @example
 * sinh(tensor([0, 1, 1e-20], { dtype: "float64" })).toArray(); // → [0, 1.1752011936438014, 1e-20]
 */
export function sinh<T extends Tensor>(x: T): Tensor<ShapeOf<T>> {
  return applyUnary(sinhOp, x, arguments);
}

/**
 * Hyperbolic cosine, `(eˣ + e⁻ˣ) / 2` elementwise. The derivative is `sinh x`.
 *
 * @param x - a tensor of any shape; integers become the default floating dtype.
 * @returns a tensor of x's shape with values from 1 on.
 * @example
 * cosh(tensor([0, 1], { dtype: "float64" })).toArray(); // → [1, 1.5430806348152437]
 */
export function cosh<T extends Tensor>(x: T): Tensor<ShapeOf<T>> {
  return applyUnary(coshOp, x, arguments);
}

/**
 * Inverse hyperbolic sine, `log(x + √(x² + 1))` elementwise. The derivative is `1 / √(x² + 1)`.
 *
 * @param x - a tensor of any shape; integers become the default floating dtype.
 * @returns a tensor of x's shape.
 * @example
 * asinh(tensor([0, 1], { dtype: "float64" })).toArray(); // → [0, 0.881373587019543]
 */
export function asinh<T extends Tensor>(x: T): Tensor<ShapeOf<T>> {
  return applyUnary(asinhOp, x, arguments);
}

/**
 * Inverse hyperbolic cosine, `log(x + √(x² − 1))` elementwise. The derivative is `1 / √(x² − 1)`: ∞ at 1, and below −1, where the value is NaN,
 * still what the formula says, as in PyTorch.
 *
 * @param x - a tensor of any shape; integers become the default floating dtype.
 * @returns a tensor of x's shape; NaN below 1.
 * @example
 * acosh(tensor([1, 2, 0], { dtype: "float64" })).toArray(); // → [0, 1.3169578969248166, NaN]
 */
export function acosh<T extends Tensor>(x: T): Tensor<ShapeOf<T>> {
  return applyUnary(acoshOp, x, arguments);
}

/**
 * Inverse hyperbolic tangent, `log((1 + x) / (1 − x)) / 2` elementwise. The derivative is `1 / (1 − x²)`: ∞ at ±1, and beyond, where the value is NaN,
 * still what the formula says, as in PyTorch.
 *
 * @param x - a tensor of any shape; integers become the default floating dtype.
 * @returns a tensor of x's shape: ±∞ at ±1, NaN beyond.
 * @example
 * atanh(tensor([0, 0.5, 1], { dtype: "float64" })).toArray(); // → [0, 0.5493061443340548, Infinity]
 */
export function atanh<T extends Tensor>(x: T): Tensor<ShapeOf<T>> {
  return applyUnary(atanhOp, x, arguments);
}

export const sinhCases = /* @__PURE__ */ unaryCases();
export const coshCases = /* @__PURE__ */ unaryCases();
export const asinhCases = /* @__PURE__ */ unaryCases();
export const acoshCases = /* @__PURE__ */ unaryCases({ low: 1.3, high: 4 });
export const atanhCases = /* @__PURE__ */ unaryCases({ low: -0.85, high: 0.85 });
