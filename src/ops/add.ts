import type { Beside, Broadcast, ShapeOf } from "../core/shapeTypes.ts";
import type { Tensor } from "../tensor.ts";
import { binaryCases } from "./cases.ts";
import { applyBinary, defineBinary } from "./define.ts";

export const addOp = /* @__PURE__ */ defineBinary({
  name: "add",
  loop: (y, yi, n, a, ai, as, b, bi, bs) => {
    for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) y[yi] = a[ai]! + b[bi]!;
  },
  vjp: [({ g }) => g, ({ g }) => g],
});

/**
 * Sum, `a + b` elementwise with broadcasting. Both derivatives are 1. int32 wraps around
 * at 2³¹, as in C.
 *
 * @param a - a tensor, or a number (not both numbers).
 * @param b - a tensor, or a number; the shapes broadcast.
 * @throws {@link ShapeError} if the shapes do not broadcast.
 * @example
 * add(tensor([[1], [2]]), tensor([10, 20])).toArray(); // → [[11, 21], [12, 22]]
 */
export function add<A extends Tensor | number, B extends Tensor | number>(
  a: A,
  b: B & Beside<A, B>,
): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
  return applyBinary(addOp, a, b, arguments, "to scale b, write add(a, mul(b, alpha))");
}

export const addCases = /* @__PURE__ */ binaryCases();
