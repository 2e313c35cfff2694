import { apply, checkTensor } from "../core/apply.ts";
import { numberHint } from "../core/arguments.ts";
import { ShapeError, textOf } from "../core/errors.ts";
import type { Op } from "../core/op.ts";
import { checkOptions, type Lead, type OptionKinds } from "../core/options.ts";
import { normalizeAxis } from "../core/shape.ts";
import type { AxesOf, Optional, ShapeOf } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import type { OpCases } from "./cases.ts";
import { gather } from "./gather.ts";
import { blocksOf } from "./reduce.ts";
import { slice } from "./slice.ts";

/** Along which axis to sort, and in which direction. */
export interface ArgsortAttrs {
  readonly axis: number;
  readonly descending: boolean;
}

export const argsortOp: Op<ArgsortAttrs> = {
  name: "argsort",
  shape: (inputs) => inputs[0]!.shape,
  dtype: () => "int32",
  forward: (y, [x], { axis, descending }) => {
    const { values } = x!;
    const { outer, count, inner } = blocksOf(x!.shape, { start: axis, end: axis + 1 });
    const lane = { keys: new Float64Array(count), order: new Int32Array(count) };
    const spare = { keys: new Float64Array(count), order: new Int32Array(count) };
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        const at = o * count * inner + i;
        // NaN is the largest of all, and takes no part in comparisons.
        let n = 0;
        for (let j = 0, p = at; j < count; j++, p += inner) {
          const v = values[p]!;
          if (v !== v) continue;
          lane.keys[n] = descending ? -v : v;
          lane.order[n++] = j;
        }
        const { order } = sortLane(lane, spare, n);
        const nans = count - n;
        for (let j = 0, p = at; n < count; j++, p += inner) if (values[p] !== values[p]) order[n++] = j;
        const first = descending ? nans : 0; // where the numbers begin, with NaN in front or behind
        for (let j = 0; j < count; j++) y[at + ((j + first) % count) * inner] = order[j]!;
      }
    }
  },
  vjp: "nondifferentiable",
};

/**
 * A tensor's elements along an axis in another order, by a permutation for each lane. Its adjoint is the inverse permutation: unlike that of
 * gathering, it adds nothing up, and needs no zeros to begin with.
 */
export const reorderOp: Op<number> = {
  name: "reorder",
  shape: (inputs) => inputs[0]!.shape,
  forward: (y, [x, order], axis) => {
    const { count, inner } = blocksOf(x!.shape, { start: axis, end: axis + 1 });
    for (let k = 0; k < y.length; k++) {
      const at = Math.floor(k / inner) % count;
      y[k] = x!.values[k + (order!.values[k]! - at) * inner]!;
    }
  },
  vjp: [(saved) => apply(reorderOp, [saved.g, argsort(saved.input(1), saved.attrs)], saved.attrs), "nondifferentiable"],
};

/** Keys, and where each came from. */
interface Lane {
  keys: Float64Array;
  order: Int32Array;
}

/**
 * Sorts the first `n` entries by key, smallest first and stable, and returns which of the two lanes they ended up in. A
 * merge sort that moves keys along with indices: it reads memory in order, and needs no boxed pairs and no comparator
 * calls.
 */
function sortLane(from: Lane, to: Lane, n: number): Lane {
  for (let width = 1; width < n; width *= 2) {
    for (let start = 0; start < n; start += 2 * width) {
      merge(from, to, start, Math.min(start + width, n), Math.min(start + 2 * width, n));
    }
    [from, to] = [to, from];
  }
  return from;
}

function merge(from: Lane, to: Lane, start: number, middle: number, end: number): void {
  const { keys, order } = from;
  const { keys: toKeys, order: toOrder } = to;
  let k = start;
  let a = start;
  let b = middle;
  while (a < middle && b < end) {
    // Equal keys keep their order. Calculated, since a branch on random keys is mispredicted half of the time.
    const right = Number(keys[b]! < keys[a]!);
    const p = a + right * (b - a);
    a += 1 - right;
    b += right;
    toKeys[k] = keys[p]!;
    toOrder[k++] = order[p]!;
  }
  for (let p = a < middle ? a : b; k < end; k++, p++) {
    toKeys[k] = keys[p]!;
    toOrder[k] = order[p]!;
  }
}

/** Options of sorting. */
export interface SortOptions {
  /** Largest first; false by default. */
  readonly descending?: boolean;
}

const sortOptions: OptionKinds<SortOptions> = { descending: "boolean" };

/** For `{ dim: 1 }` of PyTorch. */
function axisLead(op: string, before = "x, "): Lead {
  const axis = `the axis is a separate argument: ${op}(${before}1)`;
  return { names: { dim: axis, axis } };
}

/** Options of {@link topk}. */
export interface TopkOptions {
  /** The largest elements, largest first; true by default. With false, the smallest, smallest first. */
  readonly largest?: boolean;
}

