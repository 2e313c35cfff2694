import type { Op } from "../core/op.ts";
import type { Beside, Broadcast, ShapeOf } from "../core/shapeTypes.ts";
import type { Tensor } from "../tensor.ts";
import type { OpCases } from "./cases.ts";
import { applyBinary, applyUnary, type BinaryLoop, defineBinary, defineUnary } from "./define.ts";

export const logicalNotOp = /* @__PURE__ */ defineUnary({
  name: "logicalNot",
  dtype: "bool",
  forward: (y, x) => {
    for (let i = 0; i < y.length; i++) y[i] = x[i] === 0 ? 1 : 0;
  },
  vjp: "nondifferentiable",
});

const define = (name: string, loop: BinaryLoop): Op<undefined> =>
  defineBinary({ name, dtype: "bool", loop, vjp: "nondifferentiable" });

export const logicalAndOp = /* @__PURE__ */ define("logicalAnd", (y, yi, n, a, ai, as, b, bi, bs) => {
  for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) y[yi] = a[ai] !== 0 && b[bi] !== 0 ? 1 : 0;
});

export const logicalOrOp = /* @__PURE__ */ define("logicalOr", (y, yi, n, a, ai, as, b, bi, bs) => {
  for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) y[yi] = a[ai] !== 0 || b[bi] !== 0 ? 1 : 0;
});

export const logicalXorOp = /* @__PURE__ */ define("logicalXor", (y, yi, n, a, ai, as, b, bi, bs) => {
  for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) y[yi] = (a[ai] !== 0) !== (b[bi] !== 0) ? 1 : 0;
});

/**
 * Negation, elementwise: true where x is false or 0. Not differentiable.
 *
 * @param x - a tensor of any shape; of numbers, all but 0 count as true (NaN too).
 * @returns a bool tensor of x's shape.
 * @example
 * logicalNot(tensor([true, false])).toArray(); // → [false, true]
 */
export function logicalNot<T extends Tensor>(x: T): Tensor<ShapeOf<T>> {
  return applyUnary(logicalNotOp, x, arguments);
}

/**
 * True where both are true, elementwise with broadcasting. Not differentiable.
 *
 * @param a - a tensor, or a number (not both numbers); of numbers, all but 0 count as true (NaN too).
 * @param b - a tensor, or a number; the shapes broadcast.
 * @returns a bool tensor.
 * @throws {@link ShapeError} if the shapes do not broadcast.
 * @example
 * const x = tensor([1, 2, 3]);
 * logicalAnd(gt(x, 1), lt(x, 3)).toArray(); // → [false, true, false]
 */
export function logicalAnd<A extends Tensor | number, B extends Tensor | number>(
  a: A,
  b: B & Beside<A, B>,
): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
  return applyBinary(logicalAndOp, a, b, arguments);
}

/**
 * True where at least one is true, elementwise with broadcasting. Not differentiable.
 *
 * @param a - a tensor, or a number (not both numbers); of numbers, all but 0 count as true (NaN too).
 * @param b - a tensor, or a number; the shapes broadcast.
 * @returns a bool tensor.
 * @throws {@link ShapeError} if the shapes do not broadcast.
 * @example
 * const x = tensor([1, 2, 3]);
 * logicalOr(lt(x, 2), gt(x, 2)).toArray(); // → [true, false, true]
 */
export function logicalOr<A extends Tensor | number, B extends Tensor | number>(
  a: A,
  b: B & Beside<A, B>,
): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
  return applyBinary(logicalOrOp, a, b, arguments);
}

/**
 * True where exactly one is true, elementwise with broadcasting. Not differentiable.
 *
 * @param a - a tensor, or a number (not both numbers); of numbers, all but 0 count as true (NaN too).
 * @param b - a tensor, or a number; the shapes broadcast.
 * @returns a bool tensor.
 * @throws {@link ShapeError} if the shapes do not broadcast.
 * @example
 * logicalXor(tensor([true, true]), tensor([true, false])).toArray(); // → [false, true]
 */
export function logicalXor<A extends Tensor | number, B extends Tensor | number>(
  a: A,
  b: B & Beside<A, B>,
): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
  return applyBinary(logicalXorOp, a, b, arguments);
}

export const logicalNotCases: OpCases<undefined> = {
  draw: (d) => ({ inputs: [d.bools(d.shape())], attrs: undefined }),
};

const pairCases: OpCases<undefined> = {
  draw: (d) => {
    const [a, b] = d.broadcastPair();
    return { inputs: [d.bools(a), d.pick([d.bools(b), d.ints(b, -1, 1)])], attrs: undefined };
  },
  errors: [{ inputs: [[2], [3]], attrs: undefined, error: "shapes must broadcast" }],
};
export const logicalAndCases = pairCases;
export const logicalOrCases = pairCases;
export const logicalXorCases = pairCases;
