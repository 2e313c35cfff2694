import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { averaged, largestOf } from "./pooled.ts";
import type { AvgPoolOptions, MaxPoolOptions } from "./poolOptions.ts";

/**
 * The largest element of each window along one axis: `y[n, c, i] = max x[n, c, stride · i + dilation · q − padding]` over the elements `q` of the kernel.
 *
 * What is padded is no element. The gradient goes to the largest element; of equal ones to the first, as in PyTorch. A NaN in a window makes its result NaN.
 *
 * @param x - `[batch, channels, length]`, or `[channels, length]` of one sample; of float32 or float64.
 * @param kernelSize - elements of a window.
 * @param options - `stride` (the kernel's size by default), `padding`, `dilation`, `ceilMode`: see {@link MaxPoolOptions}.
 * @returns `[batch, channels, ⌊(length + paddings − dilation · (kernel − 1) − 1) / stride⌋ + 1]`, ⌈…⌉ with `ceilMode`; without the batch if x has none.
 * @throws {@link ShapeError} if windows do not fit into x; {@link ValueError} for sizes and options that are none, or padding of more than half a window; {@link DTypeError} for anything that is not
 * a tensor of floats.
 * @example
 * maxPool1d(tensor([[1, 3, 2, 5, 4]]), 2).toArray(); // → [[3, 5]]
 * maxPool1d(tensor([[1, 3, 2, 5, 4]]), 2, { ceilMode: true }).toArray(); // → [[3, 5, 4]]
 */
export function maxPool1d(x: Tensor, kernelSize: number | readonly number[], options?: MaxPoolOptions): Tensor {
  refuseMore("maxPool1d", arguments, 3);
  return largestOf("maxPool1d", 1, x, kernelSize, options);
}

/**
 * The largest element of each window of images: as {@link maxPool1d}, along two axes.
 *
 * @param x - `[batch, channels, height, width]`, or without the batch; of float32 or float64.
 * @param kernelSize - the windows' height and width: a number for both, or `[height, width]`.
 * @param options - `stride` (the kernel's size by default), `padding`, `dilation`, `ceilMode`: see {@link MaxPoolOptions}.
 * @returns `[batch, channels, height', width']`, without the batch if x has none.
 * @throws {@link ShapeError} if windows do not fit into x; {@link ValueError} for sizes and options that are none, or padding of more than half a window; {@link DTypeError} for anything that is not
 * a tensor of floats.
 * @example
 * maxPool2d(tensor([[[1, 2, 3, 4], [5, 6, 7, 8]]]), 2).toArray(); // → [[[6, 8]]]
 * maxPool2d(zeros([8, 16, 28, 28]), 3, { stride: 2, padding: 1 }).shape; // → [8, 16, 14, 14]
 */
export function maxPool2d(x: Tensor, kernelSize: number | readonly number[], options?: MaxPoolOptions): Tensor {
  refuseMore("maxPool2d", arguments, 3);
  return largestOf("maxPool2d", 2, x, kernelSize, options);
}

/**
 * The largest element of each window of volumes: as {@link maxPool1d}, along three axes.
 *
 * @param x - `[batch, channels, depth, height, width]`, or without the batch; of float32 or float64.
 * @param kernelSize - the windows' depth, height and width: a number for all, or a list.
 * @param options - `stride` (the kernel's size by default), `padding`, `dilation`, `ceilMode`: see {@link MaxPoolOptions}.
 * @returns `[batch, channels, depth', height', width']`, without the batch if x has none.
 * @throws {@link ShapeError} if windows do not fit into x; {@link ValueError} for sizes and options that are none, or padding of more than half a window; {@link DTypeError} for anything that is not
 * a tensor of floats.
 * @example
 * maxPool3d(zeros([2, 3, 8, 8, 8]), [1, 2, 2]).shape; // → [2, 3, 8, 4, 4]
 */
export function maxPool3d(x: Tensor, kernelSize: number | readonly number[], options?: MaxPoolOptions): Tensor {
  refuseMore("maxPool3d", arguments, 3);
  return largestOf("maxPool3d", 3, x, kernelSize, options);
}

