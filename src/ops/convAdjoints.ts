import { checkTensor } from "../core/apply.ts";
import { promote } from "../core/dtype.ts";
import { ShapeError } from "../core/errors.ts";
import { checkShape, formatShape, type Shape, sameShape } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { cast } from "./cast.ts";
import { convInputOf, convWeightOf } from "./conv.ts";
import { checkOperand } from "./convNd.ts";
import { type ConvWindowOptions, checkWindowOptions, windowAttrs } from "./convOptions.ts";

/**
 * The derivative of a convolution with respect to its input: what {@link conv1d}, {@link conv2d} and {@link conv3d} compute from the cotangent of their result. It is linear in the cotangent and in the
 * weight, and differentiable in both.
 *
 * @param g - the cotangent, of the shape of the convolution's result: `[batch, out, …]`.
 * @param weight - the convolution's: `[out, channels / groups, …kernel]`.
 * @param shape - shape of the convolution's input: `[batch, channels, …]`.
 * @param options - the convolution's: `stride`, `padding`, `dilation`, `groups`.
 * @returns a tensor of that shape, of the common dtype.
 * @throws {@link ShapeError} if shapes do not fit; {@link ValueError} for invalid options; {@link DTypeError} for anything that is not a tensor of floats.
 * @example
 * const x = ones([1, 2, 5, 5], { requiresGrad: true });
 * const weight = ones([3, 2, 3, 3]);
 * const y = conv2d(x, weight, { stride: 2 });
 * y.sum().backward();
 * convInput(ones(y.shape), weight, x.shape, { stride: 2 }).eq(x.grad ?? 0).all().item(); // → 1
 */
export function convInput(g: Tensor, weight: Tensor, shape: Shape, options?: ConvWindowOptions): Tensor {
  refuseMore("convInput", arguments, 4);
  const axes = axesOf("convInput", g);
  const own = checkWindowOptions("convInput", options);
  checkOperand("convInput", "g", axes, g, false);
  checkOperand("convInput", "weight", axes, weight, false);
  const sizes = checkShape("convInput", shape, undefined, "convInput(g, weight, ");
  const attrs = windowAttrs("convInput", own, weight.shape.slice(2));
  const wanted = [g.shape[0]!, weight.shape[1]! * attrs.groups];
  checkFirst("convInput", "the input", sizes, wanted, axes);
  const dtype = promote(g.dtype, weight.dtype);
  return convInputOf(cast(g, dtype), cast(weight, dtype), { ...attrs, sizes: sizes.slice(2) });
}

/**
 * The derivative of a convolution with respect to its weight: what {@link conv1d}, {@link conv2d} and {@link conv3d} compute from the cotangent of their result. It is linear in the input and in the
 * cotangent, and differentiable in both.
 *
 * @param x - the convolution's input: `[batch, channels, …]`.
 * @param g - the cotangent, of the shape of the convolution's result: `[batch, out, …]`.
 * @param shape - shape of the weight: `[out, channels / groups, …kernel]`.
 * @param options - the convolution's: `stride`, `padding`, `dilation`, `groups`.
 * @returns a tensor of that shape, of the common dtype.
 * @throws {@link ShapeError} if shapes do not fit; {@link ValueError} for invalid options; {@link DTypeError} for anything that is not a tensor of floats.
 * @example
 * const x = ones([4, 2, 5, 5]);
 * const g = ones([4, 3, 3, 3]);
 * convWeight(x, g, [3, 2, 3, 3]).mean().item(); // → 36
 */
export function convWeight(x: Tensor, g: Tensor, shape: Shape, options?: ConvWindowOptions): Tensor {
  refuseMore("convWeight", arguments, 4);
  const axes = axesOf("convWeight", x);
  const own = checkWindowOptions("convWeight", options);
  checkOperand("convWeight", "x", axes, x, false);
  checkOperand("convWeight", "g", axes, g, false);
  const sizes = checkShape("convWeight", shape, undefined, "convWeight(x, g, ");
  const attrs = windowAttrs("convWeight", own, sizes.slice(2));
  checkFirst("convWeight", "the weight", sizes, [g.shape[1]!, x.shape[1]! / attrs.groups], axes);
  const dtype = promote(x.dtype, g.dtype);
  return convWeightOf(cast(x, dtype), cast(g, dtype), { ...attrs, sizes: sizes.slice(2) });
}

/** Along how many axes the convolution goes. */
function axesOf(op: string, x: Tensor): number {
  checkTensor(op, x, op === "convInput" ? "g" : "x");
  return Math.min(Math.max(x.shape.length - 2, 1), 3);
}

function checkFirst(op: string, what: string, shape: Shape, wanted: Shape, axes: number): void {
  if (shape.length === axes + 2 && sameShape(shape.slice(0, 2), wanted)) return;
  const rule = `the shape of ${what} must have ${axes + 2} sizes, the first ${wanted.join(" and ")}`;
  throw new ShapeError(op, rule, formatShape(shape));
}
