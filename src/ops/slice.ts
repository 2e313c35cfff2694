import { apply, checkTensor } from "../core/apply.ts";
import { ShapeError, textOf, ValueError } from "../core/errors.ts";
import type { Op } from "../core/op.ts";
import { isTensor } from "../core/runtime.ts";
import { formatShape, listText, normalizeIndex, type Shape, stridesOf } from "../core/shape.ts";
import type { ShapeOf, Sliced } from "../core/shapeTypes.ts";
import type { Tensor } from "../tensor.ts";
import type { Draw, OpCases } from "./cases.ts";
import { cast } from "./cast.ts";
import { reshape } from "./reshape.ts";
import { readStrided, stridedRows } from "./strided.ts";

/** A window of a tensor: for each axis its first index, step and number of elements. */
export interface Window {
  readonly starts: readonly number[];
  readonly steps: readonly number[];
  readonly sizes: Shape;
}

export const sliceOp: Op<Window> = {
  name: "slice",
  shape: (_, { sizes }) => sizes,
  forward: (y, [x], window) => readStrided(y, x!.values, window.sizes, ...walkOf(x!.shape, window)),
  vjp: [(saved) => place(saved.g, { ...saved.attrs, shape: saved.shapeOf(0), value: 0 })],
};

/** Where a tensor is put into a larger one that is filled with `value`. */
export interface Placement extends Omit<Window, "sizes"> {
  readonly shape: Shape;
  readonly value: number;
}

export const placeOp: Op<Placement> = {
  name: "place",
  shape: (_, { shape }) => shape,
  forward: (y, [x], placement, shape) => {
    if (placement.value !== 0) y.fill(placement.value);
    const { values } = x!;
    stridedRows(x!.shape, ...walkOf(shape, placement), values.length, (k, at, n, step) => {
      for (const end = k + n; k < end; k++, at += step) y[at] = values[k]!;
    });
  },
  vjp: [(saved) => apply(sliceOp, [saved.g], { ...saved.attrs, sizes: saved.shapeOf(0) })],
};

/**
 * Adds parts to a tensor, each in its window: what many slices of one tensor make of its cotangent, which would else be as many tensors of its size,
 * and their sums. Inputs: the tensor, then the parts; attributes: the parts' windows.
 */
export const placeSumOp: Op<readonly Window[]> = {
  name: "placeSum",
  shape: ([x]) => x!.shape,
  forward: (y, [x, ...parts], windows, shape) => {
    const { values } = x!;
    for (let i = 0; i < y.length; i++) y[i] = values[i]! + 0; // as adding zeros does: −0 becomes 0
    parts.forEach((part, k) => {
      const { values } = part;
      stridedRows(part.shape, ...walkOf(shape, windows[k]!), values.length, (from, at, n, step) => {
        for (const end = from + n; from < end; from++, at += step) y[at]! += values[from]!;
      });
    });
  },
  vjp: (saved) => {
    const { g, index, attrs } = saved;
    return index === 0 ? g : cast(apply(sliceOp, [g], attrs[index - 1]!), saved.dtypeOf(index));
  },
};

/** The strides by which a window goes through a tensor's elements, and where it begins. */
function walkOf(shape: Shape, { starts, steps }: Omit<Window, "sizes">): [strides: number[], offset: number] {
  const strides = stridesOf(shape);
  return [strides.map((stride, i) => stride * steps[i]!), starts.reduce((at, start, i) => at + start * strides[i]!, 0)];
}

/** The adjoint of slicing: `x` put into a tensor filled with one value. */
export function place(x: Tensor, placement: Placement): Tensor {
  return apply(placeOp, [x], placement);
}

/**
 * What to take of an axis: an index (the axis is dropped), `[start, stop, step]` as in Python's `start:stop:step` (each may be
 * left out or null; negative bounds count from the end), `null` for the whole axis, or `"..."`, once, for as many whole
 * axes as are not named.
 */
export type SliceSpec =
  | number
  | null
  | "..."
  | readonly [start?: number | null, stop?: number | null, step?: number | null];

/**
 * Part of a tensor, as basic indexing does it in Python: `slice(x, 0, [1, 3])` is `x[0, 1:3]`. Bounds beyond the axis
 * are cut off; steps may be negative. The gradient of what is left out is 0.
 *
 * @param x - a tensor of any dtype.
 * @param specs - one per axis, from the first; axes not named are taken whole.
 * @throws {@link IndexError} for an index out of range.
 * @throws {@link ShapeError} for more specs than axes.
 * @throws {@link ValueError} for a step of 0 or a bound that is not an integer.
 * @example
 * const x = tensor([[1, 2, 3], [4, 5, 6]]);
 * slice(x, 1).toArray(); // → [4, 5, 6]
 * slice(x, null, [null, null, -2]).toArray(); // → [[3, 1], [6, 4]]
 * slice(x, "...", -1).toArray(); // → [3, 6]
 */
