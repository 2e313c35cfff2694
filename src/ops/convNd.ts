import { checkTensor } from "../core/apply.ts";
import { promote } from "../core/dtype.ts";
import { DTypeError, ShapeError } from "../core/errors.ts";
import { inNameOf } from "../core/inNameOf.ts";
import { describe, formatShape, sameShape } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { add } from "./add.ts";
import { cast } from "./cast.ts";
import { type ConvAttrs, convOf } from "./conv.ts";
import { type ConvOptions, checkConvOptions, optionsThird, windowAttrs } from "./convOptions.ts";
import { pad } from "./pad.ts";
import { reshape } from "./reshape.ts";

/**
 * Convolution along one axis (cross-correlation, as in all libraries, which does not flip the kernel).
 *
 * `y[n, o, i] = Σ x[n, c, stride · i + dilation · q − padding] · weight[o, c, q]`. Derivatives: {@link convInput} and {@link convWeight}, to any order. Products are added up in float64
 * inside; compiled, in the dtype.
 *
 * @param x - `[batch, channels, length]`, or `[channels, length]` of one sample; of float32 or float64. Integers are an error, as in PyTorch for int32.
 * @param weight - `[out, channels / groups, kernel]`.
 * @param options - `bias`, `stride`, `padding`, `paddingMode`, `dilation`, `groups`: see {@link ConvOptions}.
 * @returns `[batch, out, ⌊(length + paddings − dilation · (kernel − 1) − 1) / stride⌋ + 1]`, without the batch if x has none; of the common dtype.
 * @throws {@link ShapeError} if shapes do not fit, or the kernel is larger than x with its padding; {@link ValueError} for invalid options; {@link DTypeError} for anything that is not a tensor of
 * floats.
 * @example
 * conv1d(tensor([[1, 2, 4, 8]]), tensor([[[-1, 1]]])).toArray(); // → [[1, 2, 4]]
 */
export function conv1d(x: Tensor, weight: Tensor, options?: ConvOptions): Tensor {
  refuseMore("conv1d", arguments, 3, optionsThird("conv1d"));
  return convNd("conv1d", 1, x, weight, options);
}

/**
 * Convolution of images (cross-correlation, as in all libraries, which does not flip the kernel).
 *
 * As {@link conv1d}, along two axes. A kernel of 1 × 1 is a product of matrices in compiled code; `groups: channels` makes a depthwise convolution.
 *
 * @param x - `[batch, channels, height, width]`, or `[channels, height, width]` of one image; of float32 or float64.
 * @param weight - `[out, channels / groups, kernelHeight, kernelWidth]`.
 * @param options - `bias`, `stride`, `padding`, `paddingMode`, `dilation`, `groups`: see {@link ConvOptions}.
 * @returns `[batch, out, height', width']`, without the batch if x has none; of the common dtype.
 * @throws {@link ShapeError} if shapes do not fit, or the kernel is larger than x with its padding; {@link ValueError} for invalid options; {@link DTypeError} for anything that is not a tensor of
 * floats.
 * @example
 * const x = tensor([[[1, 2, 3], [4, 5, 6], [7, 8, 9]]]);
 * conv2d(x, ones([1, 1, 2, 2])).toArray(); // → [[[12, 16], [24, 28]]]
 * conv2d(x, ones([1, 1, 3, 3]), { padding: "same", bias: tensor([0.5]) }).toArray(); // → [[[12.5, 21.5, 16.5], [27.5, 45.5, 33.5], [24.5, 39.5, 28.5]]]
 * conv2d(ones([8, 3, 28, 28]), ones([16, 3, 3, 3]), { stride: 2, padding: 1 }).shape; // → [8, 16, 14, 14]
 */
export function conv2d(x: Tensor, weight: Tensor, options?: ConvOptions): Tensor {
  refuseMore("conv2d", arguments, 3, optionsThird("conv2d"));
  return convNd("conv2d", 2, x, weight, options);
}

/**
 * Convolution of volumes, or of films: as {@link conv2d}, along three axes.
 *
 * @param x - `[batch, channels, depth, height, width]`, or without the batch; of float32 or float64.
 * @param weight - `[out, channels / groups, kernelDepth, kernelHeight, kernelWidth]`.
 * @param options - `bias`, `stride`, `padding`, `paddingMode`, `dilation`, `groups`: see {@link ConvOptions}.
 * @returns `[batch, out, depth', height', width']`, without the batch if x has none; of the common dtype.
 * @throws {@link ShapeError} if shapes do not fit, or the kernel is larger than x with its padding; {@link ValueError} for invalid options; {@link DTypeError} for anything that is not a tensor of
 * floats.
 * @example
 * conv3d(ones([2, 1, 4, 4, 4]), ones([3, 1, 2, 2, 2]), { stride: 2 }).shape; // → [2, 3, 2, 2, 2]
 */
