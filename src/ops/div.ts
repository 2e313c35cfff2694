import type { Beside, Broadcast, ShapeOf } from "../core/shapeTypes.ts";
import type { Tensor } from "../tensor.ts";
import { binaryCases } from "./cases.ts";
import { applyBinary, defineBinary } from "./define.ts";
import { mul } from "./mul.ts";
import { neg } from "./neg.ts";

export const divOp = /* @__PURE__ */ defineBinary({
  name: "div",
  dtype: "float",
  loop: (y, yi, n, a, ai, as, b, bi, bs) => {
    for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) y[yi] = a[ai]! / b[bi]!;
  },
  vjp: [
    ({ g, b }) => div(g, b),
    ({ g, y, b }) => mul(g, div(y, neg(b))), // d/db a/b = −(a/b)/b, without forming b², which may overflow
  ],
});

/**
 * Quotient, `a / b` elementwise with broadcasting, in floating point for integers too. The derivatives are `1 / b` and
 * `−a / b²`. Division by 0 gives ±∞, and `0 / 0` gives NaN.
 *
 * @param a - a tensor, or a number (not both numbers).
 * @param b - a tensor, or a number; the shapes broadcast.
 * @throws {@link ShapeError} if the shapes do not broadcast.
 * @example
 * div(tensor([1, 2]), tensor([4, 0])).toArray(); // → [0.25, Infinity]
 */
export function div<A extends Tensor | number, B extends Tensor | number>(
  a: A,
  b: B & Beside<A, B>,
): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
  return applyBinary(divOp, a, b, arguments);
}

export const divCases = /* @__PURE__ */ binaryCases({ avoid: [0], low: 0.4 });
