import type { Beside, Broadcast, ShapeOf } from "../core/shapeTypes.ts";
import type { Tensor } from "../tensor.ts";
import { binaryCases } from "./cases.ts";
import { applyBinary, defineBinary } from "./define.ts";

export const mulOp = /* @__PURE__ */ defineBinary({
  name: "mul",
  loop: (y, yi, n, a, ai, as, b, bi, bs) => {
    for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) y[yi] = a[ai]! * b[bi]!;
  },
  // A product of integers may need more than the 53 bits of a number; `imul` keeps the last 32.
  integers: (y, yi, n, a, ai, as, b, bi, bs) => {
    for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) y[yi] = Math.imul(a[ai]!, b[bi]!);
  },
  vjp: [({ g, b }) => mul(g, b), ({ g, a }) => mul(g, a)],
});

/**
 * Product, `a · b` elementwise with broadcasting. The derivatives are b and a. `0 · ∞` is NaN: nothing is skipped. int32 wraps around
 * at 2³¹, as in C.
 *
 * @param a - a tensor, or a number (not both numbers).
 * @param b - a tensor, or a number; the shapes broadcast.
 * @throws {@link ShapeError} if the shapes do not broadcast.
 * @example
 * mul(tensor([1, 2, 3]), 2).toArray(); // → [2, 4, 6]
 */
export function mul<A extends Tensor | number, B extends Tensor | number>(
  a: A,
  b: B & Beside<A, B>,
): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
  return applyBinary(mulOp, a, b, arguments);
}

export const mulCases = /* @__PURE__ */ binaryCases();
