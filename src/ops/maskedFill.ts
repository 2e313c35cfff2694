import { checkTensor } from "../core/apply.ts";
import { numberHint } from "../core/arguments.ts";
import { isFloat } from "../core/dtype.ts";
import { DTypeError, ShapeError, textOf } from "../core/errors.ts";
import { isTensor } from "../core/runtime.ts";
import { broadcastShapes, formatShape, sameShape } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { cast } from "./cast.ts";
import { constant } from "./define.ts";
import { checkFill } from "./indices.ts";
import { where } from "./where.ts";

/**
 * A copy of x with one value wherever a mask is true. x's gradient is 0 there, and the value's, if it is a tensor, is
 * the sum over those places. Filling with −∞ before a softmax leaves those entries out.
 *
 * @param x - a tensor of any dtype.
 * @param mask - a bool tensor that broadcasts to x's shape.
 * @param value - a number that x's dtype can hold, or a scalar tensor, which is converted to it: of
 * integers or bools, if x is.
 * @returns a tensor of x's shape and dtype.
 * @throws {@link DTypeError} if the mask is not bool, or the dtype cannot hold the number.
 * @throws {@link ShapeError} if the mask does not broadcast to x's shape, or the value is a tensor with axes.
 * @example
 * const x = tensor([1, -2, 3]);
 * maskedFill(x, lt(x, 0), 0).toArray(); // → [1, 0, 3]
 */
export function maskedFill(x: Tensor, mask: Tensor, value: Tensor | number): Tensor {
  refuseMore("maskedFill", arguments, 3);
  checkTensor("maskedFill", x);
  checkTensor("maskedFill", mask, "the mask");
  if (mask.dtype !== "bool") {
    throw new DTypeError("maskedFill", "the mask must be a bool tensor", mask.dtype, "compare it: gt(x, 0)");
  }
  if (!sameShape(broadcastShapes("maskedFill", x.shape, mask.shape), x.shape)) {
    const got = `${formatShape(mask.shape)} for ${formatShape(x.shape)}`;
    throw new ShapeError("maskedFill", "the mask must broadcast to the tensor's shape", got);
  }
  if (!isTensor(value)) {
    if (typeof value !== "number") {
      const rule = "the value must be a number, or a tensor without axes";
      throw new DTypeError("maskedFill", rule, textOf(value), numberHint(value) || "write maskedFill(x, mask, 0)");
    }
    checkFill("maskedFill", x.dtype, value);
    return where(mask, cast(constant(x, value), x.dtype), x);
  }
  if (value.shape.length > 0) {
    throw new ShapeError("maskedFill", "the value must be a number or a scalar", formatShape(value.shape), "use where");
  }
  if (isFloat(value.dtype) && !isFloat(x.dtype)) {
    throw new DTypeError("maskedFill", `the value must be of ${x.dtype}`, value.dtype, "cast the tensor first");
  }
  return where(mask, cast(value, x.dtype), x);
}
