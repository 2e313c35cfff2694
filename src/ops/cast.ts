import { apply } from "../core/apply.ts";
import { type DType, isFloat } from "../core/dtype.ts";
import { ValueError } from "../core/errors.ts";
import { placeIn } from "../core/nested.ts";
import type { Op } from "../core/op.ts";
import type { Tensor } from "../tensor.ts";
import type { OpCases } from "./cases.ts";

export const castOp: Op<DType> = {
  name: "cast",
  shape: ([x], dtype) => {
    if (dtype === "int32" && isFloat(x!.dtype)) checkFinite(x!);
    return x!.shape;
  },
  dtype: (_, dtype) => dtype,
  forward: (y, [input], dtype) => {
    const x = input!.values;
    if (dtype === "bool") for (let i = 0; i < y.length; i++) y[i] = x[i] === 0 ? 0 : 1;
    else y.set(x);
  },
  vjp: [(saved) => cast(saved.g, saved.dtypeOf(0))],
};

/** NaN must not become class 0. */
function checkFinite({ values, shape }: Tensor): void {
  const bad = values.findIndex((v) => !Number.isFinite(v));
  if (bad >= 0) throw new ValueError("cast", "int32 cannot hold it", `${values[bad]}${placeIn(bad, shape)}`);
}

/**
 * Converts to another dtype; the same tensor if it already has it. The gradient is cast back.
 *
 * To `int32`, fractions are cut off towards zero, and values beyond ±2³¹ wrap around. To `bool`, all but 0 is true
 * (NaN too). From float64 to float32, values are rounded to the nearest.
 *
 * @param x - a tensor of any shape and dtype.
 * @param dtype - the dtype of the result.
 * @throws {@link DTypeError} for an unknown dtype; {@link ValueError} for NaN or an infinity as `int32`.
 * @example
 * cast(tensor([1.7, -1.7, 0]), "int32").toArray(); // → [1, -1, 0]
 */
export function cast(x: Tensor, dtype: DType): Tensor {
  return x.dtype === dtype ? x : apply(castOp, [x], dtype);
}

export const castCases: OpCases<DType> = {
  draw: (d) => ({ inputs: [d.floats(d.shape())], attrs: "float64" }),
  errors: [
    {
      inputs: [[2]],
      attrs: "float16" as DType,
      error: 'the dtype must be float32, float64, int32 or bool, got "float16", a string',
    },
  ],
};
