import type { Op } from "../core/op.ts";
import { broadcastShapes } from "../core/shape.ts";
import type { Beside, Broadcast, ShapeOf } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { binaryCases } from "./cases.ts";
import { applyBinary, type BinaryLoop, checkOperands, defineBinary } from "./define.ts";

const compare = (name: string, loop: BinaryLoop): Op<undefined> =>
  defineBinary({ name, dtype: "bool", loop, vjp: "nondifferentiable" });

export const eqOp = /* @__PURE__ */ compare("eq", (y, yi, n, a, ai, as, b, bi, bs) => {
  for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) y[yi] = a[ai]! === b[bi]! ? 1 : 0;
});

export const neOp = /* @__PURE__ */ compare("ne", (y, yi, n, a, ai, as, b, bi, bs) => {
  for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) y[yi] = a[ai]! !== b[bi]! ? 1 : 0;
});

export const ltOp = /* @__PURE__ */ compare("lt", (y, yi, n, a, ai, as, b, bi, bs) => {
  for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) y[yi] = a[ai]! < b[bi]! ? 1 : 0;
});

export const leOp = /* @__PURE__ */ compare("le", (y, yi, n, a, ai, as, b, bi, bs) => {
  for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) y[yi] = a[ai]! <= b[bi]! ? 1 : 0;
});

/**
 * `a = b` elementwise with broadcasting, as a bool tensor. NaN equals nothing. Not differentiable.
 *
 * @param a - a tensor, or a number (not both numbers).
 * @param b - a tensor, or a number; the shapes broadcast.
 * @throws {@link ShapeError} if the shapes do not broadcast.
 * @example
 * eq(tensor([1, 2, NaN]), tensor([1, 3, NaN])).toArray(); // → [true, false, false]
 */
export function eq<A extends Tensor | number, B extends Tensor | number>(
  a: A,
  b: B & Beside<A, B>,
): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
  return applyBinary(eqOp, a, b, arguments);
}

/**
 * `a ≠ b` elementwise with broadcasting, as a bool tensor. NaN differs from everything. Not differentiable.
 *
 * @param a - a tensor, or a number (not both numbers).
 * @param b - a tensor, or a number; the shapes broadcast.
 * @throws {@link ShapeError} if the shapes do not broadcast.
 * @example
 * ne(tensor([1, 2]), 2).toArray(); // → [true, false]
 */
export function ne<A extends Tensor | number, B extends Tensor | number>(
  a: A,
  b: B & Beside<A, B>,
): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
  return applyBinary(neOp, a, b, arguments);
}

/**
 * `a < b` elementwise with broadcasting, as a bool tensor; false at NaN. Not differentiable.
 *
 * @param a - a tensor, or a number (not both numbers).
 * @param b - a tensor, or a number; the shapes broadcast.
 * @throws {@link ShapeError} if the shapes do not broadcast.
 * @example
 * lt(tensor([1, 2]), 2).toArray(); // → [true, false]
 */
export function lt<A extends Tensor | number, B extends Tensor | number>(
  a: A,
  b: B & Beside<A, B>,
): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
  return applyBinary(ltOp, a, b, arguments);
}

/**
 * `a ≤ b` elementwise with broadcasting, as a bool tensor; false at NaN. Not differentiable.
 *
 * @param a - a tensor, or a number (not both numbers).
 * @param b - a tensor, or a number; the shapes broadcast.
 * @throws {@link ShapeError} if the shapes do not broadcast.
 * @example
 * le(tensor([1, 2, 3]), 2).toArray(); // → [true, true, false]
 */
export function le<A extends Tensor | number, B extends Tensor | number>(
  a: A,
  b: B & Beside<A, B>,
): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
  return applyBinary(leOp, a, b, arguments);
}

/**
 * `a > b` elementwise with broadcasting, as a bool tensor; false at NaN. Not differentiable.
 *
 * @param a - a tensor, or a number (not both numbers).
 * @param b - a tensor, or a number; the shapes broadcast.
 * @throws {@link ShapeError} if the shapes do not broadcast.
 * @example
 * gt(tensor([1, 2, 3]), 2).toArray(); // → [false, false, true]
 */
export function gt<A extends Tensor | number, B extends Tensor | number>(
  a: A,
  b: B & Beside<A, B>,
): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>>;
export function gt(a: Tensor | number, b: Tensor | number): Tensor {
  refuseMore("gt", arguments, 2);
  checkPair("gt", a, b);
  return lt(b, a);
}

/**
 * `a ≥ b` elementwise with broadcasting, as a bool tensor; false at NaN. Not differentiable.
 *
 * @param a - a tensor, or a number (not both numbers).
 * @param b - a tensor, or a number; the shapes broadcast.
 * @throws {@link ShapeError} if the shapes do not broadcast.
 * @example
 * ge(tensor([1, 2, 3]), 2).toArray(); // → [false, true, true]
 */
export function ge<A extends Tensor | number, B extends Tensor | number>(
  a: A,
  b: B & Beside<A, B>,
): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>>;
export function ge(a: Tensor | number, b: Tensor | number): Tensor {
  refuseMore("ge", arguments, 2);
  checkPair("ge", a, b);
  return le(b, a);
}

/** Refuses what does not compare, in the name of an op that is another with its operands swapped. */
function checkPair(op: string, a: Tensor | number, b: Tensor | number): void {
  checkOperands(op, a, b);
  if (typeof a !== "number" && typeof b !== "number") broadcastShapes(op, a.shape, b.shape);
}

export const eqCases = /* @__PURE__ */ binaryCases();
export const neCases = /* @__PURE__ */ binaryCases();
export const ltCases = /* @__PURE__ */ binaryCases();
export const leCases = /* @__PURE__ */ binaryCases();
