import { apply } from "../core/apply.ts";
import { numberHint } from "../core/arguments.ts";
import { ShapeError, textOf, ValueError } from "../core/errors.ts";
import type { Op } from "../core/op.ts";
import { formatShape } from "../core/shape.ts";
import type { ShapeOf } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import type { OpCases } from "./cases.ts";

/**
 * The record of tril or triu: elements are selected, not multiplied by 0 and 1, so NaN and ±∞ outside become 0.
 */
const define = (name: string, lower: boolean): Op<number> => {
  const op: Op<number> = {
    name,
    shape: (inputs, k) => {
      const { shape } = inputs[0]!;
      if (shape.length < 2) throw new ShapeError(name, "needs at least two axes", formatShape(shape));
      if (!Number.isInteger(k))
        throw new ValueError(name, "the diagonal must be an integer", textOf(k), numberHint(k, Number.isInteger));
      return shape;
    },
    forward: (y, [x], k, shape) => {
      const { values } = x!;
      const rows = shape[shape.length - 2]!;
      const columns = shape[shape.length - 1]!;
      for (let row = 0, at = 0; at < y.length; row = row + 1 === rows ? 0 : row + 1, at += columns) {
        const first = lower ? 0 : Math.max(0, row + k);
        const end = lower ? Math.min(columns, row + k + 1) : columns;
        for (let j = first; j < end; j++) y[at + j] = values[at + j]!;
      }
    },
    vjp: [({ g, attrs }) => apply(op, [g], attrs)],
  };
  return op;
};

export const trilOp = /* @__PURE__ */ define("tril", true);
export const triuOp = /* @__PURE__ */ define("triu", false);

/**
 * The lower triangle of a matrix, with 0 (also for NaN and infinities) above the diagonal.
 *
 * @param x - a tensor `[…, rows, columns]` of any dtype; leading axes are batches.
 * @param k - the last diagonal to keep: 0 (default) is the main one, positive ones lie above it.
 * @returns a tensor of x's shape and dtype. The gradient is 0 where x was replaced.
 * @throws {@link ShapeError} for less than two axes.
 * @throws {@link ValueError} if k is not an integer.
 * @example
 * tril(ones([3, 3])).toArray(); // → [[1, 0, 0], [1, 1, 0], [1, 1, 1]]
 */
export function tril<T extends Tensor>(x: T, k?: number): Tensor<ShapeOf<T>>;
export function tril(x: Tensor, k = 0): Tensor {
  refuseMore("tril", arguments, 2);
  return apply(trilOp, [x], k);
}

/**
 * The upper triangle of a matrix, with 0 (also for NaN and infinities) below the diagonal.
 *
 * @param x - a tensor `[…, rows, columns]` of any dtype; leading axes are batches.
 * @param k - the first diagonal to keep: 0 (default) is the main one, positive ones lie above it.
 * @returns a tensor of x's shape and dtype. The gradient is 0 where x was replaced.
 * @throws {@link ShapeError} for less than two axes.
 * @throws {@link ValueError} if k is not an integer.
 * @example
 * triu(ones([3, 3]), 1).toArray(); // → [[0, 1, 1], [0, 0, 1], [0, 0, 0]]
 */
export function triu<T extends Tensor>(x: T, k?: number): Tensor<ShapeOf<T>>;
export function triu(x: Tensor, k = 0): Tensor {
  refuseMore("triu", arguments, 2);
  return apply(triuOp, [x], k);
}

const triangleCases = (name: string): OpCases<number> => ({
  draw: (d) => ({ inputs: [d.floats(d.shape({ minRank: 2 }))], attrs: d.int(-3, 3) }),
  errors: [
    { inputs: [[3]], attrs: 0, error: `${name}: needs at least two axes, got [3]` },
    { inputs: [[3, 3]], attrs: 0.5, error: `${name}: the diagonal must be an integer, got 0.5` },
  ],
});
export const trilCases = /* @__PURE__ */ triangleCases("tril");
export const triuCases = /* @__PURE__ */ triangleCases("triu");
