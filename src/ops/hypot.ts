import type { Beside, Broadcast, ShapeOf } from "../core/shapeTypes.ts";
import type { Tensor } from "../tensor.ts";
import { binaryCases } from "./cases.ts";
import { applyBinary, defineBinary } from "./define.ts";
import { div } from "./div.ts";
import { eachPair } from "./each.ts";
import { mul } from "./mul.ts";

/** Sizes between which squares neither overflow nor lose digits, and the power of two that brings others near. */
export const squares = { low: 2 ** -500, high: 2 ** 500, scale: 2 ** 600 } as const;

export const hypotOp = /* @__PURE__ */ defineBinary({
  name: "hypot",
  dtype: "float",
  loop: /* @__PURE__ */ eachPair(length),
  vjp: [({ g, a, y }) => mul(g, div(a, y)), ({ g, b, y }) => mul(g, div(b, y))],
});

function length(a: number, b: number): number {
  const most = Math.max(Math.abs(a), Math.abs(b));
  if (most < squares.high && most > squares.low) return Math.sqrt(a * a + b * b);
  if (Math.abs(a) === Number.POSITIVE_INFINITY || Math.abs(b) === Number.POSITIVE_INFINITY) {
    return Number.POSITIVE_INFINITY; // also beside NaN
  }
  const by = most > 1 ? 1 / squares.scale : squares.scale;
  return Math.sqrt(a * by * (a * by) + b * by * (b * by)) / by;
}

/**
 * Length of the hypotenuse, `√(a² + b²)` elementwise with broadcasting, without overflow of the squares. The derivatives are `a / √(a² + b²)`
 * and `b / √(a² + b²)`; both are NaN at the origin.
 *
 * @param a - a tensor, or a number (not both numbers).
 * @param b - a tensor, or a number; the shapes broadcast.
 * @returns a floating tensor: ∞ where either is infinite, even beside NaN, as IEEE 754 says.
 * @throws {@link ShapeError} if the shapes do not broadcast.
 * @example
 * hypot(tensor([3, 1e200], { dtype: "float64" }), tensor([4, 1e200], { dtype: "float64" })).toArray(); // → [5, 1.414213562373095e+200]
 */
export function hypot<A extends Tensor | number, B extends Tensor | number>(
  a: A,
  b: B & Beside<A, B>,
): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
  return applyBinary(hypotOp, a, b, arguments);
}

export const hypotCases = /* @__PURE__ */ binaryCases({ low: 0.2, high: 3 });
