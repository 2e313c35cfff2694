import { checkTensor } from "../core/apply.ts";
import { ShapeError, textOf, ValueError } from "../core/errors.ts";
import { inNameOf } from "../core/inNameOf.ts";
import { describe, normalizeAxis, type Shape } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { permute } from "./permute.ts";
import { reshape } from "./reshape.ts";
import { place, slice } from "./slice.ts";
import { sum } from "./sum.ts";

/**
 * The elements on a diagonal of two axes, as a new last axis: the elements at `(i, i + k)`.
 *
 * @param x - a tensor of any dtype with at least two axes.
 * @param k - which diagonal: 0 (default) is the main one, positive ones lie above it. One that lies outside is empty.
 * @param axis1 - the axis of rows; 0 by default. Negative ones count from the end.
 * @param axis2 - the axis of columns; 1 by default.
 * @returns x's other axes, and the diagonal as the last one.
 * @throws {@link ShapeError} for less than two axes, an axis out of range, or the same one twice.
 * @throws {@link ValueError} if k is not an integer.
 * @example
 * diagonal(tensor([[1, 2, 3], [4, 5, 6]]), 1).toArray(); // → [2, 6]
 */
export function diagonal(x: Tensor, k = 0, axis1 = 0, axis2 = 1): Tensor {
  refuseMore("diagonal", arguments, 4);
  checkTensor("diagonal", x);
  return diagonalOf("diagonal", x, k, axis1, axis2);
}

/**
 * For a vector, a matrix with the vector on one of its diagonals and 0 elsewhere. For a matrix, the vector on that diagonal.
 *
 * @param x - a vector or a matrix, of any dtype.
 * @param k - which diagonal: 0 (default) is the main one, positive ones lie above it.
 * @returns of a vector of n elements a matrix of `n + |k|` rows and columns; of a matrix a vector, as
 * {@link diagonal}, which takes tensors with more axes.
 * @throws {@link ShapeError} for a scalar or more than two axes.
 * @throws {@link ValueError} if k is not an integer.
 * @example
 * diag(tensor([1, 2])).toArray(); // → [[1, 0], [0, 2]]
 * diag(tensor([[1, 2], [3, 4]]), -1).toArray(); // → [3]
 */
export function diag(x: Tensor, k = 0): Tensor {
  refuseMore("diag", arguments, 2);
  checkTensor("diag", x);
  const { shape } = x;
  if (shape.length === 0 || shape.length > 2) {
    const hint = shape.length === 0 ? "reshape it to [1]" : "write diagonal(x, 0, axis1, axis2)";
    throw new ShapeError("diag", "takes a vector or a matrix", describe(x), hint);
  }
  if (shape.length === 2) return diagonalOf("diag", x, k, 0, 1);
  checkDiagonal("diag", k);
  const n = shape[0]! + Math.abs(k);
  const start = Math.max(k, 0) + n * Math.max(-k, 0);
  const at = { starts: [n === 0 ? 0 : start], steps: [n + 1], shape: [n * n], value: 0 };
  return reshape(
    inNameOf("diag", ["place"], () => place(x, at)),
    [n, n],
  );
}

/**
 * The sum of a matrix's main diagonal.
 *
 * @param x - a matrix; it need not be square. `bool` is counted into `int32`, and sums of `int32` are exact, or an error.
 * @returns a scalar. The gradient is 1 on the diagonal and 0 elsewhere.
 * @throws {@link ShapeError} if x does not have two axes.
 * @throws {@link ValueError} if `int32` cannot hold the sum.
 * @example
 * trace(tensor([[1, 2], [3, 4]])).item(); // → 5
 */
export function trace(x: Tensor): Tensor {
  refuseMore("trace", arguments, 1);
  checkTensor("trace", x);
  if (x.shape.length !== 2) {
    const hint = x.shape.length > 2 ? "for batches, write sum(diagonal(x, 0, -2, -1), -1)" : "";
    throw new ShapeError("trace", "takes a matrix", describe(x), hint);
  }
  return sum(diagonalOf("trace", x, 0, 0, 1));
}

/** With both axes merged into the last, a diagonal is every so manieth element. */
function diagonalOf(op: string, x: Tensor, k: number, axis1: number, axis2: number): Tensor {
  const { shape } = x;
  if (shape.length < 2) throw new ShapeError(op, "needs at least two axes", describe(x));
  checkDiagonal(op, k);
  const i = normalizeAxis(op, axis1, shape.length, [`${op}(x, 0, `, ", 1)"]);
  const j = normalizeAxis(op, axis2, shape.length, [`${op}(x, 0, 0, `, ")"]);
  if (i === j) throw new ShapeError(op, "axes must be distinct", `${axis1} and ${axis2}`);
  const others = shape.map((_, axis) => axis).filter((axis) => axis !== i && axis !== j);
  const kept: Shape = others.map((axis) => shape[axis]!);
  const [rows, columns] = [shape[i]!, shape[j]!];
  const count = Math.max(0, Math.min(rows - Math.max(-k, 0), columns - Math.max(k, 0)));
  const planes = reshape(permute(x, [...others, i, j]), [...kept, rows * columns]);
  const start = Math.max(k, 0) + columns * Math.max(-k, 0);
  const whole = kept.map(() => null);
  return slice(planes, ...whole, count === 0 ? [0, 0] : [start, start + (count - 1) * (columns + 1) + 1, columns + 1]);
}

function checkDiagonal(op: string, k: number): void {
  if (!Number.isInteger(k)) throw new ValueError(op, "the diagonal must be an integer", textOf(k), `write ${op}(x, 1)`);
}
