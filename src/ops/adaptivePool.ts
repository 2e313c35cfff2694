import { apply, make } from "../core/apply.ts";
import { ShapeError, textOf, ValueError } from "../core/errors.ts";
import { inNameOf } from "../core/inNameOf.ts";
import { formatShape, listText, type Shape } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { indexSelect } from "./indexSelect.ts";
import { pad } from "./pad.ts";
import { maxPoolOp, maxTapOp } from "./pool.ts";
import { meansOf, onImages, placesOf } from "./pooled.ts";

/** A size for each spatial axis: a number for all, or a list; null leaves an axis as it is. */
export type PooledSize = number | readonly (number | null)[];

/**
 * Divides one axis, whatever its length, into a given number of windows, and returns the mean of each: window i goes from ⌊i · length / size⌋ to before ⌈(i + 1) · length / size⌉, so windows are of nearly equal size
 * and cover x; neighbours may share an element, as in PyTorch.
 *
 * @param x - `[batch, channels, length]`, or `[channels, length]` of one sample; of float32 or float64.
 * @param size - how many windows.
 * @returns `[batch, channels, size]`, without the batch if x has none.
 * @throws {@link ShapeError} if x does not fit; {@link ValueError} for a size that is none; {@link DTypeError} for anything that is not a tensor of floats.
 * @example
 * adaptiveAvgPool1d(tensor([[1, 2, 3, 4, 5]]), 2).toArray(); // → [[2, 4]]
 */
export function adaptiveAvgPool1d(x: Tensor, size: PooledSize): Tensor {
  refuseMore("adaptiveAvgPool1d", arguments, 2);
  return adaptive("adaptiveAvgPool1d", 1, "mean", x, size);
}

/**
 * The means of a given number of windows of images of any size: like {@link adaptiveAvgPool1d}, along two axes. With 1, the mean of each channel (global average pooling).
 *
 * @param x - `[batch, channels, height, width]`, or without the batch; of float32 or float64.
 * @param size - height and width of the result: a number for both, or `[height, width]`, where null leaves an axis as it is.
 * @returns `[batch, channels, height', width']`, without the batch if x has none.
 * @throws {@link ShapeError} if x does not fit; {@link ValueError} for a size that is none; {@link DTypeError} for anything that is not a tensor of floats.
 * @example
 * adaptiveAvgPool2d(tensor([[[1, 2], [3, 6]]]), 1).toArray(); // → [[[3]]]
 * adaptiveAvgPool2d(zeros([8, 16, 30, 20]), 7).shape; // → [8, 16, 7, 7]
 */
export function adaptiveAvgPool2d(x: Tensor, size: PooledSize): Tensor {
  refuseMore("adaptiveAvgPool2d", arguments, 2);
  return adaptive("adaptiveAvgPool2d", 2, "mean", x, size);
}

/**
 * The means of a given number of windows of volumes of any size: like {@link adaptiveAvgPool1d}, along three axes.
 *
 * @param x - `[batch, channels, depth, height, width]`, or without the batch; of float32 or float64.
 * @param size - the result's depth, height and width: a number for all, or a list, where null leaves an axis as it is.
 * @returns `[batch, channels, depth', height', width']`, without the batch if x has none.
 * @throws {@link ShapeError} if x does not fit; {@link ValueError} for a size that is none; {@link DTypeError} for anything that is not a tensor of floats.
 * @example
 * adaptiveAvgPool3d(zeros([2, 3, 5, 8, 8]), [null, 4, 4]).shape; // → [2, 3, 5, 4, 4]
 */
export function adaptiveAvgPool3d(x: Tensor, size: PooledSize): Tensor {
  refuseMore("adaptiveAvgPool3d", arguments, 2);
  return adaptive("adaptiveAvgPool3d", 3, "mean", x, size);
}

