import { ShapeError, textOf, ValueError } from "../core/errors.ts";
import type { OptionKinds } from "../core/options.ts";
import { isTensor } from "../core/runtime.ts";
import { describe, listText, normalizeAxis } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { abs } from "./abs.ts";
import { add } from "./add.ts";
import { cast } from "./cast.ts";
import { stack } from "./cat.ts";
import { eq, ne } from "./compare.ts";
import { floatOf } from "./define.ts";
import { mul } from "./mul.ts";
import { checkReduction, type ReduceOptions, reduceOptions } from "./reduce.ts";
import { flatten, reshape } from "./reshape.ts";
import { slice } from "./slice.ts";
import { sort } from "./sort.ts";
import { sub } from "./sub.ts";
import { where } from "./where.ts";

/** Options of {@link quantile}. */
export interface QuantileOptions extends ReduceOptions {
  /** What to give between two elements: `"linear"` (default), the `"lower"` or `"higher"` one, the `"nearest"`, or their `"midpoint"`. */
  readonly interpolation?: "linear" | "lower" | "higher" | "nearest" | "midpoint";
}

const kinds: OptionKinds<QuantileOptions> = {
  ...reduceOptions,
  interpolation: ["linear", "lower", "higher", "nearest", "midpoint"],
};

/**
 * Quantiles along an axis, or of all elements: where a share q of the sorted elements lies below. The gradient goes to the one or two elements that the result is made of.
 *
 * @param x - a tensor; integers become the default floating dtype.
 * @param q - a share from 0 to 1, or several in an array.
 * @param axis - the axis; all elements if left out. Negative ones count from the end.
 * @param options - `interpolation`: `"linear"` (default), `"lower"`, `"higher"`, `"nearest"` or `"midpoint"`; `keepDims`: keep the axis with size 1.
 * @returns x's shape without the axis, behind a first axis for the shares if they came in an array: NaN where there is a NaN.
 * @throws {@link ValueError} for a share that is not from 0 to 1, or an unknown option.
 * @throws {@link ShapeError} for an axis out of range or without elements.
 * @example
 * quantile(tensor([1, 2, 3, 4]), 0.5).item(); // → 2.5
 * quantile(tensor([[1, 2, 3], [4, 5, 9]]), [0, 0.75], 1).toArray(); // → [[1, 4], [2.5, 7]]
 */
export function quantile(x: Tensor, q: number | readonly number[], axis?: number, options?: QuantileOptions): Tensor {
  refuseMore("quantile", arguments, 4);
  checkReduction("quantile", x, undefined, options, kinds, "x, q, ");
  const shares = [q].flat() as number[];
  if (shares.length === 0 || !shares.every((share) => typeof share === "number" && share >= 0 && share <= 1)) {
    const got = Array.isArray(q) ? listText(q) : textOf(q);
    const hint = `write quantile(x, ${isTensor(q) ? "q.toArray()" : "0.5"})`;
    throw new ValueError("quantile", "a share must be a number from 0 to 1", got, hint);
  }
  const { length } = x.sizes;
  const at = axis === undefined ? 0 : normalizeAxis("quantile", axis, length, ["quantile(x, q, ", ")"]);
  const v = cast(axis === undefined ? flatten(x) : length === 0 ? reshape(x, [1]) : x, floatOf(x.dtype));
  if (v.sizes[at] === 0) throw new ShapeError("quantile", "needs at least one element", describe(x));
  const left = x.sizes.map((n, d) => (axis === undefined || d === at ? 1 : n));
  const shape = options?.keepDims ? left : left.filter((_, d) => axis !== undefined && d !== at);
  const sorted = sort(v, at).values;
  const parts = shares.map((share) => reshape(between(sorted, at, share, options?.interpolation ?? "linear"), shape));
  return Array.isArray(q) ? stack(parts) : parts[0]!;
}

function between(
  sorted: Tensor,
  axis: number,
  share: number,
  how: NonNullable<QuantileOptions["interpolation"]>,
): Tensor {
  const most = sorted.sizes[axis]! - 1;
  const one = (k: number): Tensor =>
    slice(sorted, ...sorted.sizes.map((_, d) => (d === axis ? ([k, k + 1] as const) : null)));
  const rank = share * most;
  const low = Math.floor(rank);
  const high = Math.ceil(rank);
  const last = one(most); // NaN, if there is one
  const own =
    how === "nearest" ? (rank - low === 0.5 ? low + (low % 2) : Math.round(rank)) : how === "higher" ? high : low;
  let y = one(own);
  if (low !== high && (how === "linear" || how === "midpoint")) {
    const weight = how === "linear" ? rank - low : 0.5;
    const above = one(high);
    const mixed = add(y, mul(sub(above, y), weight));
    // From an infinity the step up is infinite or NaN, and the sum NaN: what is finite does not move an infinity.
    y = where(eq(abs(y), Number.POSITIVE_INFINITY), add(mul(y, 1 - weight), mul(above, weight)), mixed);
  }
  return where(ne(last, last), last, y);
}
