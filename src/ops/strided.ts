import type { TypedArray } from "../core/dtype.ts";
import type { Shape } from "../core/shape.ts";

/**
 * Copies between a dense array and a strided window of another: for each index of `shape`,
 * `dense[k] = other[offset + Σ index · stride]`, or the reverse for `scatter`. Permute, expand, flip, slice and pad are
 * all this one loop.
 */
export function stridedCopy(
  dense: TypedArray,
  other: TypedArray,
  shape: Shape,
  strides: readonly number[],
  offset: number,
  direction: "gather" | "scatter",
): void {
  const rank = shape.length;
  const inner = rank === 0 ? 1 : shape[rank - 1]!;
  const step = rank === 0 ? 0 : strides[rank - 1]!;
  const total = direction === "gather" ? dense.length : shape.reduce((a, b) => a * b, 1);
  const counter = new Array<number>(rank).fill(0);
  let at = offset;
  for (let k = 0; k < total; k += inner) {
    if (direction === "gather") for (let i = 0, j = at; i < inner; i++, j += step) dense[k + i] = other[j]!;
    else for (let i = 0, j = at; i < inner; i++, j += step) other[j] = dense[k + i]!;
    for (let d = rank - 2; d >= 0; d--) {
      at += strides[d]!;
      if (++counter[d]! < shape[d]!) break;
      at -= strides[d]! * shape[d]!;
      counter[d] = 0;
    }
  }
}
