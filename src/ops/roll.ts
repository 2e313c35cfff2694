import { checkTensor } from "../core/apply.ts";
import { ShapeError, textOf, ValueError } from "../core/errors.ts";
import { listText, normalizeAxis } from "../core/shape.ts";
import type { ShapeOf } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { cat } from "./cat.ts";
import { flatten, reshape } from "./reshape.ts";
import { slice } from "./slice.ts";

/**
 * Shifts elements along axes; what leaves at one end comes in at the other.
 *
 * @param x - a tensor of any dtype.
 * @param shifts - by how many places, or a list with one number for each axis; positive numbers shift towards the end.
 * @param axes - an axis, or as many as there are shifts; negative ones count from the end. If left out, all elements
 * are shifted in their row-major order, and the shape is kept.
 * @returns a tensor of x's shape and dtype.
 * @throws {@link ShapeError} for an axis out of range, or another number of axes than of shifts.
 * @throws {@link ValueError} if a shift is not an integer.
 * @example
 * roll(tensor([1, 2, 3, 4]), 1).toArray(); // → [4, 1, 2, 3]
 * roll(tensor([[1, 2, 3], [4, 5, 6]]), -1, 1).toArray(); // → [[2, 3, 1], [5, 6, 4]]
 */
export function roll<T extends Tensor>(
  x: T,
  shifts: number | readonly number[],
  axes?: number | readonly number[],
): Tensor<ShapeOf<T>>;
export function roll(x: Tensor, shifts: number | readonly number[], axes?: number | readonly number[]): Tensor {
  refuseMore("roll", arguments, 3);
  checkTensor("roll", x);
  const by = [shifts].flat() as number[];
  if (!by.every(Number.isSafeInteger)) {
    const got = Array.isArray(shifts) ? listText(shifts) : textOf(shifts);
    throw new ValueError("roll", "shifts must be integers", got, "write roll(x, 1, 0)");
  }
  if (axes === undefined) {
    if (by.length !== 1) {
      throw new ShapeError("roll", "each shift needs an axis", listText(by), `write roll(x, ${listText(by)}, axes)`);
    }
    return reshape(rolled(flatten(x), by[0]!, 0), x.shape);
  }
  const along = ([axes].flat() as number[]).map((axis) =>
    normalizeAxis("roll", axis, x.shape.length, ["roll(x, shifts, ", ")"]),
  );
  if (along.length !== by.length) {
    throw new ShapeError("roll", "each shift needs an axis", `${by.length} shifts and ${along.length} axes`);
  }
  return along.reduce((y, axis, i) => rolled(y, by[i]!, axis), x);
}

function rolled(x: Tensor, shift: number, axis: number): Tensor {
  const n = x.shape[axis] ?? 1;
  const first = n === 0 ? 0 : (((-shift % n) + n) % n) + 0;
  if (first === 0) return x;
  const part = (start: number, end: number): Tensor =>
    slice(x, ...x.shape.map((_, d) => (d === axis ? ([start, end] as const) : null)));
  return cat([part(first, n), part(0, first)], axis);
}
