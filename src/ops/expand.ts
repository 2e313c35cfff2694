import { apply, checkTensor } from "../core/apply.ts";
import { allocateLike, type TypedArray } from "../core/dtype.ts";
import { ShapeError } from "../core/errors.ts";
import type { Op } from "../core/op.ts";
import { broadcastShapes, checkShape, formatShape, type Shape, sameShape, sizeOf, stridesOf } from "../core/shape.ts";
import type { Expands, Reshaped, Spread } from "../core/shapeTypes.ts";
import { oneList, refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import type { OpCases } from "./cases.ts";
import { readStrided } from "./strided.ts";
import { sumTo } from "./unbroadcast.ts";

export const expandOp: Op<Shape> = {
  name: "expand",
  shape: (inputs, shape) => {
    const from = inputs[0]!.sizes;
    const to = checkShape("expand", shape, undefined, "expand(x, ");
    if (!sameShape(broadcastShapes("expand", from, to), to)) {
      throw new ShapeError(
        "expand",
        "only axes of size 1 can be repeated",
        `${formatShape(from)} to ${formatShape(to)}`,
      );
    }
    return to;
  },
  forward: (y, [x], _, shape) => {
    if (x!.values.length === 1) y.fill(x!.values[0]!);
    else readStrided(y, x!.values, shape, expandedStrides(x!.shape, shape), 0);
  },
  vjp: [(saved) => sumTo(saved.g, saved.shapeOf(0))],
};

/** Values of shape `from` repeated to shape `to`, for kernels that need all operands dense. */
export function expandValues(op: string, values: TypedArray, from: Shape, to: Shape): TypedArray {
  const out = allocateLike(values, sizeOf(to), op);
  readStrided(out, values, to, expandedStrides(from, to), 0);
  return out;
}

function expandedStrides(from: Shape, to: Shape): number[] {
  const skip = to.length - from.length;
  const own = stridesOf(from);
  return to.map((_, i) => (from[i - skip] === 1 ? 0 : (own[i - skip] ?? 0)));
}

/**
 * Repeats a tensor along axes of size 1, and along new leading axes, to a larger shape: broadcasting made explicit. The
 * gradient is summed over the repeated axes.
 *
 * @param x - a tensor of any dtype.
 * @param shape - the shape to reach; aligned with x's at the last axis. −1 keeps the size that x has there.
 * @throws {@link ShapeError} if x's shape does not broadcast to it.
 * @example
 * expand(tensor([[1], [2]]), [2, 3]).toArray(); // → [[1, 1, 1], [2, 2, 2]]
 * expand(tensor([[1], [2]]), [-1, 3]).shape; // → [2, 3]
 */
export function expand<const T extends Shape, A extends Tensor = Tensor>(
  x: A & Expands<A, T>,
  shape: Spread<T>,
): Tensor<Reshaped<T>>;
export function expand(x: Tensor, shape: Shape): Tensor {
  refuseMore("expand", arguments, 2, oneList);
  checkTensor("expand", x);
  if (!Array.isArray(shape)) return apply(expandOp, [x], shape); // which refuses it
  const to = shape.map((n, i) => (n === -1 ? (x.sizes.at(i - shape.length) ?? n) : n));
  return sameShape(x.sizes, to) ? x : apply(expandOp, [x], to);
}

export const expandCases: OpCases<Shape> = {
  draw: (d) => {
    const shape = d.shape();
    const lead = d.shape({ maxRank: 1 });
    const from = shape.map((n) => d.pick([n, 1]));
    return { inputs: [d.floats(from)], attrs: [...lead, ...shape] };
  },
  errors: [
    { inputs: [[2]], attrs: [3], error: "expand: shapes must broadcast, got [2] and [3]" },
    { inputs: [[2, 2]], attrs: [2], error: "got [2, 2] to [2]" },
    { inputs: [[2]], attrs: [-1, 2], error: "expand: a shape is an array of whole numbers, 0 or more, got [-1, 2]" },
  ],
};
