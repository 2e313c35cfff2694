import { apply, checkTensor } from "../core/apply.ts";
import { ShapeError, textOf } from "../core/errors.ts";
import type { Op } from "../core/op.ts";
import { formatShape, listText, normalizeAxis, stridesOf } from "../core/shape.ts";
import type { AxesOf, Optional, OrderOf, Permuted, ShapeOf, Spread, Transposed } from "../core/shapeTypes.ts";
import { oneList, refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import type { OpCases } from "./cases.ts";
import { readStrided } from "./strided.ts";

export const permuteOp: Op<readonly number[]> = {
  name: "permute",
  shape: (inputs, axes) => {
    const { shape } = inputs[0]!;
    if (axes.length !== shape.length || new Set(axes).size !== axes.length) {
      throw new ShapeError("permute", "each axis must be named once", `${formatShape(axes)} for ${formatShape(shape)}`);
    }
    return axes.map((axis) => shape[axis]!);
  },
  forward: (y, [x], axes, shape) => {
    const strides = stridesOf(x!.shape);
    const order = axes.map((axis) => strides[axis]!);
    readStrided(y, x!.values, shape, order, 0);
  },
  vjp: [
    ({ g, attrs }) =>
      permute(
        g,
        attrs.map((_, axis) => attrs.indexOf(axis)),
      ),
  ],
};

/**
 * Reorders the axes: axis `i` of the result is axis `axes[i]` of x.
 *
 * @param x - a tensor of any dtype.
 * @param axes - each axis of x once; negative ones count from the end.
 * @throws {@link ShapeError} if an axis is missing, named twice or out of range.
 * @example
 * permute(ones([2, 3, 4]), [2, 0, 1]).shape; // → [4, 2, 3]
 */
export function permute<T extends Tensor, const X extends readonly number[]>(
  x: T & OrderOf<T, X>,
  axes: Spread<X>,
): Tensor<Permuted<ShapeOf<T>, X>>;
export function permute(x: Tensor, axes: readonly number[]): Tensor {
  refuseMore("permute", arguments, 2, oneList);
  checkTensor("permute", x);
  if (!Array.isArray(axes)) {
    const all = x.shape.map((_, axis) => axis).reverse();
    throw new ShapeError("permute", "axes must be an array", textOf(axes), `write permute(x, ${formatShape(all)})`);
  }
  const order = (axes as readonly number[]).map((axis) => normalizeAxis("permute", axis, x.shape.length));
  return order.length === x.shape.length && order.every((axis, i) => axis === i) ? x : apply(permuteOp, [x], order);
}

/**
 * Swaps two axes, the last two by default. A vector or scalar has nothing to swap by default, and is returned as it is.
 *
 * @param x - a tensor of any dtype.
 * @param axis1 - an axis; −2 by default.
 * @param axis2 - the other; −1 by default.
 * @throws {@link ShapeError} for an axis out of range.
 * @example
 * transpose(tensor([[1, 2], [3, 4]])).toArray(); // → [[1, 3], [2, 4]]
 */
export function transpose<
  T extends Tensor,
  const X extends number | undefined = undefined,
  const Y extends number | undefined = undefined,
>(x: T, axis1: Optional<X & AxesOf<T, X>>, axis2: Optional<Y & AxesOf<T, Y>>): Tensor<Transposed<ShapeOf<T>, X, Y>>;
export function transpose(x: Tensor, axis1?: number, axis2?: number): Tensor {
  refuseMore("transpose", arguments, 3);
  checkTensor("transpose", x);
  if (Array.isArray(axis1)) {
    throw new ShapeError("transpose", "swaps two axes", listText(axis1), `write permute(x, ${listText(axis1)})`);
  }
  const rank = x.shape.length;
  if (rank < 2 && axis1 === undefined && axis2 === undefined) return x;
  const i = normalizeAxis("transpose", axis1 === undefined ? -2 : axis1, rank);
  const j = normalizeAxis("transpose", axis2 === undefined ? -1 : axis2, rank, ["transpose(x, 0, ", ")"]);
  return permute(
    x,
    x.shape.map((_, axis) => (axis === i ? j : axis === j ? i : axis)),
  );
}

export const permuteCases: OpCases<readonly number[]> = {
  draw: (d) => {
    const shape = d.shape();
    return { inputs: [d.floats(shape)], attrs: d.permutation(shape.length) };
  },
  errors: [
    { inputs: [[2, 3]], attrs: [0], error: "permute: each axis must be named once, got [0] for [2, 3]" },
    { inputs: [[2, 3]], attrs: [0, 0], error: "permute: each axis must be named once" },
  ],
};