/** Sorted values, and where in the input each of them was. */
export interface Sorted {
  /** The values, of the input's dtype; the gradient goes back to where they came from. */
  readonly values: Tensor;
  /** Their places on the sorted axis, int32. */
  readonly indices: Tensor;
}

/**
 * The indices that would sort a tensor along an axis. Stable: equal elements keep their order, in both directions. NaN
 * counts as the largest value, as in PyTorch, and so comes last (first if descending); −0 equals 0. Not differentiable.
 *
 * @param x - a tensor of any shape and dtype.
 * @param axis - the axis; the last by default.
 * @param options - `descending`.
 * @returns an int32 tensor of x's shape.
 * @throws {@link ShapeError} for an axis out of range.
 * @example
 * argsort(tensor([3, 1, 2])).toArray(); // → [1, 2, 0]
 */
export function argsort<T extends Tensor, const X extends number | undefined = undefined>(
  x: T,
  axis: Optional<X & AxesOf<T, X>>,
  options?: SortOptions,
): Tensor<ShapeOf<T>>;
export function argsort(x: Tensor, axis = -1, options?: SortOptions): Tensor {
  refuseMore("argsort", arguments, 3);
  return sorting("argsort", x, axis, options).indices;
}

/** The order of elements along an axis, and which axis it is, for the function that is named. */
function sorting(op: string, x: Tensor, axis: number, options: SortOptions | undefined) {
  checkTensor(op, x);
  const { descending = false } = checkOptions(op, options, sortOptions, axisLead(op));
  const at = normalizeAxis(op, axis, x.shape.length);
  return { at, indices: apply(argsortOp, [x], { axis: at, descending }) };
}

/**
 * Sorts along an axis; the order is that of {@link argsort}: stable, NaN last (first if descending).
 *
 * @param x - a tensor of any shape and dtype.
 * @param axis - the axis; the last by default.
 * @param options - `descending`.
 * @returns the sorted values, through which gradients flow, and their indices.
 * @throws {@link ShapeError} for an axis out of range.
 * @example
 * sort(tensor([3, 1, 2]), -1, { descending: true }).values.toArray(); // → [3, 2, 1]
 */
export function sort(x: Tensor, axis = -1, options?: SortOptions): Sorted {
  refuseMore("sort", arguments, 3);
  const { at, indices } = sorting("sort", x, axis, options);
  return { values: apply(reorderOp, [x, indices], at), indices };
}

/**
 * The k largest (or smallest) elements along an axis, in order; the first of equals comes first. NaN counts as the
 * largest.
 *
 * @param x - a tensor of any shape and dtype.
 * @param k - how many, from 0 to the axis's size (for a scalar: 1).
 * @param axis - the axis; the last by default.
 * @param options - `largest`: true by default; false for the smallest, smallest first.
 * @returns the values, through which gradients flow, and their indices; both have size k on the axis.
 * @throws {@link ShapeError} for k or an axis out of range.
 * @example
 * const { values, indices } = topk(tensor([1, 5, 3]), 2);
 * values.toArray(); // → [5, 3]
 * indices.toArray(); // → [1, 2]
 */
export function topk(x: Tensor, k: number, axis = -1, options?: TopkOptions): Sorted {
  checkTensor("topk", x);
  checkOptions("topk", options, { largest: "boolean" }, axisLead("topk", "x, k, "));
  refuseMore("topk", arguments, 4);
  const rank = x.shape.length;
  const at = normalizeAxis("topk", axis, rank, ["topk(x, k, ", ")"]);
  const n = x.shape[at] ?? 1;
  const least = rank === 0 ? 1 : 0;
  if (!Number.isInteger(k) || k < least || k > n) {
    const rule = `k must be an integer from ${least} to ${n}, the size of axis ${at}`;
    const hint = k === undefined ? `write topk(x, ${n})` : numberHint(k, Number.isInteger);
    throw new ShapeError("topk", rule, textOf(k), hint);
  }
  const all = argsort(x, at, { descending: options?.largest ?? true });
  const indices = slice(all, ...x.shape.map((_, d) => (d === at ? ([0, k] as const) : null)));
  return { values: gather(x, at, indices), indices };
}

export const argsortCases: OpCases<ArgsortAttrs> = {
  draw: (d) => {
    const shape = d.shape();
    const attrs = { axis: d.int(0, Math.max(0, shape.length - 1)), descending: d.pick([false, true]) };
    return { inputs: [d.floats(shape, { distinct: true })], attrs };
  },
};

export const reorderCases: OpCases<number> = {
  draw: (d) => {
    const shape = d.shape({ minRank: 1 });
    const axis = d.int(0, shape.length - 1);
    return { inputs: [d.floats(shape), d.orders(shape, axis)], attrs: axis };
  },
};
