import { IndexError, ShapeError, textOf } from "./errors.ts";

/** Sizes of a tensor, one per axis, outermost first; `[]` is a scalar. */
export type Shape = readonly number[];

/** Number of elements of a shape (1 for a scalar). */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (let i = 0; i < shape.length; i++) size *= shape[i]!;
  return size;
}

/** Whether two shapes are equal. */
export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a?.length !== b?.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** `[2, 3]`, as errors and printing show it. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** `float32[2, 3]`, as errors show a tensor. */
export function describe({ dtype, shape }: { readonly dtype: string; readonly shape: Shape }): string {
  return dtype + formatShape(shape);
}

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= shape[i]!;
  }
  return strides;
}

/** The shape that `a` and `b` broadcast to, by NumPy's rule: aligned at the right, sizes equal or 1. */
export function broadcastShapes(op: string, a: Shape, b: Shape): Shape {
  if (sameShape(a, b) || b.length === 0) return a;
  if (a.length === 0) return b;
  const rank = Math.max(a.length, b.length);
  const shape = new Array<number>(rank);
  for (let i = 1; i <= rank; i++) {
    const m = a[a.length - i] ?? 1;
    const n = b[b.length - i] ?? 1;
    if (m !== n && m !== 1 && n !== 1) {
      throw new ShapeError(
        op,
        "shapes must broadcast",
        `${formatShape(a)} and ${formatShape(b)}`,
        `axis -${i} has sizes ${m} and ${n}`,
      );
    }
    shape[rank - i] = m === 1 ? n : m;
  }
  return shape;
}

/** An axis in `0 … rank − 1` from one that may be negative. A scalar is taken to have one axis, as in PyTorch. */
export function normalizeAxis(op: string, axis: number, rank: number): number {
  const limit = Math.max(rank, 1);
  if (!Number.isInteger(axis) || axis < -limit || axis >= limit) {
    throw new ShapeError(op, `axis must be an integer from ${-limit} to ${limit - 1}`, String(axis));
  }
  return axis < 0 ? axis + limit : axis;
}

/** Sorted, distinct axes from one axis, several, or none given (which means all). */
export function normalizeAxes(op: string, axes: number | readonly number[] | undefined, rank: number): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, i) => i);
  const list = [axes].flat() as number[];
  const sorted = list.map((axis) => normalizeAxis(op, axis, rank)).sort((a, b) => a - b);
  if (new Set(sorted).size < list.length) throw new ShapeError(op, "axes must be distinct", formatShape(list));
  return rank === 0 ? [] : sorted;
}

/**
 * Checks a shape that a user gave and returns a copy of its own.
 *
 * @param next - the argument after it: in `zeros(2, 3)` the other size.
 */
export function checkShape(op: string, shape: Shape, next?: unknown): number[] {
  if (Array.isArray(shape) && shape.every((n) => Number.isSafeInteger(n) && n >= 0)) return [...shape];
  const sizes = [shape, next].filter((n) => typeof n === "number");
  const got = Array.isArray(shape) ? formatShape(shape) : sizes.length > 0 ? sizes.join(", ") : textOf(shape);
  const hint = Array.isArray(shape) || sizes.length === 0 ? "" : `write ${op}([${sizes.join(", ")}])`;
  throw new ShapeError(op, "a shape is an array of whole numbers, 0 or more", got, hint);
}

/** An index in `0 … size − 1` from one that may be negative. */
export function normalizeIndex(op: string, index: number, size: number, axis: number): number {
  if (!Number.isInteger(index) || index < -size || index >= size) {
    throw new IndexError(op, `index must be an integer from ${-size} to ${size - 1} on axis ${axis}`, String(index));
  }
  return index < 0 ? index + size : index;
}
