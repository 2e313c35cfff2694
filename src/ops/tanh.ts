import type { Op } from "../core/op.ts";
import type { ShapeOf } from "../core/shapeTypes.ts";
import type { Tensor } from "../tensor.ts";
import { binaryCases, unaryCases } from "./cases.ts";
import { applyBinary, applyUnary, defineBinary, defineUnary } from "./define.ts";
import { mul } from "./mul.ts";

export const tanhOp = /* @__PURE__ */ defineUnary({
  name: "tanh",
  dtype: "float",
  forward: (y, x) => {
    for (let i = 0; i < y.length; i++) y[i] = Math.tanh(x[i]!);
  },
  vjp: ({ g, y }) => applyBinary(tanhGradOp, g, y),
});

/** The derivative of tanh from its result, `g (1 − y²)`. One op instead of several (`bench/chain.ts`). */
export const tanhGradOp: Op<undefined> = /* @__PURE__ */ defineBinary({
  name: "tanhGrad",
  loop: (y, yi, n, a, ai, as, b, bi, bs) => {
    for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) {
      const t = b[bi]!;
      y[yi] = a[ai]! * ((1 - t) * (1 + t)); // 1 − y² without its cancellation near ±1
    }
  },
  vjp: [({ g, b }) => applyBinary(tanhGradOp, g, b), ({ g, a, b }) => mul(mul(g, a), mul(b, -2))],
});

/**
 * Hyperbolic tangent, elementwise. The derivative is `1 − tanh² x`.
 *
 * @param x - a tensor of any shape; integers become the default floating dtype.
 * @returns a tensor of x's shape, saturated to exactly ±1 far out, where the gradient is exactly 0.
 * @example
 * tanh(tensor([0, 100, -Infinity])).toArray(); // → [0, 1, -1]
 */
export function tanh<T extends Tensor>(x: T): Tensor<ShapeOf<T>> {
  return applyUnary(tanhOp, x, arguments);
}

export const tanhCases = /* @__PURE__ */ unaryCases({ low: -2.5, high: 2.5 });
export const tanhGradCases = /* @__PURE__ */ binaryCases();
