import { isTypedArray } from "./dtype.ts";
import { IndexError, ShapeError, textOf } from "./errors.ts";
import { isTensor } from "./runtime.ts";

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
  return sameShape(a, b) || b.length === 0 ? a : a.length === 0 ? b : widened(op, a, b);
}

function widened(op: string, a: Shape, b: Shape): Shape {
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

/**
 * An axis in `0 … rank − 1` from one that may be negative. A scalar is taken to have one axis, as in PyTorch.
 *
 * @param call - what stands around the axis in a call, for errors.
 */
export function normalizeAxis(op: string, axis: number, rank: number, call: AxisCall = [`${op}(x, `, ")"]): number {
  const limit = Math.max(rank, 1);
  if (!Number.isInteger(axis) || axis < -limit || axis >= limit) {
    throw new ShapeError(
      op,
      `axis must be an integer from ${-limit} to ${limit - 1}`,
      textOf(axis),
      axisHint(axis, call),
    );
  }
  return axis < 0 ? axis + limit : axis;
}

/** What stands before and behind the axis in a call of an op. */
export type AxisCall = readonly [before: string, after: string];

/** What to write where something else stands in the place of an axis. */
export function axisHint(given: unknown, [before, after]: AxisCall): string {
  if (typeof given === "number") return "";
  if (given === null) return "leave it out, or write undefined";
  if (typeof given !== "object" || isTensor(given)) return `write ${before}0${after}`;
  const { axis, dim = axis } = given as { readonly axis?: unknown; readonly dim?: unknown };
  if (typeof dim === "number") return `write ${before}${dim}${after}`;
  const options = Object.entries(given);
  if (isTypedArray(given)) return `write ${before}[${Array.from(given).join(", ")}]${after}`;
  // Other numbers are the axis, under any name.
  const number = options.find(([name, value]) => typeof value === "number" && !/^(correction|ddof)$/.test(name));
  if (number !== undefined && !Array.isArray(given)) return `write ${before}${number[1]}${after}`;
  if (
    Array.isArray(given) ||
    options.length === 0 ||
    !options.every(([name, value]) => /^(boolean|number|string)$/.test(typeof value) && name !== "dtype")
  )
    return "";
  const text = options.map(([name, value]) => `${name}: ${JSON.stringify(value)}`).join(", ");
  return `options come after the axis: ${before}undefined, { ${text} })`;
}

/** Sorted, distinct axes from one axis, several, or none given (which means all). */
export function normalizeAxes(
  op: string,
  axes: number | readonly number[] | undefined,
  rank: number,
  call?: AxisCall,
): number[] {
  const list: number[] = [];
  if (axes === undefined) {
    for (let i = 0; i < rank; i++) list.push(i);
    return list;
  }
  if (Array.isArray(axes)) list.push(...axes);
  else list.push(axes as number);
  const sorted = list.map((axis) => normalizeAxis(op, axis, rank, call)).sort((a, b) => a - b);
  if (sorted.some((axis, i) => axis === sorted[i - 1]))
    throw new ShapeError(op, "axes must be distinct", formatShape(list));
  return rank === 0 ? [] : sorted;
}

/**
 * Checks a shape that a user gave and returns a copy of its own.
 *
 * @param next - the argument after it: in `zeros(2, 3)` the other size.
 * @param call - what stands before the shape in a call.
 */
export function checkShape(op: string, shape: Shape, next?: unknown, call = `${op}(`): number[] {
  if (Array.isArray(shape) && shape.every((n) => Number.isSafeInteger(n) && n >= 0)) return [...shape];
  const sizes = [shape, next].filter((n) => typeof n === "number");
  const got = Array.isArray(shape) ? listText(shape) : sizes.length > 0 ? sizes.join(", ") : textOf(shape);
  const hint = Array.isArray(shape) || sizes.length === 0 ? "" : `write ${call}[${sizes.join(", ")}])`;
  throw new ShapeError(op, "a shape is an array of whole numbers, 0 or more", got, hint);
}

/** A list that should be one of numbers, as errors show it: with what each entry is. */
export function listText(list: readonly unknown[]): string {
  return `[${list.map((entry) => (typeof entry === "number" ? entry : textOf(entry))).join(", ")}]`;
}

/** An index in `0 … size − 1` from one that may be negative. */
export function normalizeIndex(op: string, index: number, size: number, axis: number): number {
  if (!Number.isInteger(index) || index < -size || index >= size) {
    throw new IndexError(op, `index must be an integer from ${-size} to ${size - 1} on axis ${axis}`, textOf(index));
  }
  return index < 0 ? index + size : index;
}
