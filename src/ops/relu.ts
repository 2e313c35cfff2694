import { apply } from "../core/apply.ts";
import type { Tensor } from "../tensor.ts";
import { unaryCases } from "./cases.ts";
import { defineUnary } from "./define.ts";
import { le } from "./compare.ts";
import { where } from "./where.ts";

export const reluOp = /* @__PURE__ */ defineUnary({
  name: "relu",
  forward: (y, x) => {
    for (let i = 0; i < y.length; i++) {
      const v = x[i]!;
      y[i] = v < 0 ? 0 : v; // NaN and −0 pass through
    }  },
  vjp: ({ g, y }) => where(le(y, 0), 0, g),
});

/**
 * Rectified linear unit, `max(x, 0)` elementwise. The derivative is 1 above 0 and 0 below.
 *
 * @param x - a tensor of any shape and dtype; NaN propagates.
 * @returns a tensor of x's shape and dtype. The gradient at 0 is 0, as in PyTorch.
 * @example
 * relu(tensor([-1, 0, 2])).toArray(); // → [0, 0, 2]
 */
export function relu(x: Tensor): Tensor {
  return apply(reluOp, [x], undefined);
}

export const reluCases = /* @__PURE__ */ unaryCases({ avoid: [0] });
