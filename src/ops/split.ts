import { checkTensor } from "../core/apply.ts";
import { numberHint } from "../core/arguments.ts";
import { ShapeError, textOf } from "../core/errors.ts";
import { listText, normalizeAxis } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { slice } from "./slice.ts";

/**
 * Cuts a tensor into parts along an axis: the inverse of {@link cat}.
 *
 * @param x - a tensor of any dtype, with at least one axis.
 * @param sizes - one size for all parts (the last is smaller if it does not divide the axis), or a list of sizes that
 * add up to it.
 * @param axis - the axis; 0 by default. Negative ones count from the end.
 * @returns the parts, in order. An empty axis cut by one size gives one empty part.
 * @throws {@link ShapeError} for a size that is not a positive integer (in a list: not negative), a list that does not
 * add up, a scalar, or an axis out of range.
 * @example
 * split(arange(5), 2).map((part) => part.toArray()); // → [[0, 1], [2, 3], [4]]
 * split(arange(5), [1, 4])[1].toArray(); // → [1, 2, 3, 4]
 */
export function split(x: Tensor, sizes: number | readonly number[], axis = 0): Tensor[] {
  refuseMore("split", arguments, 3);
  checkTensor("split", x);
  if (x.shape.length === 0) throw new ShapeError("split", "needs at least one axis", "a scalar");
  const at = normalizeAxis("split", axis, x.shape.length, ["split(x, sizes, ", ")"]);
  const n = x.shape[at]!;
  const parts = Array.isArray(sizes) ? (sizes as readonly number[]) : equalParts(sizes as number, n);
  const areSizes = parts.every((size) => Number.isSafeInteger(size) && size >= 0);
  if (!areSizes || parts.reduce((sum, size) => sum + size, 0) !== n) {
    const rule = "sizes must be non-negative integers that add up to the axis";
    throw new ShapeError("split", rule, listText(parts), `axis ${at} has size ${n}`);
  }
  let start = 0;
  return parts.map((size) => {
    const specs = x.shape.map((_, d) => (d === at ? ([start, start + size] as const) : null));
    start += size;
    return slice(x, ...specs);
  });
}

function equalParts(size: number, n: number): number[] {
  if (!Number.isSafeInteger(size) || size <= 0) {
    const rule = "the size of the parts must be a positive integer, or sizes a list";
    throw new ShapeError("split", rule, textOf(size), numberHint(size, Number.isSafeInteger));
  }
  const count = Math.max(1, Math.ceil(n / size));
  return Array.from({ length: count }, (_, i) => Math.min(size, n - i * size));
}
