import { DTypeError } from "./errors.ts";

/** Element type of a tensor. `float32` is the default; `int32` is for indices, `bool` for masks. */
export type DType = "float32" | "float64" | "int32" | "bool";

/** The floating-point dtypes: the only ones that carry gradients. */
export type FloatDType = "float32" | "float64";

/** The JavaScript array behind a tensor of some dtype (`bool` is stored as 0 and 1 in a `Uint8Array`). */
export type TypedArray = Float32Array | Float64Array | Int32Array | Uint8Array;

/** A fresh, zeroed array of `size` elements. */
export function allocate(dtype: DType, size: number): TypedArray {
  switch (dtype) {
    case "float32":
      return new Float32Array(size);
    case "float64":
      return new Float64Array(size);
    case "int32":
      return new Int32Array(size);
    case "bool":
      return new Uint8Array(size);
    default:
      throw new DTypeError("dtype", "must be float32, float64, int32 or bool", String(dtype));
  }
}

/** Whether `dtype` is floating point. */
export function isFloat(dtype: DType): dtype is FloatDType {
  return dtype === "float32" || dtype === "float64";
}

/** The dtype that a typed array is read into, or undefined for arrays that have none here. */
export function dtypeOfArray(array: ArrayLike<unknown>): DType | undefined {
  if (array instanceof Float32Array) return "float32";
  if (array instanceof Float64Array) return "float64";
  return array instanceof Int32Array || array instanceof Uint8Array ? "int32" : undefined;
}

const rank: Record<DType, number> = { bool: 0, int32: 1, float32: 2, float64: 3 };

/** What two dtypes are computed in: bool < int32 < float32 < float64. */
export function promote(a: DType, b: DType): DType {
  return rank[a] >= rank[b] ? a : b;
}

let defaultDtype: FloatDType = "float32";

/**
 * The floating dtype that creation functions use when none is given.
 *
 * @example
 * getDefaultDtype(); // → float32
 */
export function getDefaultDtype(): FloatDType {
  return defaultDtype;
}

/**
 * Sets the floating dtype of tensors created from now on; existing tensors keep theirs.
 *
 * @param dtype - `"float32"` or `"float64"`.
 * @throws {@link DTypeError} for any other value.
 * @example
 * setDefaultDtype("float64");
 * tensor([1, 2]).dtype; // → float64
 * setDefaultDtype("float32");
 */
export function setDefaultDtype(dtype: FloatDType): void {
  if (dtype !== "float32" && dtype !== "float64") {
    throw new DTypeError("setDefaultDtype", "needs a floating dtype", String(dtype), 'use "float32" or "float64"');
  }
  defaultDtype = dtype;
}
