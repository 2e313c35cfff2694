import type { Op } from "../core/op.ts";
import type { ShapeOf } from "../core/shapeTypes.ts";
import type { Tensor } from "../tensor.ts";
import { binaryCases, unaryCases } from "./cases.ts";
import { applyBinary, applyUnary, defineBinary, defineUnary } from "./define.ts";
import { mul } from "./mul.ts";
import { sub } from "./sub.ts";

export const sigmoidOp = /* @__PURE__ */ defineUnary({
  name: "sigmoid",
  dtype: "float",
  forward: (y, x) => {
    // In float32, 0 from where e⁻ˣ overflows it, as in PyTorch: what lies below is subnormal.
    const largest = y instanceof Float32Array ? 3.4028234663852886e38 : Number.POSITIVE_INFINITY;
    for (let i = 0; i < y.length; i++) {
      const e = Math.exp(-x[i]!);
      y[i] = e > largest ? 0 : 1 / (1 + e);
    }
  },
  vjp: ({ g, y }) => applyBinary(sigmoidGradOp, g, y),
});

/** The derivative of sigmoid from its result, `g y (1 − y)`. One op instead of several (`bench/chain.ts`). */
export const sigmoidGradOp: Op<undefined> = /* @__PURE__ */ defineBinary({
  name: "sigmoidGrad",
  loop: (y, yi, n, a, ai, as, b, bi, bs) => {
    for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) y[yi] = a[ai]! * b[bi]! * (1 - b[bi]!);
  },
  vjp: [({ g, b }) => applyBinary(sigmoidGradOp, g, b), ({ g, a, b }) => mul(mul(g, a), sub(1, mul(b, 2)))],
});

/**
 * Logistic function, `1 / (1 + e⁻ˣ)` elementwise. The derivative is `σ(x)(1 − σ(x))`.
 *
 * @param x - a tensor of any shape; integers become the default floating dtype.
 * @returns a tensor of x's shape with values from 0 to 1, both reached far out.
 * @example
 * sigmoid(tensor([0, -Infinity, Infinity])).toArray(); // → [0.5, 0, 1]
 */
export function sigmoid<T extends Tensor>(x: T): Tensor<ShapeOf<T>> {
  return applyUnary(sigmoidOp, x, arguments);
}

export const sigmoidCases = /* @__PURE__ */ unaryCases();
export const sigmoidGradCases = /* @__PURE__ */ binaryCases();
