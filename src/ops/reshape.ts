import { apply, checkTensor } from "../core/apply.ts";
import { ShapeError } from "../core/errors.ts";
import type { Op } from "../core/op.ts";
import { checkShape, formatShape, normalizeAxes, normalizeAxis, type Shape, sameShape, sizeOf } from "../core/shape.ts";
import type {
  AxesOf,
  Flattened,
  Optional,
  PlaceOf,
  Reshaped,
  ShapeOf,
  Spread,
  Squeezed,
  Unsqueezed,
} from "../core/shapeTypes.ts";
import { oneList, refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import type { OpCases } from "./cases.ts";

export const reshapeOp: Op<Shape> = {
  name: "reshape",
  shape: (inputs, shape) => inferShape(inputs[0]!.sizes, shape),
  forward: "view",
  vjp: [(saved) => reshape(saved.g, saved.shapeOf(0))],
};

/** The target shape with −1 filled in. */
function inferShape(from: Shape, to: Shape): Shape {
  if (Array.isArray(to) && sameShape(from, to)) return from;
  const refuse = (rule: string): ShapeError =>
    new ShapeError("reshape", rule, `${formatShape(from)} to ${formatShape(to)}`);
  const size = sizeOf(from);
  const sizes = Array.isArray(to) ? to.filter((n) => n !== -1) : to;
  const isRight = Array.isArray(to) && sizes.every((n) => Number.isSafeInteger(n) && n >= 0);
  const known = checkShape("reshape", isRight ? sizes : to, undefined, "reshape(x, ");
  const unknown = to.length - known.length;
  if (unknown > 1) throw refuse("one size may be -1, and is worked out");
  if (unknown > 0 && sizeOf(known) === 0) throw refuse("-1 is ambiguous beside a size of 0");
  const shape = to.map((n) => (n === -1 ? size / sizeOf(known) : n));
  if (sizeOf(shape) !== size || !shape.every(Number.isInteger)) {
    throw refuse("the number of elements must stay the same");
  }
  return shape;
}

/**
 * The same elements in the same (row-major) order under another shape. Costs nothing: the values are shared, which is
 * safe since no op ever changes them.
 *
 * @param x - a tensor of any dtype.
 * @param shape - the new shape, with as many elements; one size may be −1 and is worked out.
 * @throws {@link ShapeError} if the number of elements differs, or −1 is ambiguous.
 * @example
 * reshape(arange(6), [2, -1]).toArray(); // → [[0, 1, 2], [3, 4, 5]]
 */
export function reshape<const T extends Shape>(x: Tensor, shape: Spread<T>): Tensor<Reshaped<T>>;
export function reshape(x: Tensor, shape: Shape): Tensor {
  refuseMore("reshape", arguments, 2, oneList);
  checkTensor("reshape", x);
  return Array.isArray(shape) && sameShape(x.sizes, shape) ? x : apply(reshapeOp, [x], shape);
}

/** Another tensor with the same values and gradient, for where two must not be one object. */
export function alias(x: Tensor): Tensor {
  return apply(reshapeOp, [x], x.sizes);
}

/**
 * Merges the axes from `start` to `end`, both included, into one. A scalar becomes `[1]`.
 *
 * @param x - a tensor of any dtype.
 * @param start - first axis to merge; 0 by default.
 * @param end - last axis to merge; −1 by default.
 * @throws {@link ShapeError} for an axis out of range, or `start` behind `end`.
 * @example
 * flatten(ones([2, 3, 4]), 1).shape; // → [2, 12]
 */
export function flatten<
  T extends Tensor,
  const X extends number | undefined = undefined,
  const Y extends number | undefined = undefined,
>(x: T, start: Optional<X & AxesOf<T, X>>, end: Optional<Y & AxesOf<T, Y>>): Tensor<Flattened<ShapeOf<T>, X, Y>>;
export function flatten(x: Tensor, start = 0, end = -1): Tensor {
  refuseMore("flatten", arguments, 3);
  checkTensor("flatten", x);
  const rank = x.shape.length;
  const from = normalizeAxis("flatten", start, rank);
  const to = normalizeAxis("flatten", end, rank, ["flatten(x, 0, ", ")"]);
  if (from > to) throw new ShapeError("flatten", "start must not be behind end", `${start} and ${end}`);
  return reshape(x, [...x.shape.slice(0, from), sizeOf(x.shape.slice(from, to + 1)), ...x.shape.slice(to + 1)]);
}

/**
 * Drops axes of size 1: those given (which stay if their size is not 1, as in PyTorch), or all.
 *
 * @param x - a tensor of any dtype.
 * @param axes - one axis or several, negative ones counted from the end; all by default.
 * @throws {@link ShapeError} for an axis out of range.
 * @example
 * squeeze(ones([1, 2, 1])).shape; // → [2]
 */
export function squeeze<T extends Tensor, const X extends number | readonly number[] | undefined = undefined>(
  x: T & AxesOf<T, X>,
  axes: Optional<Spread<X>>,
): Tensor<Squeezed<ShapeOf<T>, X>>;
export function squeeze(x: Tensor, axes?: number | readonly number[]): Tensor {
  refuseMore("squeeze", arguments, 2);
  checkTensor("squeeze", x);
  const drop = normalizeAxes("squeeze", axes, x.shape.length);
  return reshape(
    x,
    x.shape.filter((n, i) => n !== 1 || !drop.includes(i)),
  );
}

/**
 * Inserts an axis of size 1.
 *
 * @param x - a tensor of any dtype.
 * @param axis - where the new axis stands in the result; from −(rank + 1) to rank.
 * @throws {@link ShapeError} for an axis out of range.
 * @example
 * unsqueeze(ones([2, 3]), 1).shape; // → [2, 1, 3]
 */
export function unsqueeze<T extends Tensor, const X extends number>(
  x: T,
  axis: X & PlaceOf<T, X>,
): Tensor<Unsqueezed<ShapeOf<T>, X>>;
export function unsqueeze(x: Tensor, axis: number): Tensor {
  refuseMore("unsqueeze", arguments, 2);
  checkTensor("unsqueeze", x);
  const at = normalizeAxis("unsqueeze", axis, x.shape.length + 1);
  return reshape(x, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)]);
}

export const reshapeCases: OpCases<Shape> = {
  draw: (d) => {
    const shape = d.shape();
    return {
      inputs: [d.floats(shape)],
      attrs: d.pick([[...shape].reverse(), [shape.reduce((a, b) => a * b, 1)], [1, ...shape]]),
    };
  },
  errors: [
    { inputs: [[3]], attrs: [2, 2], error: "reshape: the number of elements must stay the same, got [3] to [2, 2]" },
    { inputs: [[0]], attrs: [0, -1], error: "reshape: -1 is ambiguous beside a size of 0" },
    { inputs: [[4]], attrs: [-1, -1], error: "reshape: one size may be -1, and is worked out, got [4] to [-1, -1]" },
  ],
};
