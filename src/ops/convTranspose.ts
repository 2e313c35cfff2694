import { promote } from "../core/dtype.ts";
import { ShapeError, ValueError } from "../core/errors.ts";
import { inNameOf } from "../core/inNameOf.ts";
import { describe, formatShape, type Shape, sameShape } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { cast } from "./cast.ts";
import { type ConvAttrs, convInputOf } from "./conv.ts";
import { checkOperand, finished } from "./convNd.ts";
import { type ConvTransposeOptions, checkTransposeOptions, optionsThird, perAxis, windowAttrs } from "./convOptions.ts";
import { pad } from "./pad.ts";
import { reshape } from "./reshape.ts";

/**
 * Transposed convolution along one axis: the adjoint of {@link conv1d} in its input, which makes small signals large. Each element of x adds the kernel, times itself, to the result.
 *
 * @param x - `[batch, in, length]`, or `[in, length]` of one sample; of float32 or float64.
 * @param weight - `[in, out / groups, kernel]`.
 * @param options - `bias`, `stride`, `padding`, `outputPadding`, `dilation`, `groups`: see {@link ConvTransposeOptions}.
 * @returns `[batch, out, (length − 1) · stride − paddings + dilation · (kernel − 1) + outputPadding + 1]`, without the batch if x has none; of the common dtype.
 * @throws {@link ShapeError} if shapes do not fit, or nothing is left; {@link ValueError} for invalid options; {@link DTypeError} for anything that is not a tensor of floats.
 * @example
 * convTranspose1d(tensor([[1, 10]]), tensor([[[1, 2, 3]]]), { stride: 2 }).toArray(); // → [[1, 2, 13, 20, 30]]
 */
export function convTranspose1d(x: Tensor, weight: Tensor, options?: ConvTransposeOptions): Tensor {
  refuseMore("convTranspose1d", arguments, 3, optionsThird("convTranspose1d"));
  return convTransposeNd("convTranspose1d", 1, x, weight, options);
}

/**
 * Transposed convolution of images: as {@link convTranspose1d}, along two axes.
 *
 * @param x - `[batch, in, height, width]`, or without the batch; of float32 or float64.
 * @param weight - `[in, out / groups, kernelHeight, kernelWidth]`.
 * @param options - `bias`, `stride`, `padding`, `outputPadding`, `dilation`, `groups`: see {@link ConvTransposeOptions}.
 * @returns `[batch, out, height', width']`, without the batch if x has none; of the common dtype.
 * @throws {@link ShapeError} if shapes do not fit, or nothing is left; {@link ValueError} for invalid options; {@link DTypeError} for anything that is not a tensor of floats.
 * @example
 * convTranspose2d(ones([8, 16, 7, 7]), ones([16, 4, 2, 2]), { stride: 2 }).shape; // → [8, 4, 14, 14]
 */
export function convTranspose2d(x: Tensor, weight: Tensor, options?: ConvTransposeOptions): Tensor {
  refuseMore("convTranspose2d", arguments, 3, optionsThird("convTranspose2d"));
  return convTransposeNd("convTranspose2d", 2, x, weight, options);
}

/**
 * Transposed convolution of volumes: as {@link convTranspose1d}, along three axes.
 *
 * @param x - `[batch, in, depth, height, width]`, or without the batch; of float32 or float64.
 * @param weight - `[in, out / groups, kernelDepth, kernelHeight, kernelWidth]`.
 * @param options - `bias`, `stride`, `padding`, `outputPadding`, `dilation`, `groups`: see {@link ConvTransposeOptions}.
 * @returns `[batch, out, depth', height', width']`, without the batch if x has none; of the common dtype.
 * @throws {@link ShapeError} if shapes do not fit, or nothing is left; {@link ValueError} for invalid options; {@link DTypeError} for anything that is not a tensor of floats.
 * @example
 * convTranspose3d(ones([1, 2, 3, 3, 3]), ones([2, 1, 2, 2, 2]), { stride: 2 }).shape; // → [1, 1, 6, 6, 6]
 */
export function convTranspose3d(x: Tensor, weight: Tensor, options?: ConvTransposeOptions): Tensor {
  refuseMore("convTranspose3d", arguments, 3, optionsThird("convTranspose3d"));
  return convTransposeNd("convTranspose3d", 3, x, weight, options);
}