export function slice<T extends Tensor, const P extends readonly SliceSpec[]>(
  x: T,
  ...specs: P
): Tensor<Sliced<ShapeOf<T>, P>>;
export function slice(x: Tensor, ...specs: SliceSpec[]): Tensor {
  checkTensor("slice", x);
  const { shape } = x;
  const full = specs.filter((spec): spec is AxisSpec => spec !== "...");
  const rest = shape.length - full.length;
  if (rest < 0 || specs.length - full.length > 1) {
    const got = `${specs.length} for ${formatShape(shape)}`;
    const isRange = specs.length < 4 && specs.every((spec) => typeof spec === "number");
    const hint = isRange ? `a range is an array: write slice([${specs.join(", ")}])` : "";
    throw new ShapeError("slice", "at most one spec per axis, and one ellipsis", got, hint);
  }
  const dots = specs.indexOf("...");
  full.splice(dots < 0 ? full.length : dots, 0, ...new Array<null>(rest).fill(null));
  const parts = full.map((spec, axis) => resolve(spec, shape[axis]!, axis));
  const window = {
    starts: parts.map((p) => p.start),
    steps: parts.map((p) => p.step),
    sizes: parts.map((p) => p.size),
  };
  const whole = parts.every((p, axis) => p.start === 0 && p.step === 1 && p.size === shape[axis]);
  const y = whole ? x : apply(sliceOp, [x], window);
  return reshape(
    y,
    y.shape.filter((_, axis) => typeof full[axis] !== "number"),
  );
}

type AxisSpec = Exclude<SliceSpec, "...">;

function resolve(spec: AxisSpec, n: number, axis: number) {
  if (spec === null) return { start: 0, step: 1, size: n };
  if (typeof spec === "number") return { start: normalizeIndex("slice", spec, n, axis), step: 1, size: 1 };
  if (!Array.isArray(spec)) {
    const rule = "a spec is an index, [start, stop, step], null or '...'";
    throw new ValueError("slice", rule, textOf(spec), specHint(spec, axis));
  }
  const [from, to, by] = spec as Exclude<AxisSpec, number | null>;
  const step = by ?? 1;
  // Infinite bounds are beyond the axis, and cut off as any are.
  const isBound = (value: unknown = null): boolean =>
    value === null ||
    Number.isInteger(value) ||
    value === Number.POSITIVE_INFINITY ||
    value === Number.NEGATIVE_INFINITY;
  if (spec.length > 3 || step === 0 || !Number.isInteger(step) || !isBound(from) || !isBound(to)) {
    const hint = Array.isArray(from) ? indexListHint(from, axis) : "";
    const got = `${listText(spec)} on axis ${axis}`;
    throw new ValueError("slice", "bounds must be integers and the step not 0", got, hint);
  }
  const [low, high] = step > 0 ? [0, n] : [-1, n - 1];
  const bound = (value: number | null | undefined, missing: number): number => {
    if (typeof value !== "number") return missing;
    return Math.min(Math.max(value < 0 ? value + n : value, low), high);
  };
  const start = bound(from, step > 0 ? 0 : n - 1);
  const stop = bound(to, step > 0 ? n : -1);
  const size = Math.max(0, Math.ceil((stop - start) / step));
  return { start: size === 0 ? 0 : start, step, size };
}

/** What to write instead of `[[0, 1]]`, a list of indices. */
function indexListHint(list: readonly unknown[], axis: number): string {
  return `for several indices, write indexSelect(x, ${axis}, tensor([${list.join(", ")}], { dtype: "int32" }))`;
}

/** What to write instead of `"0:1"`, or of a tensor of indices. */
function specHint(spec: unknown, axis: number): string {
  if (isTensor(spec)) return `write indexSelect(x, ${axis}, index)`;
  if (typeof spec !== "string" || !/^[-\d: ]+$/.test(spec)) return "";
  const parts = spec.split(":").map((part) => part.trim() || "null");
  return `write ${parts.length > 1 ? `[${parts.join(", ")}]` : parts[0]}`;
}

function drawWindow(d: Draw, shape: Shape): Window {
  const parts = shape.map((n) => {
    const step = d.pick([1, 2, -1, -2]);
    const size = d.int(0, Math.ceil(n / Math.abs(step)));
    const span = size === 0 ? 0 : (size - 1) * Math.abs(step);
    const start = size === 0 ? 0 : d.int(0, n - 1 - span) + (step < 0 ? span : 0);
    return { start, step, size };
  });
  return { starts: parts.map((p) => p.start), steps: parts.map((p) => p.step), sizes: parts.map((p) => p.size) };
}

export const sliceCases: OpCases<Window> = {
  draw: (d) => {
    const shape = d.shape();
    return { inputs: [d.floats(shape)], attrs: drawWindow(d, shape) };
  },
};

export const placeCases: OpCases<Placement> = {
  draw: (d) => {
    const shape = d.shape();
    const { starts, steps, sizes } = drawWindow(d, shape);
    return { inputs: [d.floats(sizes)], attrs: { starts, steps, shape, value: d.pick([0, 2.5]) } };
  },
};

export const placeSumCases: OpCases<readonly Window[]> = {
  draw: (d) => {
    const shape = d.shape();
    const windows = Array.from({ length: d.int(0, 3) }, () => drawWindow(d, shape));
    return { inputs: [d.floats(shape), ...windows.map(({ sizes }) => d.floats(sizes))], attrs: windows };
  },
};
