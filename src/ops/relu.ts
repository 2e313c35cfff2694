import type { Op } from "../core/op.ts";
import type { ShapeOf } from "../core/shapeTypes.ts";
import type { Tensor } from "../tensor.ts";
import { binaryCases, unaryCases } from "./cases.ts";
import { applyBinary, applyUnary, defineBinary, defineUnary } from "./define.ts";
import { zerosLike } from "./zerosLike.ts";

export const reluOp = /* @__PURE__ */ defineUnary({
  name: "relu",
  forward: (y, x) => {
    for (let i = 0; i < y.length; i++) {
      const v = x[i]!;
      y[i] = v < 0 ? 0 : v; // NaN and −0 pass through
    }
  },
  vjp: ({ g, y }) => applyBinary(reluGradOp, g, y),
});

/** The derivative of relu from its result: the cotangent where `y > 0` (or NaN), else 0. One op instead of several (`bench/chain.ts`). */
export const reluGradOp: Op<undefined> = /* @__PURE__ */ defineBinary({
  name: "reluGrad",
  loop: (y, yi, n, a, ai, as, b, bi, bs) => {
    for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) y[yi] = b[bi]! <= 0 ? 0 : a[ai]!;
  },
  vjp: [({ g, b }) => applyBinary(reluGradOp, g, b), ({ g }) => zerosLike(g)],
});

/**
 * Rectified linear unit, `max(x, 0)` elementwise. The derivative is 1 above 0 and 0 below.
 *
 * @param x - a tensor of any shape and dtype; NaN propagates.
 * @returns a tensor of x's shape and dtype. The gradient at 0 is 0, as in PyTorch.
 * @example
 * relu(tensor([-1, 0, 2])).toArray(); // → [0, 0, 2]
 */
export function relu<T extends Tensor>(x: T): Tensor<ShapeOf<T>> {
  return applyUnary(reluOp, x, arguments);
}

export const reluCases = /* @__PURE__ */ unaryCases({ avoid: [0] });
export const reluGradCases = /* @__PURE__ */ binaryCases({ avoid: [0] });