/** Options as lists with an entry for each spatial axis; `more` is the outputPadding. */
export function transposedAttrs(
  op: string,
  { outputPadding = 0, ...given }: Omit<ConvTransposeOptions, "bias">,
  kernel: Shape,
): ConvAttrs & { readonly more: Shape } {
  if (typeof given.padding === "string") {
    const hint = "of the result, so much is cut off";
    throw new ValueError(op, "padding must be numbers", JSON.stringify(given.padding), hint);
  }
  const own = windowAttrs(op, given, kernel);
  const more = perAxis(op, "outputPadding", outputPadding, kernel.length, 0);
  if (more.some((n, d) => n >= Math.max(own.stride[d]!, own.dilation[d]!))) {
    const got = `${formatShape(more)} for stride ${formatShape(own.stride)}`;
    throw new ValueError(op, "outputPadding must be less than the stride or the dilation", got);
  }
  return { ...own, more };
}

/** A transposed convolution along so many axes. */
export function convTransposeNd(
  op: string,
  axes: number,
  x: Tensor,
  weight: Tensor,
  options?: ConvTransposeOptions,
): Tensor {
  const { bias = null, ...given } = checkTransposeOptions(op, options);
  checkOperand(op, "x", axes, x, true);
  checkOperand(op, "weight", axes, weight, false);
  const kernel = weight.shape.slice(2);
  const { more, ...own } = transposedAttrs(op, given, kernel);
  const hasBatch = x.shape.length === axes + 2;
  const images = hasBatch ? x : reshape(x, [1, ...x.shape]);
  const [, channels, ...counts] = images.shape;
  if (channels !== weight.shape[0]) {
    const got = `weight ${formatShape(weight.shape)} for x ${formatShape(x.shape)}`;
    const isLarger = kernel.every((size, d) => size > counts[d]!);
    const first = isLarger && /^[a-z]/.test(op) ? `x comes first: ${op}(x, weight)` : "";
    const hint = weight.shape[1] === channels ? "a weight is [in, out / groups, …]: swap its first two axes" : first;
    throw new ShapeError(op, `the weight must have axis 0 of size ${channels}, the channels of x`, got, hint);
  }
  if (weight.shape[0]! % own.groups !== 0) {
    const got = `${own.groups} groups for ${channels} channels`;
    throw new ValueError(op, "groups must divide the channels of x", got);
  }
  const out = weight.shape[1]! * own.groups;
  if (bias !== null && !sameShape(bias.shape, [out])) {
    throw new ShapeError(op, `the bias must have shape [${out}], the channels of the result`, describe(bias));
  }
  const sizes = counts.map((count, d) => {
    const [before, after] = own.padding[d]!;
    const size = (count - 1) * own.stride[d]! + own.dilation[d]! * (kernel[d]! - 1) + 1 + more[d]! - before - after;
    if (count > 0 && kernel[d]! > 0 && size > 0) return size;
    const got = `size ${size} on axis ${d + 2} from x ${formatShape(x.shape)}, weight ${formatShape(weight.shape)}`;
    throw new ShapeError(
      op,
      "the result must have an element along each axis",
      got,
      size > 0 ? "" : "take less padding",
    );
  });
  // What is added beyond the stride is in no window of the convolution: it is zeros behind the adjoint, as far as it is not cut off.
  const beyond = more.map((n, d) => Math.max(0, n - own.stride[d]! + 1));
  const behind = beyond.map((n, d) => Math.max(0, n - own.padding[d]![1]));
  const within = sizes.map((size, d) => size - behind[d]!);
  const padding = own.padding.map(([before, after], d): readonly [number, number] => {
    return [before + Math.min(0, within[d]!), Math.max(0, after - beyond[d]!)];
  });
  const dtype = [x, weight, bias ?? x].reduce((all, { dtype }) => promote(all, dtype), x.dtype);
  const attrs = { ...own, padding, sizes: within.map((size) => Math.max(0, size)) };
  const y = inNameOf(op, ["convInput"], () => convInputOf(cast(images, dtype), cast(weight, dtype), attrs));
  const isWhole = behind.every((n) => n === 0);
  const widths = behind.map((n, d) => [0, Math.min(n, sizes[d]!)] as const);
  return finished(isWhole ? y : pad(y, [[0, 0], [0, 0], ...widths]), bias, hasBatch);
}
