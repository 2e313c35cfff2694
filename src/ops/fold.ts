import { apply } from "../core/apply.ts";
import { ShapeError } from "../core/errors.ts";
import { inNameOf } from "../core/inNameOf.ts";
import type { Op } from "../core/op.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import { checkShape, formatShape, type Shape, sizeOf } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import type { OpCases } from "./cases.ts";
import { checkCotangent } from "./conv.ts";
import { checkOperand } from "./convNd.ts";
import { type ConvWindowOptions, convNames, perAxis, windowAttrs } from "./convOptions.ts";
import { drawWindows, eachPlane, pooledShape, type SpreadAttrs, type WindowAttrs } from "./pool.ts";
import { reshape } from "./reshape.ts";

// All windows laid out, and windows added up where they lie: each is the other's rule.

/** `[N, C · taps, windows]` of `[N, C, …]`: `y[n, c · taps + q, p] = x[n, c, stride · p + dilation · q − before]`. */
export const unfoldOp: Op<WindowAttrs> = {
  name: "unfold",
  shape: ([x], attrs) => unfoldedShape("unfold", x!.sizes, attrs),
  forward: (y, [x], attrs) => {
    eachPlane(x!.shape, pooledShape("unfold", x!.shape, attrs), attrs, (plane, windows) => {
      const { starts, taps, image } = windows;
      windows.read(x!.values, plane, 0);
      for (let k = 0, to = plane * taps.length * starts.length; k < taps.length; k++) {
        for (let j = 0; j < starts.length; j++, to++) y[to] = image[starts[j]! + taps[k]!]!;
      }
    });
  },
  vjp: [({ g, attrs, result }) => apply(foldOp, [g], { ...attrs, sizes: result.inputs[0]!.sizes.slice(2) })],
};

export const foldOp: Op<SpreadAttrs> = {
  name: "fold",
  shape: ([g], attrs) => {
    const shape = [g!.sizes[0]!, g!.sizes[1]! / sizeOf(attrs.kernel), ...attrs.sizes];
    checkCotangent("fold", g!, unfoldedShape("fold", shape, attrs));
    return shape;
  },
  forward: (dx, [g], attrs, shape) => {
    eachPlane(shape, pooledShape("fold", shape, attrs), attrs, (plane, windows) => {
      const { starts, taps, image } = windows;
      image.fill(0);
      for (let k = 0, at = plane * taps.length * starts.length; k < taps.length; k++) {
        for (let j = 0; j < starts.length; j++, at++) image[starts[j]! + taps[k]!]! += g!.values[at]!;
      }
      windows.write(dx, plane, 0);
    });
  },
  vjp: [
    ({ g, attrs: { kernel, stride, padding, dilation } }) =>
      apply(unfoldOp, [g], { kernel, stride, padding, dilation }),
  ],
};

function unfoldedShape(op: string, x: Shape, attrs: WindowAttrs): Shape {
  const [images, channels, ...counts] = pooledShape(op, x, attrs);
  return [images!, channels! * sizeOf(attrs.kernel), sizeOf(counts)];
}

/** How the windows of {@link unfold} and {@link fold} go over the spatial axes. A number is for all of these axes; a list has an entry for each. */
export interface FoldOptions extends Omit<ConvWindowOptions, "groups"> {}

const foldKinds: OptionKinds<FoldOptions> = { stride: "any", padding: "any", dilation: "any" };
const lead = { names: { ...convNames, kernelSize: "it is a separate argument", strides: "stride" } };

/**
 * All windows of images, laid out side by side (im2col): `y[n, c · taps + q, p] = x[n, c, stride · p + dilation · q − padding]`, with `q` and `p` counted row-major over the elements of a
 * window, and over the windows. Zeros are padded. A convolution is a product with this; {@link conv2d} does it without laying anything out.
 *
 * @param x - `[batch, channels, height, width]`, or without the batch; of float32 or float64. With a kernel of one or three sizes: signals or volumes.
 * @param kernelSize - size of the windows: a number for height and width, or a list of a size for each axis.
 * @param options - `stride`, `padding`, `dilation`: as those of {@link conv2d}.
 * @returns `[batch, channels · taps, windows]`, without the batch if x has none. Its gradient is {@link fold}.
 * @throws {@link ShapeError} for a shape that does not fit, or windows larger than x with its padding; {@link ValueError} for sizes and options that are none; {@link DTypeError} for anything that is not
 * a tensor of floats.
 * @example
 * unfold(tensor([[[1, 2, 3], [4, 5, 6]]]), [2, 2]).toArray(); // → [[1, 2], [2, 3], [4, 5], [5, 6]]
 */
export function unfold(x: Tensor, kernelSize: number | readonly number[], options?: FoldOptions): Tensor {
  refuseMore("unfold", arguments, 3);
  const { images, attrs, hasBatch } = checkFold("unfold", x, kernelSize, options, 2);
  const y = apply(unfoldOp, [images], attrs);
  return hasBatch ? y : reshape(y, y.shape.slice(1));
}

