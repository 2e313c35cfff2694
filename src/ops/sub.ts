import type { Beside, Broadcast, ShapeOf } from "../core/shapeTypes.ts";
import type { Tensor } from "../tensor.ts";
import { binaryCases } from "./cases.ts";
import { applyBinary, defineBinary } from "./define.ts";
import { neg } from "./neg.ts";

export const subOp = /* @__PURE__ */ defineBinary({
  name: "sub",
  loop: (y, yi, n, a, ai, as, b, bi, bs) => {
    for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) y[yi] = a[ai]! - b[bi]!;
  },
  vjp: [({ g }) => g, ({ g }) => neg(g)],
});

/**
 * Difference, `a − b` elementwise with broadcasting. The derivatives are 1 and −1. int32 wraps
 * around at 2³¹, as in C.
 *
 * @param a - a tensor, or a number (not both numbers).
 * @param b - a tensor, or a number; the shapes broadcast.
 * @throws {@link ShapeError} if the shapes do not broadcast.
 * @example
 * sub(tensor([3, 4]), 1).toArray(); // → [2, 3]
 */
export function sub<A extends Tensor | number, B extends Tensor | number>(
  a: A,
  b: B & Beside<A, B>,
): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
  return applyBinary(subOp, a, b, arguments, "to scale b, write sub(a, mul(b, alpha))");
}

export const subCases = /* @__PURE__ */ binaryCases();
