import { apply, checkTensor } from "../core/apply.ts";
import { ShapeError, textOf, ValueError } from "../core/errors.ts";
import type { Op } from "../core/op.ts";
import { formatShape, listText, normalizeIndex, type Shape, stridesOf } from "../core/shape.ts";
import type { Tensor } from "../tensor.ts";
import type { Draw, OpCases } from "./cases.ts";
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
  forward: (y, [x], { starts, steps, sizes }) => {
    const strides = stridesOf(x!.shape);
    const offset = starts.reduce((at, start, i) => at + start * strides[i]!, 0);
    const stepped = strides.map((stride, i) => stride * steps[i]!);
    readStrided(y, x!.values, sizes, stepped, offset);
  },
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
  forward: (y, [x], { starts, steps, value }, shape) => {
    if (value !== 0) y.fill(value);
    const strides = stridesOf(shape);
    const offset = starts.reduce((at, start, i) => at + start * strides[i]!, 0);
    const stepped = strides.map((stride, i) => stride * steps[i]!);
    const { values } = x!;
    stridedRows(x!.shape, stepped, offset, values.length, (k, at, n, step) => {
      for (const end = k + n; k < end; k++, at += step) y[at] = values[k]!;
    });
  },
  vjp: [(saved) => apply(sliceOp, [saved.g], { ...saved.attrs, sizes: saved.shapeOf(0) })],
};

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
 * @throws {@link ValueError} for a step of 0 or a bound that is no integer.
 * @example
 * const x = tensor([[1, 2, 3], [4, 5, 6]]);
 * slice(x, 1).toArray(); // → [4, 5, 6]
 * slice(x, null, [null, null, -2]).toArray(); // → [[3, 1], [6, 4]]
 * slice(x, "...", -1).toArray(); // → [3, 6]
 */
export function slice(x: Tensor, ...specs: SliceSpec[]): Tensor {
  checkTensor("slice", x);
  const { shape } = x;
  for (const spec of specs) {
    if (spec === null || typeof spec === "number" || spec === "..." || Array.isArray(spec)) continue;
    throw new ValueError("slice", "a spec is an index, [start, stop, step], null or '...'", textOf(spec));
  }
  const dots = specs.indexOf("...");
  const named = specs.filter((spec) => spec !== "...");
  if (named.length > shape.length || specs.length - named.length > 1) {
    throw new ShapeError(
      "slice",
      "at most one spec per axis, and one ellipsis",
      `${specs.length} for ${formatShape(shape)}`,
    );
  }
  const skipped = dots < 0 ? shape.length : dots;
  const full = shape.map((_, axis) => {
    const k = axis < skipped ? axis : axis - (shape.length - named.length);
    return k >= skipped || axis < skipped ? ((named[k] ?? null) as Exclude<SliceSpec, "...">) : null;
  });
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

function resolve(spec: Exclude<SliceSpec, "...">, n: number, axis: number) {
  if (spec === null) return { start: 0, step: 1, size: n };
  if (typeof spec === "number") return { start: normalizeIndex("slice", spec, n, axis), step: 1, size: 1 };
  const step = spec[2] ?? 1;
  // Infinite bounds are beyond the axis, and cut off as any are.
  const isBound = (value: unknown): boolean =>
    value === null ||
    value === undefined ||
    (typeof value === "number" && (Number.isInteger(value) || Math.abs(value) === Number.POSITIVE_INFINITY));
  if (spec.length > 3 || step === 0 || !Number.isInteger(step) || !isBound(spec[0]) || !isBound(spec[1])) {
    throw new ValueError("slice", "bounds must be integers and the step not 0", `${listText(spec)} on axis ${axis}`);
  }
  const [low, high] = step > 0 ? [0, n] : [-1, n - 1];
  const bound = (value: number | null | undefined, missing: number): number => {
    if (value === null || value === undefined) return missing;
    return Math.min(Math.max(value < 0 ? value + n : value, low), high);
  };
  const start = bound(spec[0], step > 0 ? 0 : n - 1);
  const stop = bound(spec[1], step > 0 ? n : -1);
  const size = Math.max(0, Math.ceil((stop - start) / step));
  return { start: size === 0 ? 0 : start, step, size };
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