/**
 * Adds windows up at their positions in images (col2im): the adjoint of {@link unfold}, `y = Σ` over all windows and their elements. What windows share is the sum of theirs, so
 * `fold(unfold(x))` is x times how many windows each element is in.
 *
 * @param x - `[batch, channels · taps, windows]`, or without the batch; of float32 or float64.
 * @param size - the spatial sizes of the result, such as `[height, width]`.
 * @param kernelSize - size of the windows: a number for all axes, or a list of a size for each.
 * @param options - `stride`, `padding`, `dilation`: as those of {@link conv2d}.
 * @returns `[batch, channels, …size]`, without the batch if x has none.
 * @throws {@link ShapeError} if x does not have as many rows and windows as that takes; {@link ValueError} for sizes and options that are none; {@link DTypeError} for anything that is not a tensor of floats.
 * @example
 * const x = tensor([[[1, 2, 3], [4, 5, 6]]]);
 * fold(unfold(x, 2), [2, 3], 2).toArray(); // → [[[1, 4, 3], [4, 10, 6]]]
 */
export function fold(
  x: Tensor,
  size: readonly number[],
  kernelSize: number | readonly number[],
  options?: FoldOptions,
): Tensor {
  refuseMore("fold", arguments, 4);
  const sizes = checkShape("fold", size, undefined, "fold(x, ");
  const list = typeof kernelSize === "number" ? sizes.map(() => kernelSize) : kernelSize;
  const { images, attrs, hasBatch } = checkFold("fold", x, list, options, 1);
  const taps = sizeOf(attrs.kernel);
  if (sizes.length !== attrs.kernel.length) {
    const got = `${formatShape(sizes)} for a kernel of ${formatShape(attrs.kernel)}`;
    throw new ShapeError("fold", "the size must have an entry for each axis of the kernel", got);
  }
  const [batch, rows, windows] = images.shape as [number, number, number];
  if (rows % taps !== 0) {
    const got = `${formatShape(x.shape)} for a kernel of ${formatShape(attrs.kernel)}`;
    throw new ShapeError("fold", `x must have rows for each of ${taps} elements of a window`, got);
  }
  const count = sizeOf(inNameOf("fold", ["fold"], () => pooledShape("fold", [batch, 1, ...sizes], attrs)).slice(2));
  if (count !== windows) {
    const got = `${windows} in x ${formatShape(x.shape)}`;
    throw new ShapeError("fold", `a result of ${formatShape(sizes)} has ${count} windows`, got);
  }
  const y = apply(foldOp, [images], { ...attrs, sizes });
  return hasBatch ? y : reshape(y, y.shape.slice(1));
}

/** Checks what both take; x is to have `axes` of its own after the channels, or, of one, one for the windows. */
function checkFold(
  op: string,
  x: Tensor,
  kernelSize: number | readonly number[],
  options: FoldOptions | undefined,
  own: 1 | 2,
): { images: Tensor; attrs: WindowAttrs; hasBatch: boolean } {
  const { ...given } = checkOptions(op, options, foldKinds, lead);
  const axes = Array.isArray(kernelSize) ? Math.min(Math.max(kernelSize.length, 1), 3) : 2;
  const ownAxes = own === 1 ? 1 : axes;
  checkOperand(op, "x", ownAxes, x, true);
  const kernel = perAxis(op, "kernelSize", kernelSize, axes, 1);
  const { groups: _, ...attrs } = windowAttrs(op, given, kernel);
  const hasBatch = x.shape.length === ownAxes + 2;
  return { images: hasBatch ? x : reshape(x, [1, ...x.shape]), attrs: { kernel, ...attrs }, hasBatch };
}

export const unfoldCases: OpCases<WindowAttrs> = {
  draw: (d) => {
    const { attrs, x } = drawWindows(d);
    return { inputs: [d.floats(x)], attrs };
  },
  errors: [
    {
      inputs: [[2, 3, 2]],
      attrs: { kernel: [3], stride: [1], padding: [[0, 0]], dilation: [1] },
      error: "unfold: the kernel must not be larger than x with its padding, got 3, for 2 on axis 2 of x [2, 3, 2]",
    },
  ],
};

export const foldCases: OpCases<SpreadAttrs> = {
  draw: (d) => {
    const { attrs, x } = drawWindows(d);
    const shape = unfoldedShape("fold", x, attrs);
    return { inputs: [d.floats(shape)], attrs: { ...attrs, sizes: x.slice(2) } };
  },
  errors: [
    {
      inputs: [[2, 6, 5]],
      attrs: { kernel: [3], stride: [1], padding: [[0, 0]], dilation: [1], sizes: [8] },
      error: "fold: the cotangent must be of the shape of the result, [2, 6, 6], got [2, 6, 5]",
    },
  ],
};
