import { apply, checkTensor } from "../core/apply.ts";
import { ShapeError, textOf, ValueError } from "../core/errors.ts";
import { inNameOf } from "../core/inNameOf.ts";
import { formatShape, listText } from "../core/shape.ts";
import type { Tensor } from "../tensor.ts";
import { checkFill } from "./indices.ts";
import { place, sliceOp } from "./slice.ts";

/**
 * Surrounds a tensor with a constant, or crops it. The gradient of what is cropped is 0.
 *
 * @param x - a tensor of any dtype.
 * @param widths - `[before, after]` for each axis from the first: how many elements to add at its ends, or, if
 * negative, to cut off. Axes not named stay as they are.
 * @param value - what to add; 0 by default. x's dtype must be able to hold it.
 * @returns a tensor of x's dtype.
 * @throws {@link ShapeError} for widths that are not integers, more pairs than axes, or a cut of more than there is.
 * @throws {@link DTypeError} if x's dtype cannot hold the value.
 * @example
 * pad(tensor([[1, 2]]), [[0, 1], [1, 0]]).toArray(); // → [[0, 1, 2], [0, 0, 0]]
 * pad(tensor([1, 2, 3]), [[-1, 1]], 9).toArray(); // → [2, 3, 9]
 */
export function pad(x: Tensor, widths: readonly (readonly [before: number, after: number])[], value = 0): Tensor {
  checkTensor("pad", x);
  const { shape } = x;
  if (!Array.isArray(widths)) {
    throw new ShapeError(
      "pad",
      "widths must be an array of pairs, one per axis",
      textOf(widths),
      "write pad(x, [[1, 1]])",
    );
  }
  if (widths.length > shape.length) {
    const got = `${widths.length} for ${formatShape(shape)}`;
    const [before, after] = widths as readonly unknown[];
    const isFlat = typeof before === "number" && typeof after === "number";
    const hint = isFlat ? `write pad(x, [[${before}, ${after}]])` : "";
    throw new ShapeError("pad", "at most one pair of widths per axis", got, hint);
  }
  const { value: own } = (value ?? {}) as { readonly value?: unknown };
  if (typeof value !== "number") {
    const meant = typeof own === "number" ? own : (typeof value === "string" && Number(value)) || 0;
    throw new ValueError("pad", "the value must be a number", textOf(value), `write pad(x, widths, ${meant})`);
  }
  checkFill("pad", x.dtype, value);
  const pairs = shape.map((n, axis) => {
    const pair = widths[axis] ?? [0, 0];
    if (!Array.isArray(pair) || pair.length !== 2 || !pair.every(Number.isSafeInteger)) {
      throw new ShapeError(
        "pad",
        "widths must be pairs of integers",
        `${Array.isArray(pair) ? listText(pair) : textOf(pair)} on axis ${axis}`,
        "write pad(x, [[1, 1]])",
      );
    }
    const [before, after] = pair;
    if (Math.min(before, 0) + Math.min(after, 0) < -n) {
      throw new ShapeError(
        "pad",
        "cannot cut off more than there is",
        `${formatShape(pair)} for size ${n} of axis ${axis}`,
      );
    }
    return { before, after };
  });
  const ones = pairs.map(() => 1);
  const starts = pairs.map(({ before }) => Math.max(0, -before));
  const sizes = pairs.map(({ before, after }, axis) => shape[axis]! + Math.min(before, 0) + Math.min(after, 0));
  const cropped = sizes.every((n, axis) => n === shape[axis]) ? x : apply(sliceOp, [x], { starts, steps: ones, sizes });
  const padded = pairs.map(({ before, after }, axis) => sizes[axis]! + Math.max(before, 0) + Math.max(after, 0));
  if (padded.every((n, axis) => n === sizes[axis])) return cropped;
  const at = { starts: pairs.map(({ before }) => Math.max(0, before)), steps: ones, shape: padded, value };
  return inNameOf("pad", ["place"], () => place(cropped, at));
}
