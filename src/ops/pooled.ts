import { apply, make } from "../core/apply.ts";
import { allocate } from "../core/dtype.ts";
import { inNameOf } from "../core/inNameOf.ts";
import { type Shape, sizeOf, stridesOf } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { add } from "./add.ts";
import { convOf } from "./conv.ts";
import { checkOperand } from "./convNd.ts";
import { constant } from "./define.ts";
import { div } from "./div.ts";
import { expand } from "./expand.ts";
import { indexSelect } from "./indexSelect.ts";
import { mean } from "./mean.ts";
import { mul } from "./mul.ts";
import { maxPoolOp, maxTapOp, pooledShape, type WindowAttrs } from "./pool.ts";
import {
  type AvgPoolOptions,
  checkAvgPoolOptions,
  checkMaxPoolOptions,
  fittedAttrs,
  kernelOf,
  type MaxPoolOptions,
  poolAttrs,
} from "./poolOptions.ts";
import { reshape } from "./reshape.ts";
import { sum } from "./sum.ts";

/** Runs `pool` on x with an axis of images, which it may lack. */
export function onImages(op: string, axes: number, x: Tensor, pool: (images: Tensor) => Tensor): Tensor {
  checkOperand(op, "x", axes, x, true);
  if (x.shape.length === axes + 2) return pool(x);
  const y = pool(reshape(x, [1, ...x.shape]));
  return reshape(y, y.shape.slice(1));
}

/** The largest elements of windows along so many axes. */
export function largestOf(op: string, axes: number, x: Tensor, size: unknown, options?: MaxPoolOptions): Tensor {
  const given = checkMaxPoolOptions(op, options);
  const own = poolAttrs(op, given, kernelOf(op, size, axes));
  return onImages(op, axes, x, (images) => {
    const attrs = fittedAttrs(op, own, images.shape.slice(2), given.ceilMode ?? false);
    return inNameOf(op, ["maxPool"], () => apply(maxPoolOp, [images], attrs));
  });
}

/** The means of windows along so many axes. */
export function averaged(op: string, axes: number, x: Tensor, size: unknown, options?: AvgPoolOptions): Tensor {
  const { countIncludePad = true, divisor, ...given } = checkAvgPoolOptions(op, options);
  const own = poolAttrs(op, given, kernelOf(op, size, axes));
  return onImages(op, axes, x, (images) => {
    const sizes = images.shape.slice(2);
    const attrs = fittedAttrs(op, own, sizes, given.ceilMode ?? false);
    const windows = pooledShape(op, images.shape, attrs).slice(2);
    // How many elements the windows have along each axis.
    const counts = windows.map((count, d) => {
      const [before, after] = countIncludePad ? own.padding[d]! : [0, 0];
      return Array.from({ length: count }, (_, p) => {
        const start = p * own.stride[d]! - own.padding[d]![0];
        return Math.min(start + own.kernel[d]!, sizes[d]! + after) - Math.max(start, -before);
      });
    });
    return inNameOf(op, ["conv"], () => meansOf(images, attrs, divisor ?? counts));
  });
}

/**
 * The sum of each window, divided by a number, or by how many elements each has: the product of those along its axes. It is a convolution of each channel with equal weights. Sums may be too large for
 * the dtype where means are not, so the weights are a power of two that is small enough, which rounds nothing but what is almost 0.
 */
export function meansOf(x: Tensor, attrs: WindowAttrs, counts: number | readonly (readonly number[])[]): Tensor {
  const { kernel, padding } = attrs;
  const [images, channels, ...sizes] = x.shape as [number, number, ...number[]];
  const axes = sizes.map((_, d) => d + 2);
  const isWhole = sizes.every((size, d) => size === kernel[d] && padding[d]!.every((side) => side === 0));
  const isEven = typeof counts === "number" || counts.every((list) => list.every((n) => n === list[0]));
  const all = typeof counts === "number" ? counts : counts.reduce((product, [n = 1]) => product * n, 1);
  if (isWhole && isEven && all === sizeOf(sizes)) return mean(x, axes, { keepDims: true });

  const parts = kernel.map((size) => 2 ** -Math.ceil(Math.log2(size)));
  const scale = parts.reduce((product, part) => product * part, 1);
  // A divisor that is almost 0 must not become 0.
  const by = isEven && Math.abs(all * scale) < 2 ** -100 ? 1 : scale;
  const sums = isWhole ? sum(mul(x, by), axes, { keepDims: true }) : convolved();
  if (isEven) return divided(sums, all * by);
  return (counts as readonly (readonly number[])[]).reduce((y, list, d) => {
    const values = allocate(y.dtype, list.length);
    values.set(list.map((n) => n * parts[d]!));
    const shape = sizes.map((_, axis) => (axis === d ? list.length : 1));
    return div(y, make(y, values, shape, y.dtype));
  }, sums);

  function convolved(): Tensor {
    const groups = Math.max(images * channels, 1);
    const planes = reshape(x, [images * channels === 0 ? 0 : 1, groups, ...sizes]);
    const weight = expand(constant(x, by), [groups, 1, ...kernel]);
    return reshape(convOf(planes, weight, { ...attrs, groups }), pooledShape("conv", x.shape, attrs));
  }
}

