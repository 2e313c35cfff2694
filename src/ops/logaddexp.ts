import type { Beside, Broadcast, ShapeOf } from "../core/shapeTypes.ts";
import type { Tensor } from "../tensor.ts";
import { binaryCases } from "./cases.ts";
import { applyBinary, defineBinary } from "./define.ts";
import { eachPair } from "./each.ts";
import { mul } from "./mul.ts";
import { sigmoid } from "./sigmoid.ts";
import { sub } from "./sub.ts";

export const logaddexpOp = /* @__PURE__ */ defineBinary({
  name: "logaddexp",
  dtype: "float",
  loop: /* @__PURE__ */ eachPair((a, b) => {
    // Where both are one infinity, their difference is not a number.
    const apart = a === b ? 0 : Math.abs(a - b);
    return Math.max(a, b) + Math.log1p(Math.exp(-apart));
  }),
  // d/da log(eᵃ + eᵇ) = σ(a − b)
  vjp: [({ g, a, b }) => mul(g, sigmoid(sub(a, b))), ({ g, a, b }) => mul(g, sigmoid(sub(b, a)))],
});

/**
 * `log(eᵃ + eᵇ)` elementwise with broadcasting, without overflow: the sum of two probabilities, given their logarithms. The derivatives are
 * `σ(a − b)` and `σ(b − a)`, NaN where both are one infinity.
 *
 * @param a - a tensor, or a number (not both numbers).
 * @param b - a tensor, or a number; the shapes broadcast. Over an axis, see {@link logSumExp}.
 * @returns a floating tensor.
 * @throws {@link ShapeError} if the shapes do not broadcast.
 * @example
 * logaddexp(tensor([1000, -Infinity], { dtype: "float64" }), tensor([1000, 3], { dtype: "float64" })).toArray(); // → [1000.6931471805599, 3]
 */
export function logaddexp<A extends Tensor | number, B extends Tensor | number>(
  a: A,
  b: B & Beside<A, B>,
): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
  return applyBinary(logaddexpOp, a, b, arguments);
}

export const logaddexpCases = /* @__PURE__ */ binaryCases();
