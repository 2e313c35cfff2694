import { apply, checkTensor } from "../core/apply.ts";
import type { Op } from "../core/op.ts";
import { normalizeAxes, stridesOf } from "../core/shape.ts";
import type { AxesOf, Optional, ShapeOf, Spread } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import type { OpCases } from "./cases.ts";
import { readStrided } from "./strided.ts";

export const flipOp: Op<readonly number[]> = {
  name: "flip",
  shape: (inputs) => inputs[0]!.shape,
  forward: (y, [x], axes, shape) => {
    const strides = stridesOf(shape);
    let offset = 0;
    for (const axis of axes) {
      offset += (shape[axis]! - 1) * strides[axis]!;
      strides[axis] = -strides[axis]!;
    }
    readStrided(y, x!.values, shape, strides, offset);
  },
  vjp: [({ g, attrs }) => flip(g, attrs)],
};

/**
 * Reverses the order of the elements along some axes, or all.
 *
 * @param x - a tensor of any dtype.
 * @param axes - an axis, several, or all if left out. Negative axes count from the end.
 * @returns a tensor of x's shape and dtype.
 * @throws {@link ShapeError} for an axis out of range or named twice.
 * @example
 * flip(tensor([[1, 2], [3, 4]]), 1).toArray(); // → [[2, 1], [4, 3]]
 */
export function flip<T extends Tensor, const X extends number | readonly number[] | undefined = undefined>(
  x: T & AxesOf<T, X>,
  axes: Optional<Spread<X>>,
): Tensor<ShapeOf<T>>;
export function flip(x: Tensor, axes?: number | readonly number[]): Tensor {
  refuseMore("flip", arguments, 2);
  checkTensor("flip", x);
  const sorted = normalizeAxes("flip", axes, x.shape.length);
  return sorted.length === 0 ? x : apply(flipOp, [x], sorted);
}

export const flipCases: OpCases<readonly number[]> = {
  draw: (d) => {
    const shape = d.shape();
    return { inputs: [d.floats(shape)], attrs: shape.map((_, axis) => axis).filter(() => d.pick([true, false])) };
  },
};