function divided(x: Tensor, by: number): Tensor {
  return by === 1 ? x : div(x, by);
}
/**
 * The index of the largest element in each window, like `return_indices` in PyTorch: its place in its plane, counted row-major without what is padded. Of equal ones the first; of several
 * NaN the last. {@link maxPool1d} to {@link maxPool3d} give the elements; with these places, {@link gather} takes the same from another tensor, and {@link scatterAdd} puts them back (max unpooling).
 *
 * @param x - `[batch, channels, height, width]`, or without the batch; of float32 or float64. With a kernel of one or three sizes: signals or volumes.
 * @param kernelSize - size of the windows: a number for height and width, or a list of a size for each axis.
 * @param options - `stride` (the kernel's size by default), `padding`, `dilation`, `ceilMode`: see {@link MaxPoolOptions}.
 * @returns int32, of the pooled shape.
 * @throws {@link ShapeError} if windows do not fit into x; {@link ValueError} for sizes and options that are none, or padding of more than half a window; {@link DTypeError} for anything that is not
 * a tensor of floats.
 * @example
 * const x = tensor([[[1, 9, 3, 4], [5, 6, 7, 8]]]);
 * const places = maxPoolIndices(x, 2);
 * places.toArray(); // → [[[1, 7]]]
 * gather(x.flatten(1), 1, places.flatten(1)).toArray(); // → [[9, 8]]
 */
export function maxPoolIndices(x: Tensor, kernelSize: number | readonly number[], options?: MaxPoolOptions): Tensor {
  refuseMore("maxPoolIndices", arguments, 3);
  const axes = Array.isArray(kernelSize) ? Math.min(Math.max(kernelSize.length, 1), 3) : 2;
  const given = checkMaxPoolOptions("maxPoolIndices", options);
  const own = poolAttrs("maxPoolIndices", given, kernelOf("maxPoolIndices", kernelSize, axes));
  return onImages("maxPoolIndices", axes, x, (images) => {
    const sizes = images.shape.slice(2);
    const attrs = fittedAttrs("maxPoolIndices", own, sizes, given.ceilMode ?? false);
    const taps = inNameOf("maxPoolIndices", ["maxTap"], () => apply(maxTapOp, [images], attrs));
    const starts = taps.shape.slice(2).map((count, d) => {
      return Array.from({ length: count }, (_, p) => p * attrs.stride[d]! - attrs.padding[d]![0]);
    });
    return placesOf(taps, attrs, starts, sizes);
  });
}

/** The places in a plane of elements that are given by their numbers in windows, of which it is known where they start along each axis. */
export function placesOf(
  taps: Tensor,
  { kernel, dilation }: Pick<WindowAttrs, "kernel" | "dilation">,
  starts: readonly (readonly number[])[],
  sizes: Shape,
): Tensor {
  const [own, perTap] = [stridesOf(sizes), stridesOf(kernel)];
  const offsets = Int32Array.from({ length: sizeOf(kernel) }, (_, k) =>
    own.reduce((at, step, d) => at + (Math.floor(k / perTap[d]!) % kernel[d]!) * dilation[d]! * step, 0),
  );
  const table = make(taps, offsets, [offsets.length], "int32");
  const places = reshape(indexSelect(table, 0, reshape(taps, [taps.size])), taps.shape);
  return starts.reduce((at, list, d) => {
    const values = Int32Array.from(list, (start) => start * own[d]!);
    const shape = starts.map((_, axis) => (axis === d ? list.length : 1));
    return add(at, make(taps, values, shape, "int32"));
  }, places);
}
