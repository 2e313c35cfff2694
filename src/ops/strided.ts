import type { TypedArray } from "../core/dtype.ts";
import type { Shape } from "../core/shape.ts";

/**
 * Walks the rows of a strided window: for each row of the dense array `[0, size)` of `shape`, calls `row` with the place of its first element
 * there, the place of that element in the other array, the row's length, and the other array's step within it.
 */
export function stridedRows(
  shape: Shape,
  strides: readonly number[],
  offset: number,
  size: number,
  row: (dense: number, other: number, length: number, step: number) => void,
): void {
  const last = shape.length - 1;
  const inner = shape[last] ?? 1;
  const counter = shape.map(() => 0);
  let at = offset;
  for (let k = 0; k < size; k += inner) {
    row(k, at, inner, strides[last] ?? 0);
    for (let d = last - 1; d >= 0; d--) {
      at += strides[d]!;
      if (++counter[d]! < shape[d]!) break;
      at -= strides[d]! * shape[d]!;
      counter[d] = 0;
    }
  }
}

/** Fills `y` from a strided window: `y[k] = x[offset + Σ index · stride]` for each index of `shape`. Permute, expand, flip and slice are this. */
export function readStrided(
  y: TypedArray,
  x: TypedArray,
  shape: Shape,
  strides: readonly number[],
  offset: number,
): void {
  stridedRows(shape, strides, offset, y.length, (k, at, n, step) => {
    for (const end = k + n; k < end; k++, at += step) y[k] = x[at]!;
  });
}
