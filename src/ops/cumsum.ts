import { apply, checkTensor } from "../core/apply.ts";
import type { Op } from "../core/op.ts";
import { normalizeAxis } from "../core/shape.ts";
import type { AxesOf, ShapeOf } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import type { OpCases } from "./cases.ts";
import { fit } from "./fit.ts";
import { blocksOf } from "./reduce.ts";
import { summedDtype } from "./sum.ts";

/** Along which axis to add up, and from which end. */
export interface CumsumAttrs {
  readonly axis: number;
  readonly reverse: boolean;
}

export const cumsumOp: Op<CumsumAttrs> = {
  name: "cumsum",
  shape: (inputs) => inputs[0]!.shape,
  dtype: (inputs) => summedDtype(inputs[0]!.dtype),
  forward: (y, [x], { axis, reverse }) => {
    const { values } = x!;
    const { outer, count, inner } = blocksOf(x!.shape, { start: axis, end: axis + 1 });
    const sums = new Float64Array(inner); // in float64 for the sake of float32 results
    const step = reverse ? -inner : inner;
    for (let o = 0; o < outer; o++) {
      let at = (o * count + (reverse ? count - 1 : 0)) * inner;
      sums.fill(0);
      for (let c = 0; c < count; c++, at += step) {
        for (let i = 0; i < inner; i++) {
          sums[i]! += values[at + i]!;
          y[at + i] = sums[i]!;
        }
      }
    }
  },
  vjp: [({ g, attrs: { axis, reverse } }) => apply(cumsumOp, [g], { axis, reverse: !reverse })],
};

/**
 * Running sums along an axis: each element of the result is the sum of x up to and with its place. The gradient of an
 * element is the sum of the cotangent from its place on.
 *
 * @param x - a tensor; `bool` is counted into `int32`. For `int32`, the sums are exact, or you get an error.
 * @param axis - the axis; negative ones count from the end. A scalar may name axis 0, and is its own sum.
 * @returns a tensor of x's shape. Floats are added in float64 inside.
 * @throws {@link ShapeError} for an axis out of range; {@link ValueError} if `int32` cannot hold a sum: cast to `float64` first.
 * @example
 * cumsum(tensor([[1, 2, 3], [4, 5, 6]]), 1).toArray(); // → [[1, 3, 6], [4, 9, 15]]
 */
export function cumsum<T extends Tensor, const X extends number>(x: T, axis: X & AxesOf<T, X>): Tensor<ShapeOf<T>>;
export function cumsum(x: Tensor, axis: number): Tensor {
  refuseMore("cumsum", arguments, 2);
  checkTensor("cumsum", x);
  checkTensor("cumsum", x);
  const y = apply(cumsumOp, [x], { axis: normalizeAxis("cumsum", axis, x.shape.length), reverse: false });
  return x.dtype === "int32" ? fit("cumsum", y) : y;
}

export const cumsumCases: OpCases<CumsumAttrs> = {
  draw: (d) => {
    const shape = d.shape();
    const attrs = { axis: d.int(0, Math.max(0, shape.length - 1)), reverse: d.pick([false, true]) };
    return { inputs: [d.floats(shape)], attrs };
  },
};
