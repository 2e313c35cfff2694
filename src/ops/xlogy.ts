import type { Beside, Broadcast, ShapeOf } from "../core/shapeTypes.ts";
import type { Tensor } from "../tensor.ts";
import { binaryCases } from "./cases.ts";
import { eq, le } from "./compare.ts";
import { applyBinary, defineBinary } from "./define.ts";
import { div } from "./div.ts";
import { eachPair } from "./each.ts";
import { logicalAnd } from "./logical.ts";
import { mul } from "./mul.ts";
import { where } from "./where.ts";

export const xlogyOp = /* @__PURE__ */ defineBinary({
  name: "xlogy",
  dtype: "float",
  loop: /* @__PURE__ */ eachPair((a, b) => (a === 0 && b === b ? 0 : a * Math.log(b))),
  vjp: [
    // log b, and 0 where a log b is 0 though log b is infinite or no number
    ({ g, a, b }) => where(logicalAnd(eq(a, 0), le(b, 0)), 0, xlogy(g, b)),
    ({ g, a, b }) => mul(g, div(a, b)),
  ],
});

/**
 * `a log b` elementwise with broadcasting, and 0 where a is 0: as in entropies. The derivatives are `log b`, taken as 0 where a is 0 and `b ≤ 0`, and `a / b`,
 * which is NaN where both are 0.
 *
 * @param a - a tensor, or a number (not both numbers).
 * @param b - a tensor, or a number; the shapes broadcast.
 * @returns a floating tensor; NaN wherever b is NaN.
 * @throws {@link ShapeError} if the shapes do not broadcast.
 * @example
 * xlogy(tensor([0, 2, 1], { dtype: "float64" }), tensor([0, 1, 0], { dtype: "float64" })).toArray(); // → [0, 0, -Infinity]
 */
export function xlogy<A extends Tensor | number, B extends Tensor | number>(
  a: A,
  b: B & Beside<A, B>,
): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
  return applyBinary(xlogyOp, a, b, arguments);
}

export const xlogyCases = /* @__PURE__ */ binaryCases({ low: 0.2, high: 3 });