/**
 * Divides one axis, whatever its length, into a given number of windows, and returns the largest element of each. The windows are the same as in {@link adaptiveAvgPool1d}; ties and NaN are as in {@link maxPool1d}.
 *
 * @param x - `[batch, channels, length]`, or `[channels, length]` of one sample; of float32 or float64.
 * @param size - how many windows.
 * @returns `[batch, channels, size]`, without the batch if x has none.
 * @throws {@link ShapeError} if x does not fit; {@link ValueError} for a size that is none; {@link DTypeError} for anything that is not a tensor of floats.
 * @example
 * adaptiveMaxPool1d(tensor([[1, 2, 3, 4, 5]]), 2).toArray(); // → [[3, 5]]
 */
export function adaptiveMaxPool1d(x: Tensor, size: PooledSize): Tensor {
  refuseMore("adaptiveMaxPool1d", arguments, 2);
  return adaptive("adaptiveMaxPool1d", 1, "max", x, size);
}

/**
 * The largest elements of a given number of windows of images of any size: like {@link adaptiveMaxPool1d}, along two axes.
 *
 * @param x - `[batch, channels, height, width]`, or without the batch; of float32 or float64.
 * @param size - height and width of the result: a number for both, or `[height, width]`, where null leaves an axis as it is.
 * @returns `[batch, channels, height', width']`, without the batch if x has none.
 * @throws {@link ShapeError} if x does not fit; {@link ValueError} for a size that is none; {@link DTypeError} for anything that is not a tensor of floats.
 * @example
 * adaptiveMaxPool2d(tensor([[[1, 2, 3], [4, 5, 6]]]), [1, 2]).toArray(); // → [[[5, 6]]]
 */
export function adaptiveMaxPool2d(x: Tensor, size: PooledSize): Tensor {
  refuseMore("adaptiveMaxPool2d", arguments, 2);
  return adaptive("adaptiveMaxPool2d", 2, "max", x, size);
}

/**
 * The largest elements of a given number of windows of volumes of any size: like {@link adaptiveMaxPool1d}, along three axes.
 *
 * @param x - `[batch, channels, depth, height, width]`, or without the batch; of float32 or float64.
 * @param size - the result's depth, height and width: a number for all, or a list, where null leaves an axis as it is.
 * @returns `[batch, channels, depth', height', width']`, without the batch if x has none.
 * @throws {@link ShapeError} if x does not fit; {@link ValueError} for a size that is none; {@link DTypeError} for anything that is not a tensor of floats.
 * @example
 * adaptiveMaxPool3d(zeros([2, 3, 5, 8, 8]), 2).shape; // → [2, 3, 2, 2, 2]
 */
export function adaptiveMaxPool3d(x: Tensor, size: PooledSize): Tensor {
  refuseMore("adaptiveMaxPool3d", arguments, 2);
  return adaptive("adaptiveMaxPool3d", 3, "max", x, size);
}

/**
 * The index of the largest element in each window of {@link adaptiveMaxPool1d} to {@link adaptiveMaxPool3d}: its position in its plane, in row-major order, as in {@link maxPoolIndices}.
 *
 * @param x - `[batch, channels, height, width]`, or without the batch; of float32 or float64. With a list of one or three sizes: signals or volumes.
 * @param size - sizes of the result: a number for height and width, or a list of a size for each axis, where null leaves an axis as it is.
 * @returns int32, of the pooled shape.
 * @throws {@link ShapeError} if x does not fit; {@link ValueError} for a size that is none; {@link DTypeError} for anything that is not a tensor of floats.
 * @example
 * adaptiveMaxPoolIndices(tensor([[[1, 2, 3], [4, 5, 6]]]), [1, 2]).toArray(); // → [[[4, 5]]]
 */
export function adaptiveMaxPoolIndices(x: Tensor, size: PooledSize): Tensor {
  refuseMore("adaptiveMaxPoolIndices", arguments, 2);
  const axes = Array.isArray(size) ? Math.min(Math.max(size.length, 1), 3) : 2;
  return adaptive("adaptiveMaxPoolIndices", axes, "places", x, size);
}