/**
 * The mean of each window along one axis: `y[n, c, i] = Σ x[n, c, stride · i + q − padding] / kernel` over the elements `q` of the kernel.
 *
 * What is padded is 0, and is counted but with `countIncludePad: false`; what lies beyond it, with `ceilMode`, is not. A mean is finite if the elements are: their sum need not fit into the dtype.
 *
 * @param x - `[batch, channels, length]`, or `[channels, length]` of one sample; of float32 or float64.
 * @param kernelSize - elements of a window.
 * @param options - `stride` (the kernel's size by default), `padding`, `ceilMode`, `countIncludePad`, `divisor`: see {@link AvgPoolOptions}.
 * @returns `[batch, channels, ⌊(length + paddings − kernel) / stride⌋ + 1]`, ⌈…⌉ with `ceilMode`; without the batch if x has none.
 * @throws {@link ShapeError} if windows do not fit into x; {@link ValueError} for sizes and options that are none, or padding of more than half a window; {@link DTypeError} for anything that is not
 * a tensor of floats.
 * @example
 * avgPool1d(tensor([[1, 3, 2, 4]]), 2).toArray(); // → [[2, 3]]
 * avgPool1d(tensor([[1, 3, 2, 4]]), 2, { padding: 1 }).toArray(); // → [[0.5, 2.5, 2]]
 * avgPool1d(tensor([[1, 3, 2, 4]]), 2, { padding: 1, countIncludePad: false }).toArray(); // → [[1, 2.5, 4]]
 */
export function avgPool1d(x: Tensor, kernelSize: number | readonly number[], options?: AvgPoolOptions): Tensor {
  refuseMore("avgPool1d", arguments, 3);
  return averaged("avgPool1d", 1, x, kernelSize, options);
}

/**
 * The mean of each window of images: as {@link avgPool1d}, along two axes. Of the whole image, {@link adaptiveAvgPool2d} with 1 says it better, or `x.mean([2, 3])`.
 *
 * @param x - `[batch, channels, height, width]`, or without the batch; of float32 or float64.
 * @param kernelSize - the windows' height and width: a number for both, or `[height, width]`.
 * @param options - `stride` (the kernel's size by default), `padding`, `ceilMode`, `countIncludePad`, `divisor`: see {@link AvgPoolOptions}.
 * @returns `[batch, channels, height', width']`, without the batch if x has none.
 * @throws {@link ShapeError} if windows do not fit into x; {@link ValueError} for sizes and options that are none, or padding of more than half a window; {@link DTypeError} for anything that is not
 * a tensor of floats.
 * @example
 * avgPool2d(tensor([[[1, 2, 3, 4], [5, 6, 7, 8]]]), 2).toArray(); // → [[[3.5, 5.5]]]
 */
export function avgPool2d(x: Tensor, kernelSize: number | readonly number[], options?: AvgPoolOptions): Tensor {
  refuseMore("avgPool2d", arguments, 3);
  return averaged("avgPool2d", 2, x, kernelSize, options);
}

/**
 * The mean of each window of volumes: as {@link avgPool1d}, along three axes.
 *
 * @param x - `[batch, channels, depth, height, width]`, or without the batch; of float32 or float64.
 * @param kernelSize - the windows' depth, height and width: a number for all, or a list.
 * @param options - `stride` (the kernel's size by default), `padding`, `ceilMode`, `countIncludePad`, `divisor`: see {@link AvgPoolOptions}.
 * @returns `[batch, channels, depth', height', width']`, without the batch if x has none.
 * @throws {@link ShapeError} if windows do not fit into x; {@link ValueError} for sizes and options that are none, or padding of more than half a window; {@link DTypeError} for anything that is not
 * a tensor of floats.
 * @example
 * avgPool3d(ones([2, 3, 8, 8, 8]), 2, { stride: 1 }).shape; // → [2, 3, 7, 7, 7]
 */
export function avgPool3d(x: Tensor, kernelSize: number | readonly number[], options?: AvgPoolOptions): Tensor {
  refuseMore("avgPool3d", arguments, 3);
  return averaged("avgPool3d", 3, x, kernelSize, options);
}
