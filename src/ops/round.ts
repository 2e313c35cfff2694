import type { ShapeOf } from "../core/shapeTypes.ts";
import type { Tensor } from "../tensor.ts";
import { unaryCases } from "./cases.ts";
import { applyUnary, defineUnary } from "./define.ts";
import { zerosLike } from "./zerosLike.ts";

export const roundOp = /* @__PURE__ */ defineUnary({
  name: "round",
  forward: (y, x) => {
    for (let i = 0; i < y.length; i++) {
      const v = x[i]!;
      const f = Math.floor(v);
      const d = v - f;
      const r = d < 0.5 || (d === 0.5 && f % 2 === 0) ? f : f + 1;
      y[i] = r === 0 ? v * 0 : r !== r ? v : r; // keeps −0, and ±∞ (where d is NaN)
    }
  },
  vjp: ({ g }) => zerosLike(g),
});

/**
 * Nearest integer, elementwise, in x's dtype; halves go to the even neighbour (unlike `Math.round`), as IEEE 754, NumPy
 * and PyTorch do. The derivative is 0 everywhere.
 *
 * @param x - a tensor of any shape and dtype.
 * @example
 * round(tensor([0.5, 1.5, 2.5, -0.6])).toArray(); // → [0, 2, 2, -1]
 */
export function round<T extends Tensor>(x: T): Tensor<ShapeOf<T>> {
  return applyUnary(roundOp, x, arguments);
}

export const roundCases = /* @__PURE__ */ unaryCases({ avoid: [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5] });
