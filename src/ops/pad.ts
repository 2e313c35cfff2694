import { apply, checkTensor } from "../core/apply.ts";
import { ShapeError, textOf, ValueError } from "../core/errors.ts";
import { inNameOf } from "../core/inNameOf.ts";
import { nearestOf } from "../core/options.ts";
import { formatShape, listText } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { cat } from "./cat.ts";
import { expand } from "./expand.ts";
import { checkFill } from "./indices.ts";
import { place, slice, sliceOp } from "./slice.ts";

/** What to surround a tensor with, other than a constant. */
export type PadMode = "reflect" | "replicate" | "circular";

const padModes: readonly PadMode[] = ["reflect", "replicate", "circular"];

/**
 * Surrounds a tensor with a constant, or with more of itself; or crops it. The gradient of what is cropped is 0, and copies give theirs to what they are copies of.
 *
 * @param x - a tensor of any dtype.
 * @param widths - `[before, after]` for each axis from the first: how many elements to add at its ends, or, if
 * negative, to cut off. Axes not named stay as they are.
 * @param value - what to add: a number, 0 by default, which x's dtype must be able to hold; `"reflect"`, x mirrored at its edge, which is not repeated; `"replicate"`, its edge again and
 * again; or `"circular"`, its other end.
 * @returns a tensor of x's dtype.
 * @throws {@link ShapeError} for widths that are not integers, more pairs than axes, a cut of more than there is, or a mode that needs more elements than there are.
 * @throws {@link DTypeError} if x's dtype cannot hold the value; {@link ValueError} for what is neither a number nor a mode.
 * @example
 * pad(tensor([[1, 2]]), [[0, 1], [1, 0]]).toArray(); // → [[0, 1, 2], [0, 0, 0]]
 * pad(tensor([1, 2, 3]), [[-1, 1]], 9).toArray(); // → [2, 3, 9]
 * pad(tensor([1, 2, 3]), [[2, 1]], "reflect").toArray(); // → [3, 2, 1, 2, 3, 2]
 * pad(tensor([1, 2, 3]), [[2, 1]], "replicate").toArray(); // → [1, 1, 1, 2, 3, 3]
 * pad(tensor([1, 2, 3]), [[2, 1]], "circular").toArray(); // → [2, 3, 1, 2, 3, 1]
 */
export function pad(
  x: Tensor,
  widths: readonly (readonly [before: number, after: number])[],
  value: number | PadMode = 0,
): Tensor {
  refuseMore("pad", arguments, 3);
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
  const isMode = padModes.includes(value as PadMode);
  if (typeof value !== "number" && !isMode) {
    const near = typeof value === "string" && !Number.isFinite(Number(value)) ? nearestOf(value, padModes) : undefined;
    const meant = typeof own === "number" ? own : (typeof value === "string" && Number(value)) || 0;
    const rule = 'the value must be a number, or "reflect", "replicate" or "circular"';
    throw new ValueError("pad", rule, textOf(value), `write pad(x, widths, ${near ? JSON.stringify(near) : meant})`);
  }
  if (!isMode) checkFill("pad", x.dtype, value as number);
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
  // A mirror shows what is cut off at the other end.
  const whole = value === "reflect" ? extended(x, pairs, value) : x;
  const sizes = pairs.map(({ before, after }, axis) => whole.shape[axis]! + Math.min(before, 0) + Math.min(after, 0));
  const cropped = sizes.every((n, axis) => n === whole.shape[axis])
    ? whole
    : apply(sliceOp, [whole], { starts, steps: ones, sizes });
  if (isMode) return value === "reflect" ? cropped : extended(cropped, pairs, value as PadMode);
  const padded = pairs.map(({ before, after }, axis) => sizes[axis]! + Math.max(before, 0) + Math.max(after, 0));
  if (padded.every((n, axis) => n === sizes[axis])) return cropped;
  const at = {
    starts: pairs.map(({ before }) => Math.max(0, before)),
    steps: ones,
    shape: padded,
    value: value as number,
  };
  return inNameOf("pad", ["place"], () => place(cropped, at));
}

/** x with more of itself at the ends of its axes, one axis after the other: corners are copies of copies, as they should be. */
function extended(
  x: Tensor,
  pairs: readonly { readonly before: number; readonly after: number }[],
  mode: PadMode,
): Tensor {
  return pairs.reduce((y, pair, axis) => {
    const [before, after] = [Math.max(0, pair.before), Math.max(0, pair.after)];
    if (before + after === 0) return y;
    const n = x.shape[axis]!;
    const most = { reflect: n - 1, replicate: n > 0 ? Number.POSITIVE_INFINITY : 0, circular: n }[mode];
    if (Math.max(before, after) > most) {
      const got = `[${before}, ${after}] for size ${n} of axis ${axis}`;
      const rule = `"${mode}" cannot add more than ${mode === "reflect" ? "there is beside the edge" : "there is"}`;
      throw new ShapeError("pad", rule, got);
    }
    const part = (start: number, stop: number | null, step = 1): Tensor =>
      slice(y, ...y.shape.slice(0, axis).map(() => null), [start, stop, step]);
    const edge = (start: number, count: number): Tensor =>
      expand(
        part(start, start + 1),
        y.shape.map((size, d) => (d === axis ? count : size)),
      );
    const ends = {
      reflect: () => [part(before, 0, -1), part(n - 2, n - 2 - after < 0 ? null : n - 2 - after, -1)],
      replicate: () => [edge(0, before), edge(n - 1, after)],
      circular: () => [part(n - before, n), part(0, after)],
    }[mode]();
    return cat([ends[0]!, y, ends[1]!], axis);
  }, x);
}
