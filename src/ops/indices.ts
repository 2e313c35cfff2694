import { numberHint } from "../core/arguments.ts";
import type { DType } from "../core/dtype.ts";
import { isFloat } from "../core/dtype.ts";
import { DTypeError, IndexError, textOf } from "../core/errors.ts";
import type { Tensor } from "../tensor.ts";

/**
 * Checks an index tensor in a shape rule, so kernels may read and write by it unchecked.
 *
 * @param op - who asks, for the message.
 * @param index - must be int32, with values from `low` to `size − 1`.
 * @param size - number of elements to choose from.
 * @param axis - the axis that they lie on, for the message.
 * @param low - 0, or `−size` where negative indices count from the end.
 */
export function checkIndex(op: string, index: Tensor, size: number, axis: number, low = 0): void {
  if (index.dtype !== "int32") {
    throw new DTypeError(op, "an index must be an int32 tensor", index.dtype, 'use to("int32")');
  }
  const { values } = index;
  for (let i = 0; i < values.length; i++) {
    const v = values[i]!;
    if (v >= low && v < size) continue;
    if (size === 0) throw new IndexError(op, `axis ${axis} has no elements to index`, String(v));
    const hint = v < 0 && v >= -size ? "only index() and slice() count negative indices from the end" : "";
    throw new IndexError(op, `index must be from ${low} to ${size - 1} on axis ${axis}`, String(v), hint);
  }
}

/** Checks that a tensor of `dtype` can hold a number that it is to be filled with. */
export function checkFill(op: string, dtype: DType, value: number): void {
  const isWhole = typeof value === "number" && (value | 0) === value;
  const fits = dtype === "bool" ? value === 0 || value === 1 : isFloat(dtype) || isWhole;
  if (typeof value === "number" && fits) return;
  const hint = typeof value === "number" ? "cast the tensor first" : numberHint(value);
  throw new DTypeError(op, `the value must be a number that ${dtype} can hold`, textOf(value), hint);
}