export function conv3d(x: Tensor, weight: Tensor, options?: ConvOptions): Tensor {
  refuseMore("conv3d", arguments, 3, optionsThird("conv3d"));
  return convNd("conv3d", 3, x, weight, options);
}

/** A convolution along so many axes. */
export function convNd(op: string, axes: number, x: Tensor, weight: Tensor, options?: ConvOptions): Tensor {
  const { bias = null, paddingMode = "zeros", ...given } = checkConvOptions(op, options);
  checkOperand(op, "x", axes, x, true);
  checkOperand(op, "weight", axes, weight, false);
  const own = windowAttrs(op, given, weight.shape.slice(2));
  const dtype = [x, weight, bias ?? x].reduce((all, { dtype }) => promote(all, dtype), x.dtype);
  if (bias !== null && !sameShape(bias.shape, [weight.shape[0]!])) {
    throw new ShapeError(op, `the bias must have shape [${weight.shape[0]}], the weight's first`, describe(bias));
  }
  refuseSwapped(op, x, weight, own);
  const hasBatch = x.shape.length === axes + 2;
  const images = cast(hasBatch ? x : reshape(x, [1, ...x.shape]), dtype);
  const y = inNameOf(op, ["conv", "pad"], () => {
    if (paddingMode === "zeros" || own.padding.every(([a, b]) => a + b === 0))
      return convOf(images, cast(weight, dtype), own);
    const around = pad(images, [[0, 0], [0, 0], ...own.padding], paddingMode);
    return convOf(around, cast(weight, dtype), { ...own, padding: own.padding.map(() => [0, 0]) });
  });
  return finished(y, bias, hasBatch);
}

/** The result with its bias, and without the axis of images if x had none. */
export function finished(y: Tensor, bias: Tensor | null, hasBatch: boolean): Tensor {
  const { shape } = y;
  const all = bias === null ? y : add(y, reshape(bias, [shape[1]!, ...shape.slice(2).map(() => 1)]));
  return hasBatch ? all : reshape(all, shape.slice(1));
}

/** A kernel that is larger than x along all axes may be x itself. Layers, whose names are capitalised, have their own weight. */
function refuseSwapped(op: string, x: Tensor, weight: Tensor, { padding }: ConvAttrs): void {
  const kernel = weight.shape.slice(2);
  const sizes = x.shape.slice(-kernel.length);
  const isLarger = kernel.every((size, d) => size > sizes[d]! + padding[d]![0] + padding[d]![1]);
  if (!isLarger || !/^[a-z]/.test(op)) return;
  const got = `x ${formatShape(x.shape)}, weight ${formatShape(weight.shape)}`;
  const hint = `x comes first: ${op}(x, weight); else pad x, or take a smaller kernel`;
  throw new ShapeError(op, "the kernel must not be larger than x with its padding", got, hint);
}

const layouts = ["length", "height, width", "depth, height, width"] as const;

/** Checks that an operand is a tensor of floats with the axes that it must have. */
export function checkOperand(op: string, name: string, axes: number, x: Tensor, mayBeOne: boolean): void {
  checkTensor(op, x, name);
  const rank = x.shape.length;
  if (x.dtype !== "float32" && x.dtype !== "float64") {
    throw new DTypeError(op, `${name} must be floating`, describe(x), 'use to("float32")');
  }
  if (rank === axes + 2 || (mayBeOne && rank === axes + 1)) return;
  const layout = layouts[axes - 1]!;
  const kernel = layout.replace(/\w+/g, (word) => `kernel ${word}`);
  const wanted = mayBeOne ? `[batch, channels, ${layout}], or without the batch` : `[out, in / groups, ${kernel}]`;
  throw new ShapeError(op, `${name} must be ${wanted}`, formatShape(x.shape), rankHint(op, name, axes, x.shape));
}

function rankHint(op: string, name: string, axes: number, shape: readonly number[]): string {
  const rank = shape.length;
  if (rank === axes) return `write ${name}.reshape(${formatShape([1, ...(name === "x" ? shape : [1, ...shape])])})`;
  const other = rank - 2;
  if (other < 1 || other > 3 || name === "x") return "";
  // Of one image there is no axis for the batch.
  const swapped = rank === axes + 1 && /^[a-z]/.test(op) ? ` x comes first: ${op}(x, weight)` : "";
  return `did you mean ${op.replace(/\dd$/, `${other}d`)}?${swapped}`;
}
