import type { Beside, Broadcast, ShapeOf } from "../core/shapeTypes.ts";
import type { Tensor } from "../tensor.ts";
import { add } from "./add.ts";
import { binaryCases, unaryCases } from "./cases.ts";
import { applyBinary, applyUnary, defineBinary, defineUnary } from "./define.ts";
import { div } from "./div.ts";
import { each, eachPair } from "./each.ts";
import { hypot } from "./hypot.ts";
import { mul } from "./mul.ts";
import { neg } from "./neg.ts";
import { rsqrt } from "./rsqrt.ts";
import { sub } from "./sub.ts";

/** `1 − x²`, as exact near ±1 as the product of 1 − x and 1 + x. Its derivative is −2x, and no sum of two: where it is multiplied by ∞, that would be ∞ − ∞. */
export function oneMinusSquare(x: Tensor): Tensor {
  const rounded = sub(1, mul(x, x));
  return add(rounded, sub(mul(sub(1, x), add(1, x)), rounded).detach());
}

/** `1 / √(1 − x²)`. */
const slope = (x: Tensor): Tensor => rsqrt(oneMinusSquare(x));

export const asinOp = /* @__PURE__ */ defineUnary({
  name: "asin",
  dtype: "float",
  forward: /* @__PURE__ */ each(Math.asin),
  vjp: ({ g, x }) => mul(g, slope(x)),
});

export const acosOp = /* @__PURE__ */ defineUnary({
  name: "acos",
  dtype: "float",
  forward: /* @__PURE__ */ each(Math.acos),
  vjp: ({ g, x }) => neg(mul(g, slope(x))),
});

export const atanOp = /* @__PURE__ */ defineUnary({
  name: "atan",
  dtype: "float",
  forward: /* @__PURE__ */ each(Math.atan),
  vjp: ({ g, x }) => div(g, add(1, mul(x, x))),
});

export const atan2Op = /* @__PURE__ */ defineBinary({
  name: "atan2",
  dtype: "float",
  loop: /* @__PURE__ */ eachPair(Math.atan2),
  // x / (x² + y²) and −y / (x² + y²), in two divisions: squares overflow before they do.
  vjp: [
    ({ g, a, b }) => mul(g, overSquares(b, hypot(a, b))),
    ({ g, a, b }) => neg(mul(g, overSquares(a, hypot(a, b)))),
  ],
});

const overSquares = (v: Tensor, root: Tensor): Tensor => div(div(v, root), root);

/**
 * Arcsine, elementwise: the angle from −π/2 to π/2 whose sine is x. The derivative is `1 / √(1 − x²)`: ∞ at ±1.
 *
 * @param x - a tensor of any shape; integers become the default floating dtype.
 * @returns a tensor of x's shape; NaN beyond ±1.
 * @example
 * asin(tensor([0, 1, 2], { dtype: "float64" })).toArray(); // → [0, 1.5707963267948966, NaN]
 */
export function asin<T extends Tensor>(x: T): Tensor<ShapeOf<T>> {
  return applyUnary(asinOp, x, arguments);
}

/**
 * Arccosine, elementwise: the angle from 0 to π whose cosine is x. The derivative is `−1 / √(1 − x²)`: −∞ at ±1.
 *
 * @param x - a tensor of any shape; integers become the default floating dtype.
 * @returns a tensor of x's shape; NaN beyond ±1.
 * @example
 * acos(tensor([1, -1, 2], { dtype: "float64" })).toArray(); // → [0, 3.141592653589793, NaN]
 */
export function acos<T extends Tensor>(x: T): Tensor<ShapeOf<T>> {
  return applyUnary(acosOp, x, arguments);
}

/**
 * Arctangent, elementwise: the angle from −π/2 to π/2 whose tangent is x. The derivative is `1 / (1 + x²)`.
 *
 * @param x - a tensor of any shape; integers become the default floating dtype.
 * @returns a tensor of x's shape.
 * @example
 * atan(tensor([0, 1, Infinity], { dtype: "float64" })).toArray(); // → [0, 0.7853981633974483, 1.5707963267948966]
 */
export function atan<T extends Tensor>(x: T): Tensor<ShapeOf<T>> {
  return applyUnary(atanOp, x, arguments);
}

/**
 * The angle from −π to π of the point `(x, y)`, elementwise with broadcasting. The derivatives are `x / (x² + y²)` with respect to y and
 * `−y / (x² + y²)` with respect to x; both are NaN at the origin.
 *
 * @param y - a tensor, or a number (not both numbers): it comes first, as everywhere.
 * @param x - a tensor, or a number; the shapes broadcast.
 * @returns a floating tensor. Signs of zeros count: `atan2(±0, −1)` is ±π.
 * @throws {@link ShapeError} if the shapes do not broadcast.
 * @example
 * atan2(tensor([0, 1], { dtype: "float64" }), tensor([-1, 0], { dtype: "float64" })).toArray(); // → [3.141592653589793, 1.5707963267948966]
 */
export function atan2<A extends Tensor | number, B extends Tensor | number>(
  y: A,
  x: B & Beside<A, B>,
): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
  return applyBinary(atan2Op, y, x, arguments);
}

export const asinCases = /* @__PURE__ */ unaryCases({ low: -0.9, high: 0.9 });
export const acosCases = /* @__PURE__ */ unaryCases({ low: -0.9, high: 0.9 });
export const atanCases = /* @__PURE__ */ unaryCases();
export const atan2Cases = /* @__PURE__ */ binaryCases({ low: -3, high: 3, avoid: [-0.2, -0.1, 0, 0.1, 0.2] });