/** Adaptive pooling: windows of unequal size, or that share elements, are laid out side by side, filled up behind to equal sizes, and pooled like any. */
export function adaptive(
  op: string,
  axes: number,
  what: "mean" | "max" | "places",
  x: Tensor,
  size: PooledSize,
): Tensor {
  const given = pooledSizes(op, size, axes);
  return onImages(op, axes, x, (images) => {
    const sizes = images.shape.slice(2);
    checkResized(
      op,
      images,
      sizes.map((n, d) => given[d] ?? n),
    );
    const all = sizes.map((n, d) => boundsOf(n, given[d] ?? n));
    const fill = what === "mean" ? 0 : Number.NEGATIVE_INFINITY;
    const laid = all.reduce((y, bounds, d) => laidOut(y, d + 2, bounds, fill), images);
    const kernel = all.map(({ most }) => most);
    const attrs = { kernel, stride: kernel, padding: kernel.map(() => [0, 0] as const), dilation: kernel.map(() => 1) };
    return inNameOf(op, ["conv", "maxPool", "maxTap"], () => {
      if (what === "max") return apply(maxPoolOp, [laid], attrs);
      if (what === "mean")
        return meansOf(
          laid,
          attrs,
          all.map(({ counts }) => counts),
        );
      return placesOf(
        apply(maxTapOp, [laid], attrs),
        attrs,
        all.map(({ starts }) => starts),
        sizes,
      );
    });
  });
}

/** Refuses to make something of nothing, and results that no list of places holds. */
export function checkResized(op: string, x: Tensor, sizes: Shape): void {
  if (x.shape.slice(2).includes(0)) {
    throw new ShapeError(op, "x must have an element along each axis", formatShape(x.shape));
  }
  const total = sizes.reduce((n, size) => n * size, Math.max(x.shape[0]! * x.shape[1]!, 1));
  // A list has a number or more for each place along an axis.
  if (total < 2 ** 31 && sizes.every((n) => n <= 2 ** 24)) return;
  throw new ShapeError(op, "the elements must fit into memory", `sizes ${formatShape(sizes)}`);
}

/** Where windows start along an axis, and how many elements they have. */
interface Bounds {
  readonly starts: readonly number[];
  readonly counts: readonly number[];
  readonly most: number;
}

function boundsOf(n: number, windows: number): Bounds {
  const starts = Array.from({ length: windows }, (_, i) => Math.floor((i * n) / windows));
  const counts = starts.map((start, i) => Math.ceil(((i + 1) * n) / windows) - start);
  return { starts, counts, most: counts.reduce((most, count) => Math.max(most, count), 1) };
}

/** x with the windows along an axis side by side, each filled up to the size of the largest. */
function laidOut(x: Tensor, axis: number, { starts, counts, most }: Bounds, fill: number): Tensor {
  const n = x.shape[axis]!;
  if (starts.every((start) => start % most === 0) && starts.length * most === n) return x;
  const index = Int32Array.from({ length: starts.length * most }, (_, i) => {
    const [window, k] = [Math.floor(i / most), i % most];
    return k < counts[window]! ? starts[window]! + k : n;
  });
  const isFull = counts.every((count) => count === most);
  const whole = isFull ? x : pad(x, [...x.shape.slice(0, axis).map(() => [0, 0] as const), [0, 1]], fill);
  return indexSelect(whole, axis, make(x, index, [index.length], "int32"));
}

/** The sizes that are wanted, null where an axis stays as it is. */
export function pooledSizes(op: string, size: unknown, axes: number): readonly (number | null)[] {
  const list = Array.isArray(size) ? (size as unknown[]) : new Array<unknown>(axes).fill(size);
  const isSize = (n: unknown): boolean =>
    (n === null && Array.isArray(size)) || (Number.isSafeInteger(n) && (n as number) >= 1);
  if (list.length === axes && list.every(isSize)) return [...list] as (number | null)[];
  const rule = `the size must be a whole number, 1 or more${axes === 1 ? "" : `, or a list of ${axes} (null leaves an axis as it is)`}`;
  const call = /^[A-Z]/.test(op) ? `new ${op}(1)` : `${op}(x, 1)`;
  const hint = size === undefined ? `write ${call} for ${op.includes("Max") ? "the largest" : "the mean"} of all` : "";
  throw new ValueError(op, rule, Array.isArray(size) ? listText(size) : textOf(size), hint);
}
