import { apply, checkTensor } from "../core/apply.ts";
import { type DType, isFloat } from "../core/dtype.ts";
import { ValueError } from "../core/errors.ts";
import { placeIn } from "../core/nested.ts";
import type { Op } from "../core/op.ts";
import type { ShapeOf } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import type { OpCases } from "./cases.ts";

const conversion = (name: string): Op<DType> => ({
  name,
  shape: ([x], dtype) => {
    const { values, sizes: shape } = x!;
    if (dtype !== "int32" || !isFloat(x!.dtype)) return shape;
    for (let i = 0; i < values.length; i++) {
      const v = values[i]!;
      if (v > -(2 ** 31) - 1 && v < 2 ** 31) continue;
      throw new ValueError(
        name,
        "int32 cannot hold it",
        v + placeIn(i, shape),
        "it holds numbers from −2³¹ to 2³¹ − 1",
      );
    }
    return shape;
  },
  dtype: (_, dtype) => dtype,
  forward: (y, [input], dtype) => {
    const x = input!.values;
    if (dtype === "bool") for (let i = 0; i < y.length; i++) y[i] = x[i] === 0 ? 0 : 1;
    else y.set(x);
  },
  vjp: [(saved) => cast(saved.g, saved.dtypeOf(0))],
});

export const castOp = /* @__PURE__ */ conversion("cast");
/** The same in the name of the method. */
export const toOp = /* @__PURE__ */ conversion("to");

/**
 * Converts a tensor to another dtype. Returns the same tensor if it already has this dtype. The gradient is cast back.
 *
 * To `int32`, fractions are cut off towards zero, as in PyTorch, and a value that int32 cannot hold is an error. To `bool`, all but 0 is true
 * (NaN too). From float64 to float32, values are rounded to the nearest.
 *
 * @param x - a tensor of any shape and dtype.
 * @param dtype - the dtype of the result.
 * @throws {@link DTypeError} for an unknown dtype; {@link ValueError} for NaN, an infinity, or a number beyond ±2³¹ as `int32`.
 * @example
 * cast(tensor([1.7, -1.7, 0]), "int32").toArray(); // → [1, -1, 0]
 */
export function cast<T extends Tensor>(x: T, dtype: DType): Tensor<ShapeOf<T>>;
export function cast(x: Tensor, dtype: DType): Tensor {
  refuseMore("cast", arguments, 2);
  checkTensor("cast", x);
  return converted(castOp, x, dtype);
}

/** The result of {@link cast}, in the name of an op. */
export function converted(op: Op<DType>, x: Tensor, dtype: DType): Tensor {
  return x.dtype === dtype ? x : apply(op, [x], dtype);
}

/** Floats as they are, and integers in float64, which holds them all: for functions into the reals that subtract or add them first. */
export function widened(x: Tensor): Tensor {
  return isFloat(x.dtype) ? x : cast(x, "float64");
}

export const castCases: OpCases<DType> = {
  draw: (d) => ({ inputs: [d.floats(d.shape())], attrs: "float64" }),
  errors: [
    {
      inputs: [[2]],
      attrs: "float16" as DType,
      error: 'dtype must be "float32", "float64", "int32" or "bool", got "float16", a string',
    },
  ],
};
export const toCases = castCases;
