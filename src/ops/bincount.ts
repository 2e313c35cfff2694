import { checkTensor } from "../core/apply.ts";
import { DTypeError, ShapeError, ValueError } from "../core/errors.ts";
import { inNameOf } from "../core/inNameOf.ts";
import { placeIn } from "../core/nested.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import { describe, formatShape } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { argmin } from "./argmax.ts";
import { cast } from "./cast.ts";
import { constant } from "./define.ts";
import { expand } from "./expand.ts";
import { scatterAdd } from "./gather.ts";
import { max } from "./max.ts";

/** Options of {@link bincount}. */
export interface BincountOptions {
  /** What each element counts, a vector as long as x; 1 by default. */
  readonly weights?: Tensor;
  /** How many counts there are at least; 0 by default. */
  readonly minLength?: number;
}

/** Up to so many counts, a gigabyte of them, are made as they are asked for. */
const mostCounts = 2 ** 28;

const kinds: OptionKinds<BincountOptions> = { weights: "tensor", minLength: "number" };

/**
 * How often each integer occurs. The gradient of weights is the cotangent at each element's number.
 *
 * The length of the result depends on the values, so you cannot use this in a compiled function. Use {@link scatterAdd} there.
 *
 * @param x - a vector of int32, 0 or more.
 * @param options - `weights`: what each element counts; `minLength`: how many counts there are at least.
 * @returns a vector of `max(x) + 1` counts or more: int32, or in the weights' dtype.
 * @throws {@link DTypeError} if x is not int32.
 * @throws {@link ShapeError} if x is not a vector, or the weights' shape is another.
 * @throws {@link ValueError} for a negative number, one of 2²⁸ or more, whose counts would take gigabytes, or an unknown option.
 * @example
 * bincount(tensor([0, 3, 3], { dtype: "int32" })).toArray(); // → [1, 0, 0, 2]
 */
export function bincount(x: Tensor, options?: BincountOptions): Tensor {
  refuseMore("bincount", arguments, 2);
  checkTensor("bincount", x);
  const { weights, minLength = 0 } = checkOptions("bincount", options, kinds);
  if (x.dtype !== "int32") throw new DTypeError("bincount", "counts int32", x.dtype, 'cast first: x.to("int32")');
  if (x.sizes.length !== 1) throw new ShapeError("bincount", "takes a vector", describe(x), "flatten it first");
  if (weights !== undefined && (weights.sizes.length !== 1 || weights.sizes[0] !== x.sizes[0])) {
    throw new ShapeError(
      "bincount",
      "each element needs a weight",
      `${formatShape(weights.sizes)} for ${formatShape(x.sizes)}`,
    );
  }
  if (!Number.isSafeInteger(minLength) || minLength < 0) {
    throw new ValueError("bincount", "minLength must be a whole number", String(minLength));
  }
  let length = minLength;
  if (x.size > 0) {
    const at = argmin(x).item();
    const least = x.data[at]!;
    if (least < 0) throw new ValueError("bincount", "numbers must be 0 or more", least + placeIn(at, x.sizes));
    length = Math.max(length, max(x).item() + 1);
  }
  if (length > mostCounts) {
    const bytes = `${length} counts, ${length * 4} bytes or more`;
    const hint = "for a few large numbers take unique(x), whose counts are as many as there are different numbers";
    throw new ValueError("bincount", `there can be at most ${mostCounts} counts`, bytes, hint);
  }
  const none = cast(constant(x, 0), weights?.dtype === "bool" ? "int32" : (weights?.dtype ?? "int32"));
  const each = weights === undefined ? expand(constant(x, 1), x.sizes) : cast(weights, none.dtype);
  const counts = inNameOf("bincount", ["expand"], () => expand(none, [length]));
  return scatterAdd(counts, 0, x, each);
}
